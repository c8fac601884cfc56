// What the centre in the page begins with.
import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { CaseState, IdentityKind, InteractionSchema, InteractionState } from "../../src/gen/switchboard/crm/v1/types_pb";
import { CentreSchema } from "../../src/gen/switchboard/directory/v1/service_pb";
import { Role, Strategy, WrapUpMode } from "../../src/gen/switchboard/directory/v1/types_pb";
import type { Message } from "../../src/gen/switchboard/interaction/v1/types_pb";
import { Channel, Direction, EndReason, MessageSchema, Party } from "../../src/gen/switchboard/interaction/v1/types_pb";
import type { Decision } from "../../src/gen/switchboard/router/v1/types_pb";
import { CandidateVerdict, DecisionSchema } from "../../src/gen/switchboard/router/v1/types_pb";
import { ago } from "./live";

export function decision(): Decision {
  return create(DecisionSchema, {
    queue: "billing",
    position: 1,
    waiting: 2,
    ring: 0,
    expression: "billing >= 2",
    strategy: "longest idle",
    logSequence: 4211n,
    candidates: [
      { agentId: "ann", verdict: CandidateVerdict.CHOSEN, detail: "idle 1:35", score: 1234 },
      { agentId: "cy", verdict: CandidateVerdict.OUTRANKED, detail: "idle 0:41", score: 1290 },
      { agentId: "bob", verdict: CandidateVerdict.MISSING_SKILL, detail: "billing 0 < 2" },
    ],
    others: [{ verdict: CandidateVerdict.NOT_AVAILABLE, agents: 4 }],
  });
}

export function centre() {
  return create(CentreSchema, {
    tenant: { key: "demo", name: "Demo Outfitters", timeZone: "Europe/Lisbon" },
    users: [
      { key: "ann", name: "Ann Lee", roles: [Role.AGENT], email: "ann@example.com" },
      { key: "bob", name: "Bob Okafor", roles: [Role.AGENT] },
      { key: "cy", name: "Cy Marsh", roles: [Role.AGENT] },
      { key: "sue", name: "Sue Park", roles: [Role.SUPERVISOR] },
      { key: "amy", name: "Amy Holt", roles: [Role.ADMINISTRATOR], email: "amy@example.com" },
    ],
    teams: [{ key: "front", name: "Front desk" }, { key: "night", name: "Night" }],
    agents: [
      { key: "ann", name: "Ann Lee", team: "front", routingProfile: "everyone", skills: [{ skill: "billing", proficiency: 4 }, { skill: "sales", proficiency: 2 }] },
      { key: "bob", name: "Bob Okafor", team: "front", routingProfile: "everyone", skills: [{ skill: "sales", proficiency: 5 }] },
      { key: "cy", name: "Cy Marsh", team: "front", routingProfile: "everyone", skills: [{ skill: "billing", proficiency: 3 }, { skill: "sales", proficiency: 3 }] },
    ],
    skills: [{ key: "billing", name: "Billing" }, { key: "sales", name: "Sales" }],
    queues: [
      { key: "billing", name: "Billing", strategy: Strategy.LONGEST_IDLE, wrapUpMode: WrapUpMode.TIMED, wrapUpLimit: durationFromMs(30_000), offerTimeout: durationFromMs(20_000), serviceLevelWithin: durationFromMs(20_000), dispositions: ["invoice", "refund", "payment failed", "other"], rings: [{ expression: "billing >= 2", lasts: durationFromMs(30_000) }, { expression: "billing >= 1" }] },
      { key: "sales", name: "Sales", strategy: Strategy.MOST_SKILLED, wrapUpMode: WrapUpMode.OPTIONAL, offerTimeout: durationFromMs(20_000), serviceLevelWithin: durationFromMs(20_000) },
    ],
    routingProfiles: [{ key: "everyone", name: "Everyone", capacities: [{ channel: Channel.VOICE, slots: 1 }, { channel: Channel.CHAT, slots: 3 }], queues: [{ queue: "billing" }, { queue: "sales" }] }],
    hours: [{ key: "office", name: "Office", intervals: [1, 2, 3, 4, 5].map((weekday) => ({ weekday, fromMinute: 540, toMinute: 1080 })), holidays: [{ date: "2026-12-25", name: "Christmas" }] }],
    entryPoints: [
      { key: "phone", name: "Main number", channel: Channel.VOICE, addresses: ["+15550100"], flow: "main-menu" },
      { key: "web-chat", name: "Shop chat", channel: Channel.CHAT, flow: "chat-menu" },
    ],
  });
}

export function interactions() {
  const base = { direction: Direction.INBOUND, customerId: "c-1", customerName: "Maria Santos", caseId: "k-1", entryPoint: "web-chat", queue: "billing" };
  return [
    { ...base, interactionId: "i-now", channel: Channel.CHAT, agentId: "ann", state: InteractionState.CONNECTED, startedAt: ago(140), preview: "My invoice shows the old address", wait: durationFromMs(34_000) },
    { ...base, interactionId: "i-1", channel: Channel.VOICE, entryPoint: "phone", agentId: "cy", state: InteractionState.CLOSED, endReason: EndReason.CUSTOMER_LEFT, startedAt: ago(86_400), disposition: "invoice", note: "Sent a corrected invoice by mail.", wait: durationFromMs(12_000), talk: durationFromMs(318_000) },
    { ...base, interactionId: "i-2", channel: Channel.CHAT, agentId: "bob", queue: "sales", caseId: "k-0", state: InteractionState.CLOSED, endReason: EndReason.AGENT_ENDED, startedAt: ago(86_400 * 9), disposition: "order question", preview: "Great, thank you!", wait: durationFromMs(8_000), talk: durationFromMs(422_000) },
    { ...base, interactionId: "i-3", channel: Channel.VOICE, customerId: "c-2", customerName: "+15550147", agentId: "", state: InteractionState.CLOSED, endReason: EndReason.ABANDONED, startedAt: ago(3_600), wait: durationFromMs(95_000) },
    { ...base, interactionId: "i-6", channel: Channel.VOICE, entryPoint: "phone", customerId: "c-6", customerName: "+15550183", agentId: "", state: InteractionState.QUEUED, startedAt: ago(44), queuedAt: ago(31) },
    { ...base, interactionId: "i-7", channel: Channel.VOICE, entryPoint: "phone", customerId: "c-7", customerName: "Ines Duarte", agentId: "hana", queue: "sales", state: InteractionState.OFFERED, startedAt: ago(20), queuedAt: ago(9) },
    { ...base, interactionId: "i-8", channel: Channel.VOICE, entryPoint: "phone", customerId: "c-8", customerName: "Tom Becker", agentId: "gus", queue: "sales", state: InteractionState.CONNECTED, startedAt: ago(430), queuedAt: ago(420) },
    { ...base, interactionId: "i-4", channel: Channel.CHAT, customerId: "c-3", customerName: "Jonas Weber", agentId: "", state: InteractionState.QUEUED, queue: "sales", startedAt: ago(61), preview: "Do you ship to Norway?" },
  ].map((each) => create(InteractionSchema, each));
}

export function customer() {
  return {
    customer: {
      customerId: "c-1",
      name: "Maria Santos",
      identities: [
        { kind: IdentityKind.PHONE, value: "+351912345678" },
        { kind: IdentityKind.EMAIL, value: "maria.santos@example.com" },
        { kind: IdentityKind.VISITOR, value: "0f6f2c1a-demo-visitor" },
      ],
      firstSeenAt: ago(86_400 * 210),
      lastSeenAt: ago(40),
      interactions: 3,
    },
    cases: [{ caseId: "k-1", number: 42n, customerId: "c-1", state: CaseState.OPEN, openedAt: ago(86_400) }],
    interactions: interactions().filter((each) => each.customerId === "c-1"),
    notes: [{ noteId: "n-1", customerId: "c-1", authorId: "cy", text: "Moved in October. Prefers mail over phone; invoices go to her company.", writtenAt: ago(86_000) }],
  };
}

export function past(): Message[] {
  const lines: [Party, string][] = [
    [Party.FLOW, "Hello! What can we do for you?"],
    [Party.CUSTOMER, "Billing"],
    [Party.SYSTEM, "Ann Lee has joined"],
    [Party.CUSTOMER, "My invoice shows the old address. Can you send it again?"],
    [Party.AGENT, "Of course, Maria. Which invoice is it?"],
  ];
  return lines.map(([author, text], index) =>
    create(MessageSchema, {
      messageId: `p-${index}`,
      sequence: BigInt(index + 1),
      author,
      text,
      authorName: author === Party.AGENT ? "Ann Lee" : "",
      sentAt: ago(140 - index * 12),
      options: index === 0 ? [{ value: "1", label: "Sales" }, { value: "2", label: "Billing" }] : [],
    }),
  );
}
