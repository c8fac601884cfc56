// What an agent does with the call itself, on whatever telephone: hold, give it away, ask somebody, bring somebody in, park,
// pause the recording.
import { ActionIcon, Button, Menu } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconArrowsExchange, IconDots, IconParking, IconPlayerPause, IconPlayerPlay, IconPlayerRecord, IconRecordMail, IconUserPlus, IconUserQuestion, IconX } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { ask } from "../api/clients";
import { useApi, useDesk, useSession } from "../context";
import type { Item } from "../desk/model";
import { FarEnd, ParticipantRole, RecordingState } from "../gen/switchboard/interaction/v1/types_pb";
import type { Call } from "../gen/switchboard/voice/v1/service_pb";
import { useShortcuts } from "../lib/hooks";
import { useNames } from "../parts/names";
import { t } from "../strings";
import { useLeaveMessage } from "./answered";
import { useCallWish, whoIs } from "./live-call";
import styles from "./softphone.module.css";
import { TargetDialog } from "./target";
import { w } from "./words";

export function CallControl({ call, live }: { call: Item; live: Call }) {
  const api = useApi();
  const desk = useDesk();
  const me = useSession().user;
  const names = useNames();
  const { busy, wish } = useCallWish(call.id);
  const { leave } = useLeaveMessage(call);
  const [dialog, setDialog] = useState<"transfer" | "add">();
  const who = call.label || t.unknownCustomer;
  const consulted = live.participants.find(({ participant }) => participant?.role === ParticipantRole.CONSULTED);
  const recorded = live.recording === RecordingState.RECORDING || live.recording === RecordingState.PAUSED;
  const paused = live.recording === RecordingState.PAUSED;

  const wishes = useMemo(
    () => ({
      hold: () => wish((about) => (live.held ? api.voice.resume(about, ask) : api.voice.hold(about, ask))),
      park: async () => {
        if (!(await wish((about) => api.voice.park(about, ask)))) return;
        desk.parkedHere({ id: call.id, label: who, queue: call.queue, agentId: me });
        notifications.show({ color: "teal", message: w.parkedSaid(who) });
      },
      record: () => wish((about) => (paused ? api.voice.resumeRecording(about, ask) : api.voice.pauseRecording(about, ask))),
    }),
    [api, wish, live.held, paused, call.id, call.queue, who, desk, me],
  );
  useShortcuts(
    useMemo(
      () => [
        ...(consulted ? [] : [{ key: "l", alt: true, run: () => void wishes.hold() }, { key: "t", alt: true, run: () => setDialog("transfer") }, { key: "p", alt: true, run: () => void wishes.park() }]),
        ...(recorded ? [{ key: "r", alt: true, run: () => void wishes.record() }] : []),
      ],
      [wishes, consulted, recorded],
    ),
  );

  if (consulted) {
    const other = whoIs(consulted.participant?.who, names);
    return (
      <>
        <span className={styles.quality} role="status" data-testid="consulting">
          {consulted.answered ? w.consulting(other) : w.ringing(other)}
        </span>
        <Button disabled={busy} onClick={() => void wish((about) => api.voice.completeTransfer(about, ask))}>
          {w.completeTransfer}
        </Button>
        <Button variant="default" disabled={busy || !consulted.answered} onClick={() => void wish((about) => api.voice.conference(about, ask))}>
          {w.together}
        </Button>
        <Button variant="default" disabled={busy} onClick={() => void wish((about) => api.voice.cancelConsult(about, ask))}>
          {w.backToCustomer}
        </Button>
      </>
    );
  }
  return (
    <>
      <Button
        variant={live.held ? "filled" : "default"}
        aria-pressed={live.held}
        disabled={busy}
        leftSection={live.held ? <IconPlayerPlay size={16} aria-hidden /> : <IconPlayerPause size={16} aria-hidden />}
        onClick={() => void wishes.hold()}
      >
        {live.held ? w.resume : w.hold}
      </Button>
      <Button variant="default" disabled={busy} leftSection={<IconArrowsExchange size={16} aria-hidden />} onClick={() => setDialog("transfer")}>
        {w.transfer}
      </Button>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <ActionIcon variant="default" size={30} aria-label={w.moreOfCall} disabled={busy}>
            <IconDots size={17} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconUserPlus size={15} aria-hidden />} onClick={() => setDialog("add")}>
            {w.add}
          </Menu.Item>
          <Menu.Item leftSection={<IconParking size={15} aria-hidden />} onClick={() => void wishes.park()}>
            {w.park}
          </Menu.Item>
          {live.canLeaveMessage && live.farEnd === FarEnd.HUMAN && (
            <Menu.Item leftSection={<IconRecordMail size={15} aria-hidden />} onClick={() => void leave()}>
              {w.leaveMessage}
            </Menu.Item>
          )}
          {recorded && (
            <Menu.Item leftSection={<IconPlayerRecord size={15} aria-hidden />} onClick={() => void wishes.record()}>
              {paused ? w.resumeRecording : w.pauseRecording}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <TargetDialog
        opened={dialog === "transfer"}
        title={w.transferTitle(who)}
        kinds={["agent", "queue", "number"]}
        busy={busy}
        onClose={() => setDialog(undefined)}
        deeds={[
          {
            name: w.giveNow,
            kinds: ["agent", "queue", "number"],
            run: async (target) => {
              const done = await wish((about) => api.voice.transfer({ ...about, target }, ask));
              if (done) notifications.show({ color: "teal", message: w.transferred(who) });
              return done;
            },
          },
          {
            name: w.askFirst,
            kinds: ["agent", "number"],
            icon: <IconUserQuestion size={15} aria-hidden />,
            run: (target) => wish((about) => api.voice.consult({ ...about, target }, ask)),
          },
        ]}
      />
      <TargetDialog
        opened={dialog === "add"}
        title={w.addTitle}
        kinds={["agent", "number"]}
        busy={busy}
        onClose={() => setDialog(undefined)}
        deeds={[{ name: w.bringIn, kinds: ["agent", "number"], run: (target) => wish((about) => api.voice.conference({ ...about, target }, ask)) }]}
      />
    </>
  );
}

/** Who else is in the call, each with the way out. */
export function Members({ call, live }: { call: Item; live: Call }) {
  const api = useApi();
  const names = useNames();
  const { busy, wish } = useCallWish(call.id);
  const members = live.participants.filter(({ participant }) => participant?.role === ParticipantRole.MEMBER);
  if (members.length === 0) return null;
  return (
    <ul className={styles.members} data-testid="members">
      {members.map(({ participant, answered }) => {
        const who = whoIs(participant?.who, names);
        return (
          <li key={participant?.participantId} className="sb-pill" data-tone={answered ? "good" : "warn"}>
            {answered ? w.inCall(who) : w.ringing(who)}
            <ActionIcon
              size={20}
              aria-label={w.putOut(who)}
              disabled={busy}
              onClick={() => void wish((about) => api.voice.dropParticipant({ ...about, participantId: participant?.participantId ?? "" }, ask))}
            >
              <IconX size={13} aria-hidden />
            </ActionIcon>
          </li>
        );
      })}
    </ul>
  );
}
