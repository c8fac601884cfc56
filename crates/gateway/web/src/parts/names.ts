// Names of configured things by their keys, and what the desk needs of a queue.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ask } from "../api/clients";
import { useApi, useSession } from "../context";
import type { Centre } from "../gen/switchboard/directory/v1/service_pb";
import type { Queue } from "../gen/switchboard/directory/v1/types_pb";

const CENTRE_EVERY_MS = 60_000;

export function useCentre() {
  const api = useApi();
  const { tenant } = useSession();
  return useQuery({
    queryKey: ["centre", tenant],
    queryFn: async () => (await api.directory.getCentre({}, ask)).centre,
    refetchInterval: CENTRE_EVERY_MS,
    staleTime: CENTRE_EVERY_MS / 2,
    retry: 1,
  });
}

export interface Names {
  queue: (key: string) => string;
  agent: (key: string) => string;
  entryPoint: (key: string) => string;
  queueOf: (key: string) => Queue | undefined;
}

export function namesOf(centre: Centre | undefined): Names {
  const table = (all: { key: string; name: string }[] | undefined) => new Map((all ?? []).map((each) => [each.key, each.name]));
  const queues = table(centre?.queues);
  const agents = new Map([...table(centre?.users), ...table(centre?.agents)]);
  const entryPoints = table(centre?.entryPoints);
  const byKey = new Map((centre?.queues ?? []).map((queue) => [queue.key, queue]));
  return {
    queue: (key) => queues.get(key) || key,
    agent: (key) => agents.get(key) || key,
    entryPoint: (key) => entryPoints.get(key) || key,
    queueOf: (key) => byKey.get(key),
  };
}

export function useNames(): Names {
  const { data } = useCentre();
  return useMemo(() => namesOf(data), [data]);
}
