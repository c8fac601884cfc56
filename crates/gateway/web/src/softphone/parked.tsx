// Parked calls of all agents: whoever is free takes one.
import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { ask } from "../api/clients";
import { useApi, useSession } from "../context";
import type { ParkedCall } from "../gen/switchboard/voice/v1/service_pb";
import { ms } from "../lib/time";
import desk from "../pages/desk.module.css";
import { Ago } from "../parts/bits";
import { useNames } from "../parts/names";
import { t } from "../strings";
import { useCallWish } from "./live-call";
import { takenHere, useParkedCalls } from "./parked-calls";
import styles from "./softphone.module.css";
import { w } from "./words";

export function ParkedCalls() {
  const calls = useParkedCalls();
  if (calls.length === 0) return null;
  return (
    <div className={styles.parkedCalls}>
      <div className={desk.group}>{w.parkedCalls}</div>
      <ul className={styles.parked} aria-label={w.parkedCalls}>
        {calls.map((call) => (
          <Row key={call.interactionId} call={call} />
        ))}
      </ul>
    </div>
  );
}

function Row({ call }: { call: ParkedCall }) {
  const api = useApi();
  const names = useNames();
  const queries = useQueryClient();
  const own = call.agentId === useSession().user;
  const { busy, wish } = useCallWish(call.interactionId);
  const take = async () => {
    if (await wish((about) => api.voice.retrieve(about, ask))) takenHere(queries, call.interactionId);
  };
  return (
    <li data-testid="parked-call">
      <span>
        <b>{call.label || t.unknownCustomer}</b>
        <span className="sb-quiet">
          {own ? names.queue(call.queue) : w.parkedBy(names.agent(call.agentId), names.queue(call.queue))} · <Ago at={ms(call.parkedAt)} />
        </span>
      </span>
      <Button size="compact-sm" variant="default" loading={busy} onClick={() => void take()}>
        {own ? w.retrieve : w.take}
      </Button>
    </li>
  );
}
