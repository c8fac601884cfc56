// The stream of live figures, opened again whenever it breaks.
import { Code, ConnectError } from "@connectrpc/connect";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { useEffect, useState } from "react";
import { useApi } from "../context";
import type { Live } from "../gen/switchboard/analytics/v1/service_pb";

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 8_000;

export function useLive(): { live?: Live; error?: unknown; skew: number; stale: boolean } {
  const api = useApi();
  const [live, setLive] = useState<Live>();
  const [error, setError] = useState<unknown>();
  const [skew, setSkew] = useState(0);

  useEffect(() => {
    const stop = new AbortController();
    const follow = async () => {
      let wait = FIRST_RETRY_MS;
      while (!stop.signal.aborted) {
        try {
          for await (const response of api.analytics.watchLive({}, { signal: stop.signal })) {
            wait = FIRST_RETRY_MS;
            setError(undefined);
            setLive(response.live);
            if (response.live?.at) setSkew(timestampMs(response.live.at) - Date.now());
          }
        } catch (failure) {
          if (stop.signal.aborted) return;
          if (ConnectError.from(failure).code === Code.Unauthenticated && !(await api.session.refresh())) return;
          setError(failure);
        }
        await new Promise((resolve) => setTimeout(resolve, wait));
        wait = Math.min(wait * 2, LAST_RETRY_MS);
      }
    };
    void follow();
    return () => stop.abort();
  }, [api]);

  return { live, error, skew, stale: error !== undefined };
}
