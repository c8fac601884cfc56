// The live figures and the timeline of the centre in the page.
import { create } from "@bufbuild/protobuf";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { LiveSchema } from "../../src/gen/switchboard/analytics/v1/service_pb";
import { Channel } from "../../src/gen/switchboard/interaction/v1/types_pb";
import { AgentState, AgentStatus } from "../../src/gen/switchboard/router/v1/types_pb";

export const ago = (seconds: number) => timestampFromMs(Date.now() - seconds * 1000);

export function live() {
  const definition = { serviceLevelDefinition: "answered in time / (answered + abandoned)", serviceLevelWithin: durationFromMs(20_000) };
  return create(LiveSchema, {
    at: ago(0),
    queues: [
      { queue: "billing", name: "Billing", waiting: 3, oldestQueuedAt: ago(31), offered: 48, answered: 41, abandoned: 2, serviceLevel: 0.86, averageWait: durationFromMs(14_000), averageHandling: durationFromMs(342_000), inProgress: 2, agentsReady: 1, agentsBusy: 2, agentsStaffed: 3, ...definition },
      { queue: "sales", name: "Sales", waiting: 1, oldestQueuedAt: ago(9), offered: 22, answered: 19, abandoned: 3, serviceLevel: 0.64, averageWait: durationFromMs(27_000), averageHandling: durationFromMs(251_000), inProgress: 1, agentsReady: 2, agentsBusy: 1, agentsStaffed: 4, ...definition },
    ],
    agents: [
      { agentId: "ann", name: "Ann Lee", status: AgentStatus.AVAILABLE, state: AgentState.BUSY, since: ago(96), loads: [{ channel: Channel.VOICE, used: 0, slots: 1 }, { channel: Channel.CHAT, used: 2, slots: 3 }], handledToday: 14 },
      { agentId: "bob", name: "Bob Okafor", status: AgentStatus.AVAILABLE, state: AgentState.NOT_RESPONDING, since: ago(110), loads: [{ channel: Channel.VOICE, used: 0, slots: 1 }], handledToday: 9 },
      { agentId: "cy", name: "Cy Marsh", status: AgentStatus.AWAY, auxCode: "lunch", state: AgentState.AWAY, since: ago(900), loads: [], handledToday: 11 },
      { agentId: "dee", name: "Dee Novak", status: AgentStatus.AVAILABLE, state: AgentState.READY, since: ago(42), loads: [{ channel: Channel.VOICE, used: 0, slots: 1 }, { channel: Channel.CHAT, used: 0, slots: 3 }], handledToday: 12 },
      { agentId: "fay", name: "Fay Odhiambo", status: AgentStatus.AVAILABLE, state: AgentState.WRAP_UP, since: ago(21), loads: [{ channel: Channel.VOICE, used: 1, slots: 1 }, { channel: Channel.CHAT, used: 0, slots: 3 }], handledToday: 10 },
      { agentId: "gus", name: "Gus Lindqvist", status: AgentStatus.AVAILABLE, state: AgentState.BUSY, since: ago(412), loads: [{ channel: Channel.VOICE, used: 1, slots: 1 }, { channel: Channel.CHAT, used: 0, slots: 3 }], handledToday: 8 },
      { agentId: "hana", name: "Hana Kim", status: AgentStatus.AVAILABLE, state: AgentState.OFFERED, since: ago(6), loads: [{ channel: Channel.VOICE, used: 0, slots: 1 }, { channel: Channel.CHAT, used: 1, slots: 3 }], handledToday: 17 },
      { agentId: "eli", name: "Eli Brandt", status: AgentStatus.OFFLINE, state: AgentState.OFFLINE, since: ago(30_000), loads: [], handledToday: 0 },
    ],
  });
}

export function timeline() {
  const lines: [number, string, string][] = [
    [140, "interaction_started", "Chat started at Shop chat"],
    [131, "flow_step_taken", "Chose Billing"],
    [130, "interaction_queued", "Waiting in Billing"],
    [128, "offer_made", "Offered to Bob"],
    [108, "offer_ended", "Bob let it ring"],
    [106, "offer_made", "Offered to Ann"],
    [96, "interaction_assigned", "Ann accepted after 0:34"],
    [96, "interaction_connected", "Connected with Ann"],
  ];
  return lines.map(([at, kind, text], index) => ({ at: ago(at), kind, text, sequence: BigInt(index + 1) }));
}
