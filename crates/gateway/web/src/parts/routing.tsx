// Why an interaction went to whom: every offer, the agents looked at, and how the router sees it now.
import { Loader, Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ask } from "../api/clients";
import { useApi } from "../context";
import type { OfferRecord as Offer } from "../gen/switchboard/router/v1/service_pb";
import type { Decision } from "../gen/switchboard/router/v1/types_pb";
import { CandidateVerdict, OfferOutcome } from "../gen/switchboard/router/v1/types_pb";
import { exact, ms, secondOfDay } from "../lib/time";
import styles from "../pages/interactions.module.css";
import { t } from "../strings";
import type { Tone } from "./bits";
import { Pill } from "./bits";
import { useNames } from "./names";

const EVERY_MS = 3_000;

export function Routing({ id, closed }: { id: string; closed: boolean }) {
  const api = useApi();
  const why = useQuery({
    queryKey: ["explain", id],
    queryFn: () => api.router.explain({ interactionId: id }, ask),
    refetchInterval: closed ? false : EVERY_MS,
    retry: false,
  });
  if (why.isPending) return <Loader size="xs" />;
  if (!why.data || (why.data.offers.length === 0 && !why.data.now))
    return (
      <p className="sb-quiet" style={{ margin: 0 }}>
        {t.interaction.noRouting}
      </p>
    );
  return (
    <>
      {why.data.now && (
        <div className={styles.offer}>
          <div className={styles.offerHead}>
            <strong>{t.interaction.now}</strong>
          </div>
          <DecisionView decision={why.data.now} />
        </div>
      )}
      {why.data.offers.toReversed().map((offer) => (
        <OfferView key={offer.offerId} offer={offer} />
      ))}
    </>
  );
}

const toneOfOutcome = (outcome: OfferOutcome): Tone =>
  outcome === OfferOutcome.ACCEPTED ? "good" : outcome === OfferOutcome.UNSPECIFIED ? "accent" : outcome === OfferOutcome.RESCINDED ? "off" : "warn";

function OfferView({ offer }: { offer: Offer }) {
  const names = useNames();
  const made = ms(offer.madeAt);
  return (
    <div className={styles.offer}>
      <div className={styles.offerHead}>
        <strong>{t.interaction.offerTo(names.agent(offer.agentId))}</strong>
        <Pill tone={toneOfOutcome(offer.outcome)}>{t.outcome[offer.outcome]}</Pill>
        {made !== undefined && (
          <time className="sb-quiet" style={{ fontSize: "0.75rem" }} title={exact(made)}>
            {secondOfDay(made)}
          </time>
        )}
      </div>
      {offer.decision && <DecisionView decision={offer.decision} />}
    </div>
  );
}

const toneOfVerdict = (verdict: CandidateVerdict): Tone =>
  verdict === CandidateVerdict.CHOSEN ? "good" : verdict === CandidateVerdict.OUTRANKED ? "accent" : "off";

function DecisionView({ decision }: { decision: Decision }) {
  const names = useNames();
  const ranked = (verdict: CandidateVerdict) => verdict === CandidateVerdict.CHOSEN || verdict === CandidateVerdict.OUTRANKED;
  return (
    <>
      <p className={styles.decision}>
        {names.queue(decision.queue)} · {t.interaction.placeOf(decision.position, decision.waiting)} · {t.interaction.ring(decision.ring + 1)}:{" "}
        {decision.expression || t.interaction.everyone} · {decision.strategy}
      </p>
      {decision.candidates.length > 0 && (
        <div className="sb-scroll">
          <Table verticalSpacing={6} horizontalSpacing={10} aria-label={t.interaction.candidates}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t.interaction.agent}</Table.Th>
                <Table.Th>{t.interaction.verdict}</Table.Th>
                <Table.Th>{t.interaction.detail}</Table.Th>
                <Table.Th ta="right">{t.interaction.rank}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {decision.candidates.map((candidate, index) => (
                <Table.Tr key={candidate.agentId}>
                  <Table.Td>{names.agent(candidate.agentId)}</Table.Td>
                  <Table.Td>
                    <Pill tone={toneOfVerdict(candidate.verdict)}>{t.verdict[candidate.verdict]}</Pill>
                  </Table.Td>
                  <Table.Td className="sb-quiet">{candidate.detail}</Table.Td>
                  <Table.Td ta="right" className="sb-number">
                    {ranked(candidate.verdict) ? <span title={`${t.interaction.score} ${candidate.score}`}>{index + 1}</span> : ""}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      {decision.others.map((other) => (
        <p key={other.verdict} className={styles.decision}>
          {t.interaction.others(other.agents, t.verdict[other.verdict] ?? "")}
        </p>
      ))}
    </>
  );
}
