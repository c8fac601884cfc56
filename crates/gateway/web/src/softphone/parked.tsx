// Parked calls of all agents: whoever is free takes one.
import { Button } from "@mantine/core";
import { ask } from "../api/clients";
import { useApi, useDesk, useDeskState, useSession } from "../context";
import type { ParkedCall } from "../desk/model";
import desk from "../pages/desk.module.css";
import { Ago } from "../parts/bits";
import { useNames } from "../parts/names";
import { t } from "../strings";
import { useCallWish } from "./live-call";
import styles from "./softphone.module.css";
import { w } from "./words";

export function ParkedCalls() {
  const calls = useDeskState((state) => state.parkedCalls);
  if (calls.length === 0) return null;
  return (
    <div className={styles.parkedCalls}>
      <div className={desk.group}>{w.parkedCalls}</div>
      <ul className={styles.parked} aria-label={w.parkedCalls}>
        {calls.map((call) => (
          <Row key={call.id} call={call} />
        ))}
      </ul>
    </div>
  );
}

function Row({ call }: { call: ParkedCall }) {
  const api = useApi();
  const names = useNames();
  const desk = useDesk();
  const own = call.agentId === useSession().user;
  const { busy, wish } = useCallWish(call.id);
  const take = async () => {
    if (await wish((about) => api.voice.retrieve(about, ask))) desk.takenHere(call.id);
  };
  return (
    <li data-testid="parked-call">
      <span>
        <b>{call.label || t.unknownCustomer}</b>
        <span className="sb-quiet">
          {own ? names.queue(call.queue) : w.parkedBy(names.agent(call.agentId), names.queue(call.queue))} · <Ago at={call.at} />
        </span>
      </span>
      <Button size="compact-sm" variant="default" loading={busy} onClick={() => void take()}>
        {own ? w.retrieve : w.take}
      </Button>
    </li>
  );
}
