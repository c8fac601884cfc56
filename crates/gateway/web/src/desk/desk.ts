// The desktop's engine: keeps the line to the centre open, folds what arrives into the model, sends what was typed.
import { Code, ConnectError } from "@connectrpc/connect";
import { durationFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { createStore } from "zustand/vanilla";
import type { Api } from "../api/clients";
import { ask } from "../api/clients";
import { isPassing, sayError } from "../api/errors";
import type { WatchResponse } from "../gen/switchboard/gateway/v1/service_pb";
import type { AgentStatus } from "../gen/switchboard/router/v1/types_pb";
import type { ParkedCall as WireParkedCall } from "../gen/switchboard/voice/v1/service_pb";
import { newId } from "../lib/id";
import type { Kept, Pending } from "./kept";
import type { DeskState, ParkedCall } from "./model";
import { addMessages, applyConversation, applyEvent, applySnapshot, emptyDesk, expireInvitations, isRinging, parkCall, takeCall, markLoaded, markSeen, wants } from "./model";

/** `opening` is silent; `refused`: the centre knows no such agent yet; `lost` is told to the person, with the time of the next try. */
export type Line = { kind: "opening" } | { kind: "open" } | { kind: "refused" } | { kind: "lost"; retryAt: number };

export interface DeskStore extends DeskState {
  line: Line;
  /** Server's clock minus ours, in milliseconds. */
  skew: number;
  pending: Record<string, Pending[]>;
  /** Interactions that left the desk, newest last: the page says what became of them. */
  gone: string[];
}

/** Heartbeats come every 5 s: after this silence the line is gone. */
const SILENCE_MS = 12_000;
/** A line that comes back within this time was never worth a word. */
const PATIENCE_MS = 1_000;
const FIRST_RETRY_MS = 400;
const LAST_RETRY_MS = 8_000;
const SEND_RETRY_MS = 1_500;
const TYPING_EVERY_MS = 4_000;
const MAX_PAGES = 50;
const SWEEP_MS = 1_000;
/** The list of parked calls is asked for again so long after the line has opened, and so often while there are some. */
const PARKED_AGAIN_MS = 2_000;
const PARKED_EVERY_MS = 30_000;

const pause = (millis: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, millis);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });

const parkedOf = (call: WireParkedCall): ParkedCall => ({
  id: call.interactionId,
  label: call.label,
  queue: call.queue,
  agentId: call.agentId,
  at: call.parkedAt && timestampMs(call.parkedAt),
});

export class Desk {
  readonly store = createStore<DeskStore>(() => ({ ...emptyDesk, line: { kind: "opening" }, skew: 0, pending: {}, gone: [] }));
  readonly kept: Kept;
  private readonly api: Api;
  private readonly agentId: string;
  private readonly stopped = new AbortController();
  private attempt = new AbortController();
  private wake = new AbortController();
  private readonly fetching = new Set<string>();
  private readonly sending = new Set<string>();
  private readonly typedAt = new Map<string, number>();
  private parkedAgain?: ReturnType<typeof setTimeout>;
  private readonly reported = new Map<string, number>();

  constructor(api: Api, agentId: string, kept: Kept) {
    this.api = api;
    this.agentId = agentId;
    this.kept = kept;
    const pending = Object.fromEntries(kept.idsWithPending().map((id) => [id, kept.pending(id)]));
    this.store.setState({ pending });
  }

  start(): () => void {
    const onOffline = () => this.attempt.abort();
    const onOnline = () => this.retryNow();
    window.addEventListener("offline", onOffline);
    window.addEventListener("online", onOnline);
    void this.keepOpen();
    const sweep = setInterval(() => {
      const state = this.store.getState();
      const next = expireInvitations(state, Date.now() + state.skew);
      if (next !== state) this.store.setState(next);
    }, SWEEP_MS);
    const parked = setInterval(() => {
      if (this.store.getState().parkedCalls.length > 0) void this.listParked();
    }, PARKED_EVERY_MS);
    return () => {
      clearInterval(sweep);
      clearInterval(parked);
      clearTimeout(this.parkedAgain);
      window.removeEventListener("offline", onOffline);
      window.removeEventListener("online", onOnline);
      this.stopped.abort();
      this.attempt.abort();
      this.wake.abort();
    };
  }

  retryNow(): void {
    this.wake.abort();
  }

  // The line.

  private async keepOpen(): Promise<void> {
    let wait = FIRST_RETRY_MS;
    while (!this.stopped.signal.aborted) {
      this.attempt = new AbortController();
      const patience = setTimeout(() => this.sayLost(Date.now()), PATIENCE_MS);
      let opened = false;
      let refused = false;
      try {
        await this.follow(this.attempt, () => {
          opened = true;
          clearTimeout(patience);
        });
      } catch (error) {
        const { code } = ConnectError.from(error);
        if (code === Code.Unauthenticated && !(await this.api.session.refresh())) return clearTimeout(patience);
        refused = code === Code.NotFound || code === Code.PermissionDenied;
      }
      clearTimeout(patience);
      if (this.stopped.signal.aborted) return;
      if (opened) wait = FIRST_RETRY_MS;
      // The first try after a break is silent: a restart of the gateway takes less than a glance.
      if (refused) this.store.setState({ line: { kind: "refused" } });
      else if (!opened || this.store.getState().line.kind === "lost") this.sayLost(Date.now() + wait);
      else this.store.setState({ line: { kind: "opening" } });
      this.wake = new AbortController();
      await pause(opened ? 50 : wait * (0.8 + Math.random() * 0.4), this.wake.signal);
      wait = Math.min(wait * 2, LAST_RETRY_MS);
    }
  }

  private async follow(attempt: AbortController, onOpen: () => void): Promise<void> {
    let silence: ReturnType<typeof setTimeout> | undefined;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => attempt.abort(), SILENCE_MS);
    };
    heard();
    try {
      for await (const response of this.api.desktop.watch({}, { signal: attempt.signal })) {
        heard();
        if (response.item.case === "snapshot") onOpen();
        this.take(response);
      }
    } finally {
      clearTimeout(silence);
    }
  }

  private sayLost(retryAt: number): void {
    this.store.setState({ line: { kind: "lost", retryAt } });
  }

  private take(response: WatchResponse): void {
    const state = this.store.getState();
    switch (response.item.case) {
      case "snapshot": {
        const snapshot = response.item.value;
        const skew = snapshot.serverTime ? timestampMs(snapshot.serverTime) - Date.now() : state.skew;
        const next = applySnapshot(state, snapshot);
        this.store.setState({ ...next, skew, line: { kind: "open" }, gone: departed(state, next) });
        for (const id of next.order) {
          void this.recognise(id);
          const item = next.items[id];
          if (item && isRinging(item) && !item.decision) void this.explain(id);
        }
        for (const id of Object.keys(state.pending)) void this.send(id);
        this.lookForParked();
        break;
      }
      case "event": {
        const event = response.item.value;
        const next = applyEvent(state, event);
        this.store.setState({ ...next, gone: departed(state, next) });
        if (event.event.case === "messageAdded") this.confirm(event.interactionId, event.event.value.message?.clientMessageId ?? "");
        if (event.event.case === "offerMade" || event.event.case === "interactionAssigned") void this.recognise(event.interactionId);
        if (event.event.case === "interactionClosed") this.forget(event.interactionId);
        break;
      }
      default:
        if (response.item.value?.serverTime) this.store.setState({ skew: timestampMs(response.item.value.serverTime) - Date.now() });
    }
    void this.catchUp();
  }

  // Parked calls: told by the line; looked for when it opens, and seldom while there are some.

  private lookForParked(): void {
    void this.listParked();
    // What happened just before the line opened may not be listed at once.
    clearTimeout(this.parkedAgain);
    this.parkedAgain = setTimeout(() => void this.listParked(), PARKED_AGAIN_MS);
  }

  private async listParked(): Promise<void> {
    if (this.stopped.signal.aborted) return;
    const before = this.store.getState().parkedCalls;
    try {
      const { calls } = await this.api.voice.listParkedCalls({}, ask);
      // What the line told meanwhile is newer.
      if (this.store.getState().parkedCalls === before) this.store.setState({ parkedCalls: calls.map(parkedOf) });
    } catch {
      // Asked again later, or when the line opens again.
    }
  }

  /** Shows a call that was parked here at once, until the centre tells of it. */
  parkedHere(call: ParkedCall): void {
    this.store.setState((state) => parkCall(state, { ...call, at: Date.now() + state.skew }));
  }

  /** Somebody takes it, here. */
  takenHere(id: string): void {
    this.store.setState((state) => takeCall(state, id));
  }

  // Messages.

  private async catchUp(): Promise<void> {
    for (const { id, after } of wants(this.store.getState())) {
      if (this.fetching.has(id)) continue;
      this.fetching.add(id);
      void this.fetchMessages(id, after).finally(() => this.fetching.delete(id));
    }
  }

  private async fetchMessages(id: string, after: number): Promise<void> {
    try {
      const { conversation } = await this.api.chat.getConversation({ interactionId: id }, ask);
      if (conversation) this.store.setState((state) => applyConversation(state, id, conversation));
      let last = BigInt(after);
      for (let page = 0; page < MAX_PAGES; page++) {
        const { messages, more } = await this.api.chat.listMessages({ interactionId: id, afterSequence: last, pageSize: 200 }, ask);
        this.store.setState((state) => addMessages(state, id, messages));
        for (const message of messages) this.confirm(id, message.clientMessageId);
        last = messages.at(-1)?.sequence ?? last;
        if (!more || messages.length === 0) break;
      }
      this.store.setState((state) => markLoaded(state, id));
    } catch (error) {
      if (isPassing(error)) setTimeout(() => void this.catchUp(), SEND_RETRY_MS);
      else this.store.setState((state) => markLoaded(state, id));
    }
  }

  /** Takes a message in: shown at once, kept until confirmed, tried until the centre says yes or no. */
  say(id: string, message: Pending): void {
    this.putPending(id, [...this.pendingOf(id), message]);
    this.typedAt.delete(id);
    void this.send(id);
  }

  again(id: string, clientId: string): void {
    this.putPending(id, this.pendingOf(id).map((each) => (each.clientId === clientId ? { ...each, refused: undefined } : each)));
    void this.send(id);
  }

  takeBack(id: string, clientId: string): Pending | undefined {
    const found = this.pendingOf(id).find((each) => each.clientId === clientId);
    this.putPending(id, this.pendingOf(id).filter((each) => each.clientId !== clientId));
    return found;
  }

  private async send(id: string): Promise<void> {
    if (this.sending.has(id)) return;
    this.sending.add(id);
    try {
      for (;;) {
        const next = this.pendingOf(id).find((each) => each.refused === undefined);
        if (!next || this.stopped.signal.aborted) return;
        try {
          const { message } = await this.api.chat.sendMessage(
            { interactionId: id, clientMessageId: next.clientId, text: next.text, attachmentIds: next.files.map((file) => file.id) },
            ask,
          );
          if (message && this.store.getState().items[id]) this.store.setState((state) => addMessages(state, id, [message]));
          this.confirm(id, next.clientId);
        } catch (error) {
          if (isPassing(error)) await pause(SEND_RETRY_MS, this.stopped.signal);
          else this.refuse(id, next.clientId, sayError(error));
        }
      }
    } finally {
      this.sending.delete(id);
    }
  }

  private refuse(id: string, clientId: string, why: string): void {
    this.putPending(id, this.pendingOf(id).map((each) => (each.clientId === clientId ? { ...each, refused: why } : each)));
  }

  private confirm(id: string, clientId: string): void {
    if (clientId !== "" && this.pendingOf(id).some((each) => each.clientId === clientId))
      this.putPending(id, this.pendingOf(id).filter((each) => each.clientId !== clientId));
  }

  private pendingOf(id: string): Pending[] {
    return this.store.getState().pending[id] ?? [];
  }

  private putPending(id: string, pending: Pending[]): void {
    this.kept.keepPending(id, pending);
    this.store.setState((state) => ({ pending: { ...state.pending, [id]: pending } }));
  }

  private forget(id: string): void {
    this.kept.drop(id);
    this.store.setState((state) => ({ pending: Object.fromEntries(Object.entries(state.pending).filter(([key]) => key !== id)) }));
  }

  /** The agent is typing, or has stopped; told at most every few seconds. */
  typing(id: string, typing: boolean): void {
    const last = this.typedAt.get(id) ?? 0;
    if (typing && Date.now() - last < TYPING_EVERY_MS) return;
    if (!typing && last === 0) return;
    if (typing) this.typedAt.set(id, Date.now());
    else this.typedAt.delete(id);
    void this.api.chat.setTyping({ interactionId: id, typing }, ask).catch(() => undefined);
  }

  /** The agent has the conversation before their eyes. */
  seen(id: string): void {
    const last = this.store.getState().chats[id]?.complete ?? 0;
    if (last <= (this.reported.get(id) ?? 0)) return;
    this.reported.set(id, last);
    this.store.setState((state) => markSeen(state, id, last));
    void this.api.chat.markSeen({ interactionId: id, sequence: BigInt(last) }, ask).catch(() => this.reported.delete(id));
  }

  // Wishes. Each throws what the centre answers; the page says it.

  async setStatus(status: AgentStatus, auxCode: string): Promise<void> {
    const { agent } = await this.api.router.setAgentStatus({ agentId: this.agentId, status, auxCode, requestId: newId() }, ask);
    if (agent) this.store.setState({ agent });
  }

  async accept(id: string): Promise<void> {
    const item = this.store.getState().items[id];
    if (item) await this.answered(id, () => this.api.router.acceptOffer({ offerId: item.offerId, agentId: this.agentId, requestId: item.offerId }, ask));
  }

  async decline(id: string): Promise<void> {
    const item = this.store.getState().items[id];
    if (item) await this.answered(id, () => this.api.router.declineOffer({ offerId: item.offerId, agentId: this.agentId, requestId: item.offerId }, ask));
  }

  private async answered(id: string, answer: () => Promise<unknown>): Promise<void> {
    try {
      await answer();
    } catch (error) {
      // An offer that is gone must not ring on, whatever was missed.
      if (!isPassing(error)) this.dropOffer(id);
      throw error;
    }
  }

  private dropOffer(id: string): void {
    const state = this.store.getState();
    const item = state.items[id];
    if (!item || !isRinging(item)) return;
    this.store.setState({
      items: Object.fromEntries(Object.entries(state.items).filter(([key]) => key !== id)),
      order: state.order.filter((each) => each !== id),
    });
  }

  async wrapUp(id: string, disposition: string, note: string): Promise<void> {
    await this.api.router.completeWrapUp({ interactionId: id, agentId: this.agentId, disposition, note, requestId: `wrap-up:${id}` }, ask);
    this.kept.keepForm(id, { disposition: "", note: "" });
  }

  /** To a queue, or to an agent within the queue it is in; ours no more when the centre says so. */
  async transfer(id: string, to: { queue?: string; agentId?: string }): Promise<void> {
    await this.api.router.transferInteraction(
      { interactionId: id, agentId: this.agentId, queue: to.queue ?? "", toAgentId: to.agentId ?? "", requestId: newId() },
      ask,
    );
  }

  async park(id: string): Promise<void> {
    await this.api.router.parkInteraction({ interactionId: id, agentId: this.agentId, requestId: newId() }, ask);
  }

  async unpark(id: string): Promise<void> {
    await this.api.router.unparkInteraction({ interactionId: id, agentId: this.agentId, requestId: newId() }, ask);
  }

  async extendWrapUp(id: string, byMs: number): Promise<void> {
    await this.api.router.extendWrapUp({ interactionId: id, agentId: this.agentId, by: durationFromMs(byMs), requestId: newId() }, ask);
  }

  /** Out of somebody else's call, or not into it. */
  async leaveCall(id: string): Promise<void> {
    const invitation = this.store.getState().invitations[id];
    if (!invitation) return;
    await this.api.voice.dropParticipant({ interactionId: id, participantId: invitation.participantId, requestId: newId() }, ask);
    this.store.setState(({ invitations }) => ({ invitations: Object.fromEntries(Object.entries(invitations).filter(([key]) => key !== id)) }));
  }

  async hangUp(id: string): Promise<void> {
    await this.api.voice.hangUp({ interactionId: id, requestId: newId() }, ask);
  }

  async endChat(id: string): Promise<void> {
    await this.api.chat.endConversation({ interactionId: id, requestId: `end:${id}` }, ask);
  }

  // What stands beside an interaction.

  private async recognise(id: string): Promise<void> {
    if (this.store.getState().known[id]?.customerId) return;
    try {
      const { interaction } = await this.api.crm.getInteraction({ interactionId: id }, ask);
      if (!interaction?.customerId || !this.store.getState().items[id]) return;
      const known = { customerId: interaction.customerId, caseId: interaction.caseId, name: interaction.customerName };
      this.store.setState((state) => ({ known: { ...state.known, [id]: known } }));
    } catch {
      // The history may be a moment behind: CustomerRecognised tells it when it knows.
    }
  }

  private async explain(id: string): Promise<void> {
    try {
      const { offers } = await this.api.router.explain({ interactionId: id }, ask);
      const decision = offers.at(-1)?.decision;
      const item = this.store.getState().items[id];
      if (decision && item) this.store.setState((state) => ({ items: { ...state.items, [id]: { ...item, decision } } }));
    } catch {
      // Why is a help, not a need.
    }
  }
}

function departed(before: DeskStore, after: DeskState): string[] {
  const left = before.order.filter((id) => !after.items[id]);
  return left.length === 0 ? before.gone : [...before.gone, ...left].slice(-20);
}
