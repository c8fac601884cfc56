// What the live page asks for beside the stream of figures.
import { useQuery } from "@tanstack/react-query";
import { ask } from "../api/clients";
import { useApi } from "../context";

const EVERY_MS = 2_000;
const MOST_ROWS = 200;

/** Everything that is going on, newest first. */
export function useOpenInteractions() {
  const api = useApi();
  return useQuery({
    queryKey: ["open-interactions"],
    queryFn: async () => {
      const page = await api.crm.listInteractions({ openOnly: true, pageSize: MOST_ROWS }, ask);
      return { rows: page.interactions, more: page.nextPageToken !== "" };
    },
    refetchInterval: EVERY_MS,
    placeholderData: (before) => before,
  });
}

/** Queues as the router sees them: open or not, parked, waiting for a moment of their own. */
export function useRouterQueues() {
  const api = useApi();
  return useQuery({
    queryKey: ["router-queues"],
    queryFn: async () => new Map((await api.router.listQueues({}, ask)).queues.map((queue) => [queue.queue, queue])),
    refetchInterval: EVERY_MS,
    placeholderData: (before) => before,
  });
}
