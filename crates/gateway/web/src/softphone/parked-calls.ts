// Calls that this person parked, as long as they are: kept in the browser, so that they are found again after a reload.
import { createStore } from "zustand/vanilla";

const KEY = "switchboard.parked";
const MOST = 20;

export interface ParkedCall {
  id: string;
  label: string;
  queue: string;
}

function read(): ParkedCall[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? (kept as ParkedCall[]).filter((each) => typeof each.id === "string") : [];
  } catch {
    return [];
  }
}

const store = createStore<{ calls: ParkedCall[] }>(() => ({ calls: read() }));

function keep(calls: ParkedCall[]): void {
  localStorage.setItem(KEY, JSON.stringify(calls));
  store.setState({ calls });
}

export const parkedCalls = {
  store,
  add: (call: ParkedCall) => keep([...store.getState().calls.filter((each) => each.id !== call.id), call].slice(-MOST)),
  remove: (id: string) => keep(store.getState().calls.filter((each) => each.id !== id)),
};
