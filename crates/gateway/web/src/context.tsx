// What every page reaches for: the centre's services, who is signed in, and the desk of an agent.
import { createContext, useContext, useSyncExternalStore } from "react";
import { useStore } from "zustand";
import type { Api } from "./api/clients";
import type { Session, SessionState } from "./api/session";
import type { Desk, DeskStore } from "./desk/desk";

export const ApiContext = createContext<Api | undefined>(undefined);
export const SessionContext = createContext<Session | undefined>(undefined);
export const DeskContext = createContext<Desk | undefined>(undefined);

export function useApi(): Api {
  const api = useContext(ApiContext);
  if (!api) throw new Error("no ApiContext above");
  return api;
}

export function useSessionState(): SessionState {
  const { session } = useApi();
  return useSyncExternalStore(session.subscribe, session.snapshot);
}

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("nobody is signed in");
  return session;
}

/** The agent's desk; undefined for people who take no work. */
export function useMaybeDesk(): Desk | undefined {
  return useContext(DeskContext);
}

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error("no agent is signed in");
  return desk;
}

export function useDeskState<T>(select: (state: DeskStore) => T): T {
  return useStore(useDesk().store, select);
}
