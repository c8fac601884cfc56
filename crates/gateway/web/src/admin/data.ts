// The configuration with its versions, and the flows that entry points may name.
import type { MessageInitShape } from "@bufbuild/protobuf";
import { useQuery } from "@tanstack/react-query";
import { ask } from "../api/clients";
import { useApi, useSession } from "../context";
import type { Centre, ThingEditSchema } from "../gen/switchboard/directory/v1/service_pb";
import { Role } from "../gen/switchboard/directory/v1/types_pb";

export type Edit = MessageInitShape<typeof ThingEditSchema>;

export interface Configuration {
  centre: Centre;
  /** By path: `queues/billing`. */
  versions: Record<string, string>;
}

export function useConfiguration() {
  const api = useApi();
  return useQuery({
    queryKey: ["configuration"],
    queryFn: async (): Promise<Configuration> => {
      const { centre, versions } = await api.directory.getCentre({}, ask);
      if (!centre) throw new Error("an answer without a centre");
      return { centre, versions };
    },
    staleTime: 0,
    refetchOnWindowFocus: false,
  });
}

export function useFlows() {
  const api = useApi();
  return useQuery({ queryKey: ["flows"], queryFn: async () => (await api.flows.listFlows({}, ask)).flows, staleTime: 30_000 });
}

/** Supervisors see the configuration; administrators change it. */
export function useMayEdit(): boolean {
  return useSession().roles.includes(Role.ADMINISTRATOR);
}
