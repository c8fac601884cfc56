// What rings: docked over the page's corner so that nothing moves, answered with Enter, declined with Escape.
import { Button, Kbd } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconDeviceLandlinePhone } from "@tabler/icons-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { sayError } from "../api/errors";
import { useDesk, useDeskState } from "../context";
import type { Item } from "../desk/model";
import { isRinging } from "../desk/model";
import { ringing } from "../desk/ring";
import { Channel } from "../gen/switchboard/interaction/v1/types_pb";
import { CandidateVerdict } from "../gen/switchboard/router/v1/types_pb";
import { AudioProblem } from "../softphone/audio";
import { usePhone, useSoftphone } from "../softphone/context";
import { useDialling } from "../softphone/dialling";
import { OwnCalls } from "../softphone/own-call";
import { PhoneProblem } from "../softphone/problem";
import { askedBy, Guests, useInvitations } from "../softphone/guests";
import { isTyping, useNow, useShortcuts } from "../lib/hooks";
import { clock } from "../lib/time";
import { t } from "../strings";
import { ChannelIcon, channelName } from "./bits";
import { useNames } from "./names";
import styles from "./offers.module.css";

const MAX_SHOWN = 3;

export function Offers() {
  const items = useDeskState((state) => state.items);
  const order = useDeskState((state) => state.order);
  const navigate = useNavigate();
  const names = useNames();
  const softphone = useSoftphone();
  // Whoever speaks in the call already needs not answer it.
  const speaking = usePhone((state) => (state.call?.phase === "on" ? state.call.id : undefined));
  const here = usePhone((state) => state.on);
  const dialled = useDialling((state) => state.dialled);
  const invitations = useInvitations();
  const offers = useMemo(
    () => order.flatMap((id) => (items[id] && isRinging(items[id]) && id !== speaking ? [items[id]] : [])),
    [items, order, speaking],
  );
  const first = offers[0]?.id;

  // A call that was asked for here is answered by itself.
  const wanted = here ? offers.find((offer) => dialled.includes(offer.id))?.id : undefined;
  useEffect(() => {
    if (!wanted) return;
    softphone
      .answer(wanted)
      .then(() => navigate(`/desk/${wanted}`))
      .catch((error: unknown) => notifications.show({ color: "red", message: error instanceof AudioProblem ? error.message : sayError(error) }));
  }, [wanted, softphone, navigate]);

  useEffect(() => {
    const asked = invitations.filter((each) => !each.answered);
    ringing.ring(
      [
        ...offers.map((offer) => ({
          id: offer.id,
          who: offer.label || t.unknownCustomer,
          text: t.offer.announce(channelName(offer.channel), offer.label || t.unknownCustomer, names.queue(offer.queue)),
        })),
        ...asked.map((each) => ({ id: each.id, who: names.agent(each.askedBy), text: askedBy(each, names.agent(each.askedBy)) })),
      ],
      () => void navigate("/desk"),
    );
  }, [offers, invitations, names, navigate]);
  useEffect(() => () => ringing.ring([], () => undefined), []);

  useShortcuts(useMemo(() => [{ key: "o", alt: true, run: () => document.querySelector<HTMLElement>("[data-offer]")?.focus() }], []));

  // Whoever is not typing has the offer under their fingers at once.
  useEffect(() => {
    if (first && !isTyping(document.activeElement)) document.querySelector<HTMLElement>("[data-offer]")?.focus();
  }, [first]);

  return (
    <section className={styles.dock} aria-label={t.offer.region} aria-live="assertive">
      {offers.slice(0, MAX_SHOWN).map((offer) => (
        <Offer key={offer.offerId} offer={offer} />
      ))}
      <Guests />
      <OwnCalls />
      {offers.length > MAX_SHOWN && <div className="sb-pill">{t.offer.more(offers.length - MAX_SHOWN)}</div>}
    </section>
  );
}

function Offer({ offer }: { offer: Item }) {
  const desk = useDesk();
  const navigate = useNavigate();
  const names = useNames();
  const skew = useDeskState((state) => state.skew);
  const now = useNow() + skew;
  const card = useRef<HTMLDivElement>(null);
  const [busy, setBusy] = useState(false);
  const softphone = useSoftphone();
  const here = usePhone((state) => state.on);
  // Of a call-back too: whoever picks up accepts it, then the customer is called.
  const call = offer.channel === Channel.VOICE;
  const phone = call && !here;
  const who = offer.label || t.unknownCustomer;

  const answer = useCallback(
    async (accept: boolean) => {
      setBusy(true);
      try {
        if (accept) {
          // Accepting a call answers it: the centre accepts the offer when the audio comes.
          if (call) await softphone.answer(offer.id);
          else await desk.accept(offer.id);
          void navigate(`/desk/${offer.id}`);
        } else await desk.decline(offer.id);
      } catch (error) {
        notifications.show({ color: "red", message: error instanceof AudioProblem ? error.message : sayError(error) });
      } finally {
        setBusy(false);
      }
    },
    [call, desk, navigate, offer.id, softphone],
  );

  const left = offer.offerExpiresAt === undefined ? undefined : Math.max(0, offer.offerExpiresAt - now);
  const [whole] = useState(() => left);
  return (
    <div
      ref={card}
      className={styles.offer}
      role="group"
      tabIndex={-1}
      data-offer={offer.id}
      data-testid="offer"
      aria-label={t.offer.announce(channelName(offer.channel), who, names.queue(offer.queue))}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !busy) void answer(false);
        if (event.key === "Enter" && event.target === card.current && !phone && !busy) void answer(true);
      }}
    >
      <div className={styles.head}>
        <span className={styles.bell}>
          <ChannelIcon channel={offer.channel} size={19} />
        </span>
        <div style={{ minWidth: 0 }}>
          <div className={styles.who}>{who}</div>
          <div className={styles.kind}>
            {offer.callbackPhone ? t.offer.callback : t.offer.incoming(channelName(offer.channel))} · {names.queue(offer.queue)}
          </div>
        </div>
      </div>
      <Why offer={offer} now={now} />
      {call && here && <PhoneProblem />}
      <div className={styles.actions}>
        {phone ? (
          <span className={styles.phone}>
            <IconDeviceLandlinePhone size={18} stroke={1.7} aria-hidden />
            {t.offer.onPhone}
          </span>
        ) : (
          <Button size="sm" px="sm" loading={busy} onClick={() => void answer(true)} rightSection={<Kbd size="xs">↵</Kbd>}>
            {t.offer.accept}
          </Button>
        )}
        <Button size="sm" px="sm" variant="default" disabled={busy} onClick={() => void answer(false)} rightSection={<Kbd size="xs">Esc</Kbd>}>
          {t.offer.decline}
        </Button>
      </div>
      {left !== undefined && whole ? (
        <span className={styles.left} style={{ width: `${Math.min(100, (left / whole) * 100)}%` }} aria-hidden />
      ) : null}
    </div>
  );
}

/** Why the router chose this agent, in one line. */
function Why({ offer, now }: { offer: Item; now: number }) {
  const decision = offer.decision;
  const chosen = decision?.candidates.find((candidate) => candidate.verdict === CandidateVerdict.CHOSEN);
  return (
    <p className={styles.why}>
      {offer.queuedAt !== undefined && (
        <>
          <b className="sb-number">{t.offer.waited(clock(now - offer.queuedAt))}</b>
          {decision && decision.waiting > 0 ? `, ${t.offer.of(decision.position, decision.waiting)}` : ""}
          <br />
        </>
      )}
      {offer.whisper && (
        <>
          {offer.whisper}
          <br />
        </>
      )}
      {decision && (
        <>
          {t.offer.why}: {t.offer.whyText(decision.strategy, decision.expression)}
          {chosen?.detail ? ` (${chosen.detail})` : ""}
        </>
      )}
    </p>
  );
}
