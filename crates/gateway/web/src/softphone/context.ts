// The telephone of this page, for the parts that show it.
import { createContext, useContext } from "react";
import { useStore } from "zustand";
import type { PhoneStore, Softphone } from "./softphone";

export const SoftphoneContext = createContext<Softphone | undefined>(undefined);

export function useSoftphone(): Softphone {
  const phone = useContext(SoftphoneContext);
  if (!phone) throw new Error("no telephone above");
  return phone;
}

export function usePhone<T>(select: (state: PhoneStore) => T): T {
  return useStore(useSoftphone().store, select);
}
