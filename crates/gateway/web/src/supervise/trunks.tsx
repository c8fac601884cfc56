// The ways to the telephone network, as every voice instance sees them. Nothing where there are none.
import { Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ask } from "../api/clients";
import { useApi } from "../context";
import type { Trunk } from "../gen/switchboard/voice/v1/service_pb";
import { TrunkRegistration } from "../gen/switchboard/voice/v1/service_pb";
import styles from "../pages/live.module.css";
import type { Tone } from "../parts/bits";
import { Pill } from "../parts/bits";
import { t } from "../strings";

const EVERY_MS = 5_000;

/** What people are told of a trunk, and how urgently. */
export function standingOf(trunk: Trunk): { tone: Tone; text: string } {
  if (!trunk.up) return { tone: "bad", text: t.supervise.trunkSilent };
  switch (trunk.registration) {
    case TrunkRegistration.UNSPECIFIED:
    case TrunkRegistration.NONE:
      return { tone: "good", text: t.supervise.trunkUp };
    case TrunkRegistration.SIGNED_IN:
      return { tone: "good", text: t.supervise.trunkSignIn[trunk.registration] ?? "" };
    case TrunkRegistration.PENDING:
      return { tone: "warn", text: t.supervise.trunkSignIn[trunk.registration] ?? "" };
    default:
      return { tone: "bad", text: t.supervise.trunkSignIn[trunk.registration] ?? "" };
  }
}

export function Trunks() {
  const api = useApi();
  const found = useQuery({
    queryKey: ["trunks"],
    queryFn: async () => (await api.voice.listTrunks({}, ask)).trunks,
    refetchInterval: EVERY_MS,
    placeholderData: (before) => before,
    retry: false,
  });
  const trunks = found.data ?? [];
  if (trunks.length === 0) return null;
  return (
    <section className={styles.block} aria-label={t.supervise.trunks} data-testid="trunks">
      <h2>{t.supervise.trunks}</h2>
      <div className="sb-card sb-scroll">
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t.supervise.trunk}</Table.Th>
              <Table.Th>{t.supervise.trunkOn}</Table.Th>
              <Table.Th>{t.supervise.trunkState}</Table.Th>
              <Table.Th ta="right">{t.supervise.trunkCalls}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {trunks.map((trunk) => (
              <Row key={`${trunk.instance} ${trunk.name}`} trunk={trunk} />
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </section>
  );
}

function Row({ trunk }: { trunk: Trunk }) {
  const { tone, text } = standingOf(trunk);
  const full = trunk.maxCalls > 0 && trunk.calls >= trunk.maxCalls;
  return (
    <Table.Tr data-testid="trunk">
      <Table.Th scope="row" fw={560} title={trunk.address}>
        {trunk.name}
      </Table.Th>
      <Table.Td>{trunk.instance}</Table.Td>
      <Table.Td>
        <Pill tone={tone} dot>
          {text}
        </Pill>{" "}
        {tone === "bad" && trunk.detail !== "" && <span className="sb-quiet">{trunk.detail}</span>}
      </Table.Td>
      <Table.Td ta="right" className={`sb-number ${styles.cell}`} data-tone={full ? "bad" : undefined}>
        {trunk.calls} / {trunk.maxCalls}
      </Table.Td>
    </Table.Tr>
  );
}
