// Recordings of a call: the picture of its sound, played from anywhere in it, by mouse or keyboard.
import { ActionIcon, Loader } from "@mantine/core";
import { IconPlayerPauseFilled, IconPlayerPlayFilled } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { KeyboardEvent, PointerEvent } from "react";
import { useEffect, useMemo } from "react";
import { useStore } from "zustand";
import { ask } from "../api/clients";
import { sayError } from "../api/errors";
import { useApi } from "../context";
import type { GetRecordingResponse, Recording } from "../gen/switchboard/voice/v1/recordings_pb";
import { clock, date, length, ms } from "../lib/time";
import { t } from "../strings";
import { Ago } from "./bits";
import { useNames } from "./names";
import { Player } from "./player";
import styles from "./recordings.module.css";
import { outline } from "./wave";

const COLUMNS = 400;
const HEIGHT = 64;
const STEP_MS = 5_000;
const LEAP_MS = 30_000;
const GROWS_EVERY_MS = 5_000;
/** A message may be heard from a moment after its call-back was taken. */
const MESSAGE_TRIES = 5;

/** Nothing when there are none, or none that this person may hear. */
export function Recordings({ interactionId, className }: { interactionId: string; className?: string }) {
  const api = useApi();
  const found = useQuery({
    queryKey: ["recordings", interactionId],
    queryFn: async () => (await api.recordings.listRecordings({ interactionId }, ask)).recordings,
    refetchInterval: (query) => (query.state.data?.some((each) => !each.length) ? GROWS_EVERY_MS : false),
    retry: false,
  });
  if (!found.data || found.data.length === 0) return null;
  return (
    <section className={className} aria-label={t.recording.title} data-testid="recordings">
      {className !== undefined && <h2>{t.recording.title}</h2>}
      <ul className={styles.list}>
        {found.data.map((recording) => (
          <One key={recording.recordingId} recording={recording} />
        ))}
      </ul>
    </section>
  );
}

/** What a customer said, for whoever calls them back about it. Not theirs to hear before they have taken it. */
export function Message({ recordingId }: { recordingId: string }) {
  const api = useApi();
  const seen = useQuery({
    queryKey: ["recording", recordingId, "message"],
    queryFn: () => api.recordings.getRecording({ recordingId, columns: COLUMNS }, ask),
    retry: MESSAGE_TRIES,
    retryDelay: 1_000,
    staleTime: Infinity,
  });
  return (
    <section className={styles.message} aria-label={t.recording.message} data-testid="message-left">
      <p className={styles.about}>
        <b>{t.recording.message}</b>
        <Ago at={ms(seen.data?.recording?.startedAt)} />
      </p>
      {seen.isPending ? <Loader size="xs" /> : seen.isError ? <p className="sb-error">{sayError(seen.error)}</p> : <Sound id={recordingId} seen={seen.data} />}
    </section>
  );
}

function One({ recording }: { recording: Recording }) {
  const api = useApi();
  const names = useNames();
  const kept = ms(recording.keptUntil);
  const seen = useQuery({
    // Of one that goes on this is what there is so far.
    queryKey: ["recording", recording.recordingId, length(recording.length)],
    queryFn: () => api.recordings.getRecording({ recordingId: recording.recordingId, columns: COLUMNS }, ask),
    retry: false,
    staleTime: recording.length ? Infinity : GROWS_EVERY_MS,
  });
  return (
    <li className={styles.one} data-testid="recording">
      <p className={styles.about}>
        <Ago at={ms(recording.startedAt)} />
        {recording.agentId !== "" && <span>{t.customer.handledBy(names.agent(recording.agentId))}</span>}
        {!recording.length && <span>{t.recording.goesOn}</span>}
        {kept !== undefined && <span>{t.recording.keptUntil(date(kept))}</span>}
      </p>
      {seen.isPending ? <Loader size="xs" /> : seen.isError ? <p className="sb-error">{sayError(seen.error)}</p> : <Sound id={recording.recordingId} seen={seen.data} />}
    </li>
  );
}

function Sound({ id, seen }: { id: string; seen: GetRecordingResponse }) {
  const api = useApi();
  const whole = length(seen.recording?.length) ?? 0;
  const player = useMemo(() => new Player(api, id, whole), [api, id, whole]);
  useEffect(() => () => player.close(), [player]);
  return <Controls player={player} seen={seen} />;
}

function Controls({ player, seen }: { player: Player; seen: GetRecordingResponse }) {
  const { playing, loading, at, problem } = useStore(player.store);
  const whole = player.length;
  const paths = useMemo(() => [outline(seen.leftPeaks, HEIGHT / 2, -1), outline(seen.rightPeaks, HEIGHT / 2, 1)], [seen]);
  const share = whole > 0 ? at / whole : 0;

  const onKey = (event: KeyboardEvent) => {
    const to: Record<string, number> = {
      ArrowLeft: at - STEP_MS,
      ArrowDown: at - STEP_MS,
      ArrowRight: at + STEP_MS,
      ArrowUp: at + STEP_MS,
      PageDown: at - LEAP_MS,
      PageUp: at + LEAP_MS,
      Home: 0,
      End: whole,
    };
    const wanted = to[event.key];
    if (wanted !== undefined) void player.seek(wanted);
    else if (event.key === " " || event.key === "Enter") player.toggle();
    else return;
    event.preventDefault();
  };
  const onPoint = (event: PointerEvent<HTMLDivElement>) => {
    if (event.buttons !== 1) return;
    const box = event.currentTarget.getBoundingClientRect();
    void player.seek(((event.clientX - box.left) / box.width) * whole);
  };
  return (
    <>
      <div className={styles.player}>
        <ActionIcon
          size={38}
          radius="xl"
          variant="filled"
          color="iris"
          aria-label={playing ? t.recording.pause : t.recording.play}
          data-testid="play"
          data-playing={playing && !loading}
          onClick={() => player.toggle()}
        >
          {loading ? <Loader size={16} color="currentColor" /> : playing ? <IconPlayerPauseFilled size={18} aria-hidden /> : <IconPlayerPlayFilled size={18} aria-hidden />}
        </ActionIcon>
        <div
          className={styles.wave}
          role="slider"
          tabIndex={0}
          aria-label={t.recording.place}
          aria-valuemin={0}
          aria-valuemax={Math.round(whole / 1_000)}
          aria-valuenow={Math.round(at / 1_000)}
          aria-valuetext={t.recording.of(clock(at), clock(whole))}
          data-testid="wave"
          onKeyDown={onKey}
          onPointerDown={onPoint}
          onPointerMove={onPoint}
        >
          <svg viewBox={`0 0 ${COLUMNS} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden>
            <path d={paths[0]} className={styles.customer} />
            <path d={paths[1]} className={styles.agent} />
          </svg>
          <span className={styles.played} style={{ width: `${share * 100}%` }} aria-hidden />
        </div>
        <span className={`sb-number ${styles.time}`}>
          {clock(at)} / {clock(whole)}
        </span>
      </div>
      <p className={styles.legend} aria-hidden>
        <span data-side="customer">{t.recording.customer}</span>
        <span data-side="agent">{t.recording.agent}</span>
      </p>
      {problem !== undefined && (
        <p className="sb-error" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}
