// Agents by state, the longest in it first; a place to drop an interaction on, and a menu to change their status.
import { ActionIcon, Menu } from "@mantine/core";
import { IconDots, IconList } from "@tabler/icons-react";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { useNavigate } from "react-router";
import type { AgentLive } from "../gen/switchboard/analytics/v1/service_pb";
import { AgentState, AgentStatus } from "../gen/switchboard/router/v1/types_pb";
import { useNow } from "../lib/hooks";
import styles from "../pages/live.module.css";
import { ChannelIcon, channelName, Face, Running } from "../parts/bits";
import { toneOfState } from "../parts/status";
import { t } from "../strings";
import { useDropTarget, useSupervision } from "./context";
import { isLong } from "./tones";

/** What a supervisor looks for first stands first. */
const ORDER = [
  AgentState.NOT_RESPONDING,
  AgentState.OFFERED,
  AgentState.READY,
  AgentState.BUSY,
  AgentState.WRAP_UP,
  AgentState.AWAY,
  AgentState.OFFLINE,
  AgentState.UNSPECIFIED,
];

export function Agents({ agents, skew }: { agents: AgentLive[]; skew: number }) {
  const sorted = agents.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || sinceOf(a) - sinceOf(b) || a.name.localeCompare(b.name));
  return (
    <ul className={styles.agents}>
      {sorted.map((agent) => (
        <AgentCard key={agent.agentId} agent={agent} skew={skew} />
      ))}
    </ul>
  );
}

const sinceOf = (agent: AgentLive): number => (agent.since ? timestampMs(agent.since) : 0);

function AgentCard({ agent, skew }: { agent: AgentLive; skew: number }) {
  const now = useNow() + skew;
  const supervision = useSupervision();
  const drop = useDropTarget((interaction) => void supervision.toAgent(interaction, agent.agentId, true));
  const name = agent.name || agent.agentId;
  return (
    <li className={`${styles.agent} ${styles.drop}`} data-testid="agent" data-agent={agent.agentId} {...drop}>
      <Face name={name} size={32} />
      <span className={styles.agentName}>
        <span>{name}</span>
        <span className={styles.agentSince} data-tone={isLong(agent, now) ? "bad" : undefined}>
          <span className="sb-dot" data-tone={toneOfState(agent.state)} aria-hidden />{" "}
          {agent.auxCode && agent.state === AgentState.AWAY ? t.status.awayFor(agent.auxCode) : t.agentState[agent.state]}{" "}
          <Running from={agent.since && timestampMs(agent.since)} skew={skew} />
        </span>
      </span>
      <span className={styles.loads}>
        {agent.loads
          .filter((load) => load.slots > 0)
          .map((load) => (
            <span key={load.channel} className="sb-number" title={channelName(load.channel)}>
              <ChannelIcon channel={load.channel} size={13} named />
              {load.used}/{load.slots}
            </span>
          ))}
      </span>
      <AgentMenu agent={agent} name={name} />
    </li>
  );
}

function AgentMenu({ agent, name }: { agent: AgentLive; name: string }) {
  const supervision = useSupervision();
  const navigate = useNavigate();
  const choices: [AgentStatus, string][] = [
    [AgentStatus.AVAILABLE, t.status.available],
    [AgentStatus.AWAY, t.status.away],
    [AgentStatus.OFFLINE, t.status.offline],
  ];
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <ActionIcon aria-label={t.supervise.actionsOf(name)}>
          <IconDots size={17} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t.supervise.setStatus}</Menu.Label>
        {choices.map(([status, label]) => (
          <Menu.Item key={status} disabled={agent.status === status && agent.state !== AgentState.NOT_RESPONDING} onClick={() => void supervision.setStatus(agent.agentId, status)}>
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconList size={15} aria-hidden />} onClick={() => void navigate(`/interactions?agent=${encodeURIComponent(agent.agentId)}`)}>
          {t.supervise.interactionsOf}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
