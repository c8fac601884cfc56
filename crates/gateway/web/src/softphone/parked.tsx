// Calls that this agent parked: each with the way back.
import { Button } from "@mantine/core";
import { useEffect } from "react";
import { useStore } from "zustand";
import { ask } from "../api/clients";
import { useApi } from "../context";
import desk from "../pages/desk.module.css";
import { useNames } from "../parts/names";
import { useCallWish, useLiveCall } from "./live-call";
import type { ParkedCall } from "./parked-calls";
import { parkedCalls } from "./parked-calls";
import styles from "./softphone.module.css";
import { w } from "./words";

export function ParkedCalls() {
  const calls = useStore(parkedCalls.store, (state) => state.calls);
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
  const live = useLiveCall(call.id);
  const { busy, wish } = useCallWish(call.id);
  // Somebody took it, or the customer has left.
  const gone = live.isError || live.data?.parked === false;
  useEffect(() => {
    if (gone) parkedCalls.remove(call.id);
  }, [gone, call.id]);
  return (
    <li data-testid="parked-call">
      <span>
        <b>{call.label}</b>
        <span className="sb-quiet">{names.queue(call.queue)}</span>
      </span>
      <Button size="compact-sm" variant="default" loading={busy} onClick={() => void wish((about) => api.voice.retrieve(about, ask))}>
        {w.retrieve}
      </Button>
    </li>
  );
}
