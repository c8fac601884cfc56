// How a live call stands, asked again while it is looked at; and what is done with it.
import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { ask } from "../api/clients";
import { sayError } from "../api/errors";
import { useApi } from "../context";
import type { CallTarget } from "../gen/switchboard/interaction/v1/types_pb";
import type { Call } from "../gen/switchboard/voice/v1/service_pb";
import { newId } from "../lib/id";
import type { Names } from "../parts/names";

const LOOK_EVERY_MS = 2_000;

const keyOf = (id: string) => ["live-call", id];

/** Null: there is no live call of this id any more. `patient`: one that is not there yet is asked for again. */
export function useLiveCall(id: string, enabled = true, patient = false) {
  const api = useApi();
  return useQuery({
    queryKey: keyOf(id),
    queryFn: async () => (await api.voice.getCall({ interactionId: id }, ask)).call ?? null,
    enabled,
    refetchInterval: (query) => (query.state.error && !patient ? false : LOOK_EVERY_MS),
    retry: false,
  });
}

type Answer = { call?: Call | undefined };
/** What a command is about; a fresh id each, so that a repeated click is a new wish. */
export type About = { interactionId: string; requestId: string };

/** Runs a wish and takes in how the call stands then; what the centre says against it is shown. */
export function useCallWish(id: string): { busy: boolean; wish: (ask: (about: About) => Promise<Answer>) => Promise<boolean> } {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const wish = useMemo(
    () => async (run: (about: About) => Promise<Answer>) => {
      setBusy(true);
      try {
        const { call } = await run({ interactionId: id, requestId: newId() });
        if (call) queries.setQueryData(keyOf(id), call);
        return true;
      } catch (error) {
        notifications.show({ color: "red", message: sayError(error) });
        void queries.invalidateQueries({ queryKey: keyOf(id) });
        return false;
      } finally {
        setBusy(false);
      }
    },
    [id, queries],
  );
  return { busy, wish };
}

/** Somebody in a call, for people. */
export function whoIs(target: CallTarget | undefined, names: Names): string {
  switch (target?.target.case) {
    case "agentId":
      return names.agent(target.target.value);
    case "queue":
      return names.queue(target.target.value);
    case "number":
      return target.target.value;
    default:
      return "";
  }
}
