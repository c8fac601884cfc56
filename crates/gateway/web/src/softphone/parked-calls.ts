// Calls that wait for somebody to take them: everybody's, as the centre knows them.
import type { QueryClient } from "@tanstack/react-query";
import { useQuery } from "@tanstack/react-query";
import { create } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { ask } from "../api/clients";
import { useApi } from "../context";
import type { ParkedCall } from "../gen/switchboard/voice/v1/service_pb";
import { ParkedCallSchema } from "../gen/switchboard/voice/v1/service_pb";

/** While there are some, and while there are none. */
const LOOK_EVERY_MS = 2_000;
const LOOK_SELDOM_MS = 8_000;
const KEY = ["parked-calls"];

/** The longest parked first; empty while it is not known. */
export function useParkedCalls(): ParkedCall[] {
  const api = useApi();
  const found = useQuery({
    queryKey: KEY,
    queryFn: async () => (await api.voice.listParkedCalls({}, ask)).calls,
    refetchInterval: (query) => (query.state.data?.length ? LOOK_EVERY_MS : LOOK_SELDOM_MS),
    retry: false,
  });
  return found.data ?? [];
}

/** Shows a call that was parked here at once, until the centre tells of it. */
export function parkedHere(queries: QueryClient, call: { id: string; label: string; queue: string; agent: string }): void {
  const { id: interactionId, agent: agentId, label, queue } = call;
  const shown = create(ParkedCallSchema, { interactionId, label, queue, agentId, parkedAt: timestampNow() });
  queries.setQueryData<ParkedCall[]>(KEY, (before = []) => [...before.filter((each) => each.interactionId !== interactionId), shown]);
}

/** Somebody takes it. */
export function takenHere(queries: QueryClient, id: string): void {
  queries.setQueryData<ParkedCall[]>(KEY, (before = []) => before.filter((each) => each.interactionId !== id));
}
