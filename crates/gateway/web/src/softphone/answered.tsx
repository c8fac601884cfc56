// What has answered an outgoing call, as its sound tells, and the message that may be left on a machine.
import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconRecordMail } from "@tabler/icons-react";
import { ask } from "../api/clients";
import { useApi } from "../context";
import type { Item } from "../desk/model";
import { FarEnd } from "../gen/switchboard/interaction/v1/types_pb";
import type { Call } from "../gen/switchboard/voice/v1/service_pb";
import { t } from "../strings";
import { useCallWish } from "./live-call";
import { w } from "./words";

/** Said only when it is no person: whoever talks with one sees nothing. */
export function AnsweredBy({ live }: { live: Call }) {
  const what = w.farEnd[live.farEnd];
  if (!what) return null;
  return (
    <span className="sb-pill" data-tone="warn" role="status" data-testid="far-end">
      {what}
    </span>
  );
}

/** Has the queue's message left. */
export function useLeaveMessage(call: Item): { busy: boolean; leave: () => Promise<void> } {
  const api = useApi();
  const { busy, wish } = useCallWish(call.id);
  const leave = async () => {
    if (await wish((about) => api.voice.leaveMessage(about, ask))) {
      notifications.show({ color: "teal", message: w.messageIsLeft(call.label || t.unknownCustomer) });
    }
  };
  return { busy, leave };
}

/** With a person it is out of the way, among the rest of what can be done with a call. */
export function LeaveMessage({ call, live }: { call: Item; live: Call }) {
  const { busy, leave } = useLeaveMessage(call);
  if (!live.canLeaveMessage || live.farEnd === FarEnd.HUMAN) return null;
  return (
    <Button
      variant={live.farEnd === FarEnd.MACHINE ? "filled" : "default"}
      disabled={busy}
      leftSection={<IconRecordMail size={16} aria-hidden />}
      onClick={() => void leave()}
    >
      {w.leaveMessage}
    </Button>
  );
}
