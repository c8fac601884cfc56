// The agent's own status: one click to change it, how long they have been in their state, what comes next.
import { Menu, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconChevronDown } from "@tabler/icons-react";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { useState } from "react";
import { sayError } from "../api/errors";
import { useDesk, useDeskState } from "../context";
import { AgentState, AgentStatus } from "../gen/switchboard/router/v1/types_pb";
import { t } from "../strings";
import type { Tone } from "./bits";
import { Running } from "./bits";
import styles from "./shell.module.css";

export const toneOfState = (state: AgentState | undefined): Tone => {
  switch (state) {
    case AgentState.READY:
      return "good";
    case AgentState.OFFERED:
    case AgentState.BUSY:
    case AgentState.WRAP_UP:
      return "accent";
    case AgentState.AWAY:
      return "warn";
    case AgentState.NOT_RESPONDING:
      return "bad";
    default:
      return "off";
  }
};

const choices: { status: AgentStatus; name: string; tone: Tone }[] = [
  { status: AgentStatus.AVAILABLE, name: t.status.available, tone: "good" },
  { status: AgentStatus.AWAY, name: t.status.away, tone: "warn" },
  { status: AgentStatus.OFFLINE, name: t.status.offline, tone: "off" },
];
const nameOf = (status: AgentStatus): string => choices.find((choice) => choice.status === status)?.name ?? "";

export function StatusControl() {
  const desk = useDesk();
  const agent = useDeskState((state) => state.agent);
  const skew = useDeskState((state) => state.skew);
  const [wished, setWished] = useState<AgentStatus>();

  const set = async (status: AgentStatus, reason = "") => {
    setWished(status);
    try {
      await desk.setStatus(status, reason);
    } catch (error) {
      notifications.show({ color: "red", message: sayError(error) });
    } finally {
      setWished(undefined);
    }
  };

  const shown = wished ?? agent?.status;
  const stuck = agent?.state === AgentState.NOT_RESPONDING;
  return (
    <div className={styles.status}>
      <div className={styles.state} aria-live="polite">
        <Tooltip label={stuck ? t.status.notResponding : t.status.label}>
          <span>
            <strong style={{ fontWeight: 560, color: stuck ? "var(--sb-bad)" : undefined }} data-testid="agent-state">
              {agent?.auxCode && agent.state === AgentState.AWAY ? t.status.awayFor(agent.auxCode) : t.agentState[agent?.state ?? 0]}
            </strong>
            {agent?.nextStatus ? <span className="sb-quiet"> {t.status.then(nameOf(agent.nextStatus))}</span> : null}
          </span>
        </Tooltip>
        <span className="sb-quiet" aria-live="off">
          <Running from={agent?.stateSince && timestampMs(agent.stateSince)} skew={skew} />
        </span>
      </div>
      <div className={styles.segments} role="group" aria-label={t.status.label}>
        {choices.map(({ status, name, tone }) => (
          <button
            key={status}
            type="button"
            id={status === AgentStatus.AVAILABLE ? "my-status" : undefined}
            className={styles.segment}
            aria-pressed={shown === status}
            onClick={() => void set(status)}
          >
            <span className="sb-dot" data-tone={shown === status ? tone : "off"} aria-hidden />
            {name}
          </button>
        ))}
        <Menu position="bottom-end" shadow="md">
          <Menu.Target>
            <button type="button" className={`${styles.segment} ${styles.why}`} aria-label={t.status.why}>
              <IconChevronDown size={15} aria-hidden />
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>{t.status.why}</Menu.Label>
            {t.status.reasons.map((reason) => (
              <Menu.Item key={reason} onClick={() => void set(AgentStatus.AWAY, reason.toLowerCase())}>
                {reason}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </div>
    </div>
  );
}
