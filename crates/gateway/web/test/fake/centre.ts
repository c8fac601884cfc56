// A centre in the page: answers the desktop's calls from memory and pushes what a test tells it to. For tests and for work on looks.
import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { Interceptor, Transport } from "@connectrpc/connect";
import { Code, ConnectError, createRouterTransport } from "@connectrpc/connect";
import { AnalyticsService } from "../../src/gen/switchboard/analytics/v1/service_pb";
import { ChatService } from "../../src/gen/switchboard/chat/v1/service_pb";
import { CrmService } from "../../src/gen/switchboard/crm/v1/service_pb";
import { InteractionState } from "../../src/gen/switchboard/crm/v1/types_pb";
import type { Centre, EditRequest } from "../../src/gen/switchboard/directory/v1/service_pb";
import { AdministrationService, CentreSchema, ChangeKind, DirectoryService, SessionService } from "../../src/gen/switchboard/directory/v1/service_pb";
import { Role } from "../../src/gen/switchboard/directory/v1/types_pb";
import type { DesktopEvent, WatchResponse } from "../../src/gen/switchboard/gateway/v1/service_pb";
import { DesktopEventSchema, DesktopService, WatchResponseSchema } from "../../src/gen/switchboard/gateway/v1/service_pb";
import type { Message } from "../../src/gen/switchboard/interaction/v1/types_pb";
import { Channel, EndReason, MessageSchema, Party } from "../../src/gen/switchboard/interaction/v1/types_pb";
import { FlowService } from "../../src/gen/switchboard/ivr/v1/service_pb";
import { OperationsService } from "../../src/gen/switchboard/operations/v1/service_pb";
import type { AgentView } from "../../src/gen/switchboard/router/v1/types_pb";
import { AgentState, AgentStatus, AgentViewSchema, OfferOutcome, WorkSchema, WorkState } from "../../src/gen/switchboard/router/v1/types_pb";
import { RouterService } from "../../src/gen/switchboard/router/v1/service_pb";
import { DeviceService } from "../../src/gen/switchboard/voice/v1/devices_pb";
import { RecordingService } from "../../src/gen/switchboard/voice/v1/recordings_pb";
import { VoiceService } from "../../src/gen/switchboard/voice/v1/service_pb";
import { FakeCalls, peaks, recording, silence } from "./calls";
import { ago, live, timeline } from "./live";
import { centre, customer, decision, interactions, past } from "./samples";

type EventInit = Parameters<typeof create<typeof DesktopEventSchema>>[1];

export class FakeCentre {
  agent: AgentView = create(AgentViewSchema, {
    agentId: "ann",
    name: "Ann Lee",
    status: AgentStatus.AVAILABLE,
    state: AgentState.READY,
    stateSince: ago(95),
    loads: [
      { channel: Channel.VOICE, used: 0, slots: 1 },
      { channel: Channel.CHAT, used: 0, slots: 3 },
    ],
  });
  messages = new Map<string, Message[]>();
  sent: string[] = [];
  /** What a supervisor moved, in order. */
  moved: string[] = [];
  closed = new Set<string>();
  config = centre();
  readonly calls = new FakeCalls();
  roles = [Role.AGENT, Role.SUPERVISOR];
  /** Refuse every call with UNAVAILABLE, as a centre that is down. */
  down = false;
  signedIn = false;
  private readonly watchers = new Set<(response: WatchResponse | undefined) => void>();

  readonly transport = (interceptors: Interceptor[]): Transport =>
    createRouterTransport(
      (router) => {
        router.service(SessionService, {
          signIn: (request) => {
            if (request.password !== "demo") throw new ConnectError("wrong login or password", Code.Unauthenticated);
            this.signedIn = true;
            if (request.login === "sue") this.roles = [Role.SUPERVISOR];
            if (request.login === "amy") this.roles = [Role.ADMINISTRATOR];
            return { session: this.session(request.login) };
          },
          refreshSession: () => {
            this.mustBeUp();
            if (!this.signedIn) throw new ConnectError("no session", Code.Unauthenticated);
            return { session: this.session("ann") };
          },
          signOut: () => ((this.signedIn = false), {}),
        });
        const watch = this.watch.bind(this);
        router.service(DesktopService, { watch: (_, context) => watch(context.signal) });
        router.service(RouterService, {
          setAgentStatus: (request) => {
            this.mustBeUp();
            this.agent = create(AgentViewSchema, {
              ...this.agent,
              status: request.status,
              auxCode: request.auxCode,
              state: request.status === AgentStatus.AVAILABLE ? AgentState.READY : request.status === AgentStatus.AWAY ? AgentState.AWAY : AgentState.OFFLINE,
              stateSince: ago(0),
            });
            return { agent: this.agent };
          },
          acceptOffer: (request) => {
            const work = this.agent.work.find((each) => each.offerId === request.offerId);
            if (work) this.assign(work.interactionId);
            return {};
          },
          declineOffer: (request) => {
            const work = this.agent.work.find((each) => each.offerId === request.offerId);
            if (work) this.endOffer(work.interactionId);
            return {};
          },
          transferInteraction: (request) => (this.moved.push(`${request.interactionId} → ${request.queue || request.toAgentId}`), {}),
          assignInteraction: (request) => (this.moved.push(`${request.interactionId} → ${request.agentId}`), {}),
          pullInteraction: (request) => (this.moved.push(`${request.interactionId} ⇒ ${request.agentId}`), {}),
          changePriority: (request) => (this.moved.push(`${request.interactionId} ! ${request.priority}`), {}),
          parkInteraction: () => ({}),
          unparkInteraction: () => ({}),
          extendWrapUp: () => ({ work: { wrapUpUntil: ago(-60) } }),
          setQueueClosure: (request) => {
            if (request.closed) this.closed.add(request.queue);
            else this.closed.delete(request.queue);
            return {};
          },
          listQueues: () => ({
            queues: ["billing", "sales"].map((queue) => ({
              queue,
              name: queue === "billing" ? "Billing" : "Sales",
              closed: this.closed.has(queue),
              closedByHand: this.closed.has(queue),
              parked: queue === "sales" ? 2 : 0,
              scheduled: queue === "billing" ? 1 : 0,
            })),
          }),
          completeWrapUp: (request) => {
            this.close(request.interactionId);
            return {};
          },
          explain: () => ({
            offers: [
              { offerId: "o1", agentId: "bob", madeAt: ago(200), decision: { ...decision(), position: 1, candidates: decision().candidates.toReversed() }, outcome: OfferOutcome.TIMED_OUT },
              { offerId: "o2", agentId: "ann", madeAt: ago(180), decision: decision(), outcome: OfferOutcome.ACCEPTED },
            ],
          }),
        });
        router.service(ChatService, {
          getConversation: (request) => {
            this.mustBeUp();
            const known = this.messages.get(request.interactionId) ?? [];
            return { conversation: { interactionId: request.interactionId, lastSequence: BigInt(known.length), customerOnline: true, customerSeenSequence: 4n } };
          },
          listMessages: (request) => ({
            messages: (this.messages.get(request.interactionId) ?? []).filter((each) => each.sequence > request.afterSequence),
          }),
          sendMessage: (request) => {
            this.mustBeUp();
            this.sent.push(request.clientMessageId);
            const known = (this.messages.get(request.interactionId) ?? []).find((each) => each.clientMessageId === request.clientMessageId);
            return { message: known ?? this.say(request.interactionId, Party.AGENT, request.text, request.clientMessageId) };
          },
          setTyping: () => ({}),
          markSeen: () => ({}),
          endConversation: (request) => {
            this.end(request.interactionId, Party.AGENT);
            return {};
          },
          uploadAttachment: (request) => ({
            attachment: { attachmentId: "a-1", fileName: request.fileName, contentType: request.contentType, sizeBytes: BigInt(request.content.length) },
          }),
          getAttachment: () => ({ content: new TextEncoder().encode("file") }),
        });
        router.service(VoiceService, {
          hangUp: (request) => {
            this.end(request.interactionId, Party.AGENT);
            return {};
          },
          listRegistrations: () => ({ registrations: [{ agentId: "ann", contact: "sip:ann@10.0.0.4", userAgent: "Linphone 5.2" }] }),
          dial: () => ({ interactionId: "i-dial" }),
          ...this.calls.wishes(),
        });
        router.service(RecordingService, {
          listRecordings: (request) => ({ recordings: [recording(request.interactionId)] }),
          getRecording: (request) => ({ recording: recording("i-1"), leftPeaks: peaks(request.columns, 0.9), rightPeaks: peaks(request.columns, 2.1) }),
          async *streamRecording() {
            yield { data: silence(10) };
          },
        });
        router.service(DeviceService, {
          registerDevice: () => ({}),
          unregisterDevice: () => ({}),
        });
        router.service(DirectoryService, { getCentre: () => ({ centre: this.config, versions: versionsOf(this.config) }) });
        router.service(AdministrationService, {
          edit: (request) => this.edit(request),
          setClosure: (request) => {
            const hours = this.config.hours.find((each) => request.target.case === "hours" && each.key === request.target.value);
            if (hours) hours.closed = request.closed;
            if (request.target.case === "queue" && request.closed) this.closed.add(request.target.value);
            if (request.target.case === "queue" && !request.closed) this.closed.delete(request.target.value);
            return {};
          },
          listChanges: () => ({
            changes: [
              { at: ago(240), actor: "amy", change: { kind: ChangeKind.CHANGED, path: "queues/billing", detail: "offer_timeout: 20s → 15s; priority: 0 → 2" } },
              { at: ago(7_400), actor: "sue", change: { kind: ChangeKind.CHANGED, path: "hours/office", detail: "closed: nothing → by hand" } },
              { at: ago(90_000), actor: "cli", change: { kind: ChangeKind.ADDED, path: "agents/dee", detail: "name: Dee Novak; skills: billing 3; team: front; routing_profile: everyone" } },
              { at: ago(90_000), actor: "cli", change: { kind: ChangeKind.REMOVED, path: "teams/night", detail: "" } },
            ],
          }),
        });
        router.service(FlowService, { listFlows: () => ({ flows: [{ key: "main-menu", name: "Main menu" }, { key: "chat-menu", name: "Chat menu" }] }) });
        router.service(CrmService, {
          getInteraction: (request) => ({
            interaction: interactions().find((each) => each.interactionId === request.interactionId) ?? interactions()[0],
            messages: this.messages.get(request.interactionId) ?? past(),
            events: timeline(),
          }),
          getCustomer: () => customer(),
          searchCustomers: () => ({ customers: [customer().customer] }),
          listInteractions: (request) => ({
            interactions: request.queue === "none" ? [] : interactions().filter((each) => !request.openOnly || each.state !== InteractionState.CLOSED),
          }),
          addNote: (request) => ({ note: { noteId: "n-2", text: request.text, authorId: "ann", writtenAt: ago(0) } }),
          updateCustomer: () => ({}),
          resolveCase: () => ({}),
        });
        router.service(AnalyticsService, {
          async *watchLive(_, context) {
            while (!context.signal.aborted) {
              yield { live: live() };
              await new Promise((resolve) => setTimeout(resolve, 1000));
            }
          },
        });
        router.service(OperationsService, {
          getStatus: () => ({
            ready: true,
            version: "0.1.0",
            services: ["directory", "router", "crm", "ingress-chat", "ingress-voice", "analytics", "gateway"].map((service) => ({ service, ready: true })),
          }),
        });
      },
      { transport: { interceptors } },
    );

  /** Sends an event to every open desktop. */
  push(interactionId: string, event: NonNullable<EventInit>["event"]): void {
    const wire = create(DesktopEventSchema, { messageId: crypto.randomUUID(), interactionId, occurredAt: ago(0), event });
    this.emit(create(WatchResponseSchema, { item: { case: "event", value: wire as DesktopEvent } }));
  }

  offer(id: string, label: string, channel = Channel.CHAT, queue = "billing"): void {
    const offerId = `offer-${id}`;
    this.agent.work.push(
      create(WorkSchema, { interactionId: id, channel, queue, state: WorkState.OFFERED, offerId, customerLabel: label, entryPoint: channel === Channel.CHAT ? "web-chat" : "phone", queuedAt: ago(34), offerExpiresAt: ago(-18) }),
    );
    this.push(id, {
      case: "offerMade",
      value: { offerId, agentId: "ann", queue, channel, customerLabel: label, entryPoint: channel === Channel.CHAT ? "web-chat" : "phone", queuedAt: ago(34), expiresAt: ago(-18), decision: decision(), attributes: { language: "en" } },
    });
  }

  endOffer(id: string): void {
    const work = this.agent.work.find((each) => each.interactionId === id);
    this.agent.work = this.agent.work.filter((each) => each.interactionId !== id);
    this.push(id, { case: "offerEnded", value: { offerId: work?.offerId ?? "", agentId: "ann", outcome: OfferOutcome.DECLINED } });
  }

  assign(id: string): void {
    const work = this.agent.work.find((each) => each.interactionId === id);
    if (!work) return;
    work.state = WorkState.CONNECTED;
    work.answeredAt = ago(0);
    this.push(id, { case: "offerEnded", value: { offerId: work.offerId, agentId: "ann", outcome: OfferOutcome.ACCEPTED } });
    this.push(id, { case: "interactionAssigned", value: { agentId: "ann", agentName: "Ann Lee", offerId: work.offerId, queue: work.queue, channel: work.channel, waited: durationFromMs(34_000) } });
    this.push(id, { case: "interactionConnected", value: { agentId: "ann", offerId: work.offerId } });
    this.push(id, { case: "customerRecognised", value: { customerId: "c-1", caseId: "k-1", name: work.customerLabel } });
    this.push("", { case: "agentStateChanged", value: { agentId: "ann", status: AgentStatus.AVAILABLE, state: AgentState.BUSY, since: ago(0), loads: this.agent.loads } });
  }

  say(id: string, author: Party, text: string, clientMessageId = ""): Message {
    const known = this.messages.get(id) ?? [];
    const message = create(MessageSchema, {
      messageId: `${id}-${known.length + 1}`,
      sequence: BigInt(known.length + 1),
      author,
      authorId: author === Party.AGENT ? "ann" : "",
      authorName: author === Party.AGENT ? "Ann Lee" : "",
      text,
      sentAt: ago(0),
      clientMessageId,
    });
    this.messages.set(id, [...known, message]);
    this.push(id, { case: "messageAdded", value: { message, channel: Channel.CHAT } });
    return message;
  }

  signal(id: string, signal: { case: "typing" | "online"; value: boolean } | { case: "deliveredSequence" | "seenSequence"; value: bigint }): void {
    this.push(id, { case: "signal", value: { party: Party.CUSTOMER, signal } });
  }

  end(id: string, by: Party): void {
    const work = this.agent.work.find((each) => each.interactionId === id);
    if (work) work.state = WorkState.WRAP_UP;
    this.push(id, { case: "interactionEnded", value: { reason: by === Party.AGENT ? EndReason.AGENT_ENDED : EndReason.CUSTOMER_LEFT, endedBy: by, endedAt: ago(0) } });
    this.push(id, { case: "wrapUpStarted", value: { agentId: "ann", queue: work?.queue ?? "", channel: work?.channel ?? Channel.CHAT, until: ago(-30) } });
  }

  close(id: string): void {
    this.agent.work = this.agent.work.filter((each) => each.interactionId !== id);
    this.push(id, { case: "interactionClosed", value: { agentId: "ann" } });
  }

  /** Breaks every open line. */
  breakLines(): void {
    this.emit(undefined);
  }

  private emit(response: WatchResponse | undefined): void {
    for (const watcher of this.watchers) watcher(response);
  }

  private mustBeUp(): void {
    if (this.down) throw new ConnectError("down", Code.Unavailable);
  }

  private async *watch(signal: AbortSignal): AsyncGenerator<WatchResponse> {
    this.mustBeUp();
    const queue: (WatchResponse | undefined)[] = [];
    let wake: () => void = () => undefined;
    const take = (response: WatchResponse | undefined) => {
      queue.push(response);
      wake();
    };
    this.watchers.add(take);
    try {
      yield create(WatchResponseSchema, { item: { case: "snapshot", value: { agent: structuredClone(this.agent), serverTime: ago(0) } } });
      while (!signal.aborted) {
        const next = queue.shift();
        if (next) yield next;
        else if (queue.length > 0) throw new ConnectError("line broke", Code.Unavailable);
        else await new Promise<void>((resolve) => ((wake = resolve), setTimeout(resolve, 500)));
        if (queue[0] === undefined && queue.length > 0) throw new ConnectError("line broke", Code.Unavailable);
      }
    } finally {
      this.watchers.delete(take);
    }
  }

  /** Puts and removes as the directory does, with one rule of its validation. */
  private edit(request: EditRequest): { changes: { kind: ChangeKind; path: string; detail: string }[]; violations: { field: string; reason: string }[] } {
    const violations: { field: string; reason: string }[] = [];
    const changes: { kind: ChangeKind; path: string; detail: string }[] = [];
    const versions = versionsOf(this.config);
    for (const { edit, version } of request.edits) {
      if (edit.case === "remove") {
        changes.push({ kind: ChangeKind.REMOVED, path: edit.value, detail: "" });
        continue;
      }
      const thing = edit.value?.thing;
      if (!thing || thing.case === undefined || thing.case === "tenant") continue;
      const list = LISTS[thing.case];
      const path = `${PATHS[list] ?? list}/${thing.value.key}`;
      const field = `${PATHS[list] ?? list}[${thing.value.key}]`;
      if (!/^[a-z0-9][a-z0-9_-]*$/.test(thing.value.key)) violations.push({ field: `${field}.key`, reason: thing.value.key === "" ? "is missing" : "may contain a-z, 0-9, \"-\" and \"_\"" });
      if (version === "" && versions[path]) violations.push({ field: `${field}.key`, reason: "is used already" });
      if (thing.case === "queue")
        for (const [place, ring] of thing.value.rings.entries())
          if (!/^$|>=|==|team|agent/.test(ring.expression))
            violations.push({ field: `${field}.rings[${place}].expression`, reason: 'lacks a proficiency, or a text after == or != at column 12' });
      const all = this.config[list] as { key: string }[];
      const before = all.find((each) => each.key === thing.value.key);
      if (JSON.stringify(before, big) !== JSON.stringify(thing.value, big))
        changes.push({ kind: before ? ChangeKind.CHANGED : ChangeKind.ADDED, path, detail: `name: ${thing.value.name}` });
      if (!request.dryRun && violations.length === 0) this.config = create(CentreSchema, { ...this.config, [list]: [...all.filter((each) => each !== before), thing.value] });
    }
    return violations.length > 0 ? { changes: [], violations } : { changes, violations };
  }

  private session(user: string) {
    return {
      sessionId: "s-1",
      accessToken: "token",
      accessExpiresAt: ago(-900),
      tenantId: "demo",
      userId: user,
      name: user === "sue" ? "Sue Park" : user === "amy" ? "Amy Holt" : "Ann Lee",
      roles: this.roles,
      isAgent: user === "ann",
    };
  }
}

const LISTS = {
  user: "users",
  agent: "agents",
  skill: "skills",
  team: "teams",
  queue: "queues",
  routingProfile: "routingProfiles",
  hours: "hours",
  entryPoint: "entryPoints",
} as const;
/** Lists as paths name them. */
const PATHS: Record<string, string> = { routingProfiles: "routing_profiles", entryPoints: "entry_points" };
const big = (_: string, value: unknown) => (typeof value === "bigint" ? String(value) : value);

function versionsOf(config: Centre): Record<string, string> {
  const versions: Record<string, string> = {};
  for (const list of Object.values(LISTS)) for (const each of config[list]) versions[`${PATHS[list] ?? list}/${each.key}`] = String(JSON.stringify(each, big).length);
  return versions;
}
