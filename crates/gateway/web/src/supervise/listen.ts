// Listening to a live call, whispering to its agent, speaking in it.
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { ask } from "../api/clients";
import { sayError } from "../api/errors";
import { useApi, useSession } from "../context";
import type { SupervisionMode } from "../gen/switchboard/interaction/v1/types_pb";
import { AudioProblem } from "../softphone/audio";
import { usePhone, useSoftphone } from "../softphone/context";
import { useCallWish } from "../softphone/live-call";
import { w } from "../softphone/words";

/** Contacts of browsers in the list of phones begin with this. */
const BROWSER = "web:";

export function useListening(id: string) {
  const api = useApi();
  const softphone = useSoftphone();
  const { user } = useSession();
  const sounding = usePhone((state) => state.call);
  const on = usePhone((state) => state.on);
  const { busy, wish } = useCallWish(id);
  const [preparing, setPreparing] = useState(false);

  /** Rings the supervisor's own phone; without one the call comes to this browser, which needs the microphone. */
  const listen = async (mode: SupervisionMode) => {
    const hears = sounding?.id === id;
    setPreparing(true);
    try {
      let here = on;
      if (!hears && !on) {
        const { registrations } = await api.voice.listRegistrations({ agentId: user }, ask);
        if (registrations.every((each) => each.contact.startsWith(BROWSER))) {
          await softphone.turnOn();
          here = softphone.store.getState().on;
          const { problem } = softphone.store.getState();
          if (!here) return void notifications.show({ color: "red", message: problem ?? w.none });
        }
      }
      const rung = await wish((about) => api.voice.supervise({ ...about, mode }, ask));
      if (rung && here && !hears) await softphone.answerAsGuest(id);
    } catch (error) {
      notifications.show({ color: "red", message: error instanceof AudioProblem ? error.message : sayError(error) });
    } finally {
      setPreparing(false);
    }
  };
  const stop = async () => {
    await wish((about) => api.voice.stopSupervision(about, ask));
  };
  return { busy: busy || preparing, listen, stop };
}
