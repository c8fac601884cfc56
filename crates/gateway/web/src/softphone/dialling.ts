// Calling out from the desk: the small form that is opened from anywhere, and which calls this person began.
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";

const MOST = 20;

export interface Dialling {
  opened: boolean;
  number: string;
  /** For people; empty: the number. */
  label: string;
  /** Calls that were asked for here: they are answered by themselves, the person has decided. */
  dialled: string[];
}

const store = createStore<Dialling>(() => ({ opened: false, number: "", label: "", dialled: [] }));

export const dialling = {
  open: (number = "", label = "") => store.setState({ opened: true, number, label }),
  close: () => store.setState({ opened: false }),
  write: (number: string) => store.setState({ number, label: "" }),
  began: (id: string) => store.setState((state) => ({ dialled: [...state.dialled, id].slice(-MOST) })),
};

export function useDialling<T>(select: (state: Dialling) => T): T {
  return useStore(store, select);
}
