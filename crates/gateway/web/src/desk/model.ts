// The agent's work as the desktop knows it: a fold over the snapshot and the events of DesktopService.Watch.
//
// Pure: no clock, no calls. What has to be fetched is read off the state by `wants`.
import { timestampMs, durationMs } from "@bufbuild/protobuf/wkt";
import type { DesktopEvent, Snapshot } from "../gen/switchboard/gateway/v1/service_pb";
import type { Conversation } from "../gen/switchboard/chat/v1/types_pb";
import type { EndReason, Message } from "../gen/switchboard/interaction/v1/types_pb";
import type { ParticipantRole, SupervisionMode } from "../gen/switchboard/interaction/v1/types_pb";
import { Channel, Party } from "../gen/switchboard/interaction/v1/types_pb";
import type { AgentView, Decision, Work } from "../gen/switchboard/router/v1/types_pb";
import type { CallGuestSignal } from "../gen/switchboard/voice/v1/events_pb";
import { ColleagueOutcome } from "../gen/switchboard/voice/v1/events_pb";
import { AgentState, OfferOutcome, WorkState } from "../gen/switchboard/router/v1/types_pb";

/** One interaction the agent is offered, holds or wraps up. Times in milliseconds of the Unix epoch. */
export interface Item {
  id: string;
  channel: Channel;
  queue: string;
  state: WorkState;
  label: string;
  entryPoint: string;
  attributes: Record<string, string>;
  offerId: string;
  offerExpiresAt?: number;
  queuedAt?: number;
  answeredAt?: number;
  endedAt?: number;
  endReason?: EndReason;
  endedBy?: Party;
  wrapUpUntil?: number;
  parkedAt?: number;
  /** A call-back: the number that is dialled for the agent. */
  callbackPhone?: string;
  /** Said to the agent alone before the customer is connected. */
  whisper?: string;
  decision?: Decision;
}

export interface Chat {
  /** In sequence order, each sequence once. */
  messages: Message[];
  /** All messages up to here are known. */
  complete: number;
  /** Highest sequence heard of. */
  heard: number;
  loaded: boolean;
  customerTyping: boolean;
  customerOnline?: boolean;
  delivered: number;
  seen: number;
  agentSeen: number;
}

export interface Known {
  customerId: string;
  caseId: string;
  name: string;
}

/** Somebody else's call that the agent is asked into, or is in. */
export interface Invitation {
  id: string;
  participantId: string;
  askedBy: string;
  role: ParticipantRole;
  mode: SupervisionMode;
  answered: boolean;
  label: string;
  queue: string;
  since?: number;
  /** Set when this person is the one who calls: the colleague whom they call. */
  calls: string;
  /** The colleague did not pick up, and why: said for a moment. */
  outcome?: ColleagueOutcome;
  /** When it was last said, by the centre's clock: it is over when it is not said again. */
  saidAt: number;
}

export interface DeskState {
  agent?: AgentView;
  invitations: Record<string, Invitation>;
  items: Record<string, Item>;
  /** Ids as they came, so that nothing jumps. */
  order: string[];
  chats: Record<string, Chat>;
  known: Record<string, Known>;
  /** Calls of all agents that wait for whoever takes them, the longest parked first. */
  parkedCalls: ParkedCall[];
  /** Counts up when a note was added to a customer, so that the panel asks again. */
  notes: Record<string, number>;
}

export const emptyDesk: DeskState = { invitations: {}, items: {}, order: [], chats: {}, known: {}, notes: {}, parkedCalls: [] };

export const emptyChat: Chat = {
  messages: [],
  complete: 0,
  heard: 0,
  loaded: false,
  customerTyping: false,
  delivered: 0,
  seen: 0,
  agentSeen: 0,
};

/** Text channels have a conversation of messages. */
export const isText = (channel: Channel): boolean =>
  channel !== Channel.VOICE && channel !== Channel.VIDEO && channel !== Channel.UNSPECIFIED;

export const isRinging = (item: Item): boolean => item.state === WorkState.OFFERED;
export const isLive = (item: Item): boolean => item.state === WorkState.ASSIGNED || item.state === WorkState.CONNECTED;
/** The agent waits for the customer; it takes no slot. */
export const isParked = (item: Item): boolean => item.state === WorkState.PARKED;
export const isWrapUp = (item: Item): boolean => item.state === WorkState.WRAP_UP;

/** What the router holds is the truth; what is known beside it (messages, why) is kept. */
export function applySnapshot(state: DeskState, snapshot: Snapshot): DeskState {
  const works = snapshot.agent?.work ?? [];
  const items: Record<string, Item> = {};
  for (const work of works) {
    const before = state.items[work.interactionId];
    items[work.interactionId] = { ...itemOf(work), decision: before?.decision, endReason: before?.endReason, endedBy: before?.endedBy };
  }
  const order = [...state.order.filter((id) => items[id]), ...works.map((work) => work.interactionId).filter((id) => !state.order.includes(id))];
  // Messages may have been missed while the line was down.
  const chats: Record<string, Chat> = {};
  for (const id of order) {
    const chat = state.chats[id];
    if (chat) chats[id] = { ...chat, loaded: false };
  }
  return { ...state, agent: snapshot.agent, items, order, chats };
}

export function applyEvent(state: DeskState, event: DesktopEvent): DeskState {
  const id = event.interactionId;
  const item = state.items[id];
  const at = event.occurredAt ? timestampMs(event.occurredAt) : undefined;
  const change = event.event;
  switch (change.case) {
    case "offerMade": {
      const offer = change.value;
      const offered: Item = {
        id,
        channel: offer.channel,
        queue: offer.queue,
        state: WorkState.OFFERED,
        label: offer.customerLabel,
        entryPoint: offer.entryPoint,
        attributes: offer.attributes,
        offerId: offer.offerId,
        offerExpiresAt: offer.expiresAt && timestampMs(offer.expiresAt),
        queuedAt: offer.queuedAt && timestampMs(offer.queuedAt),
        callbackPhone: offer.callback ? offer.customerLabel : undefined,
        whisper: offer.whisper || undefined,
        decision: offer.decision,
      };
      return put(state, offered);
    }
    case "offerEnded":
      // A late word about an older offer says nothing.
      if (!item || !isRinging(item) || item.offerId !== change.value.offerId) return state;
      // An accepted offer goes on as an assignment, with all that is known about it.
      return change.value.outcome === OfferOutcome.ACCEPTED ? put(state, { ...item, state: WorkState.ASSIGNED, answeredAt: at }) : drop(state, id);
    case "interactionAssigned": {
      const assigned = change.value;
      const waited = assigned.waited ? durationMs(assigned.waited) : undefined;
      const base: Item = item ?? {
        id,
        channel: assigned.channel,
        queue: assigned.queue,
        state: WorkState.ASSIGNED,
        label: "",
        entryPoint: "",
        attributes: {},
        offerId: assigned.offerId,
        queuedAt: at !== undefined && waited !== undefined ? at - waited : undefined,
      };
      // The line's own word that it is connected may have been quicker.
      const connected = base.state === WorkState.CONNECTED ? WorkState.CONNECTED : WorkState.ASSIGNED;
      return put(state, { ...base, state: connected, answeredAt: base.answeredAt ?? at, offerExpiresAt: undefined });
    }
    case "interactionConnected":
      return item && (isLive(item) || isRinging(item)) ? put(state, { ...item, state: WorkState.CONNECTED, answeredAt: at ?? item.answeredAt }) : state;
    case "callParked": {
      const { agentId, label, queue } = change.value;
      return parkCall(state, { id, agentId, label, queue, at });
    }
    case "callRetrieved":
      return takeCall(state, id);
    case "interactionEnded":
      state = takeCall(state, id);
      return item
        ? put(state, {
            ...item,
            endedAt: change.value.endedAt ? timestampMs(change.value.endedAt) : at,
            endReason: change.value.reason,
            endedBy: change.value.endedBy,
          })
        : state;
    case "wrapUpStarted":
      return item
        ? put(state, { ...item, state: WorkState.WRAP_UP, endedAt: item.endedAt ?? at, wrapUpUntil: change.value.until && timestampMs(change.value.until) })
        : state;
    case "wrapUpExtended":
      return item ? put(state, { ...item, wrapUpUntil: change.value.until && timestampMs(change.value.until) }) : state;
    case "interactionClosed":
    case "callbackAttemptEnded":
      return drop(state, id);
    case "interactionTransferred":
      // Whoever held it holds it no more; the offer to the next one comes by itself.
      return change.value.fromAgentId !== "" && change.value.fromAgentId === state.agent?.agentId ? drop(state, id) : state;
    case "interactionQueued":
      // Parked, given to somebody else, or given back; what rings is ended by its own word.
      return item && isLive(item) ? drop(state, id) : state;
    case "interactionParked":
      return item ? put(state, { ...item, state: WorkState.PARKED, parkedAt: at }) : state;
    case "interactionUnparked":
      return item ? put(state, { ...item, state: WorkState.CONNECTED, parkedAt: undefined }) : state;
    case "callbackDue":
      return item ? put(state, { ...item, callbackPhone: change.value.phone }) : state;
    case "agentStateChanged": {
      const changed = change.value;
      if (!state.agent || state.agent.agentId !== changed.agentId) return state;
      return {
        ...state,
        agent: {
          ...state.agent,
          status: changed.status,
          auxCode: changed.auxCode,
          state: changed.state,
          stateSince: changed.since,
          nextStatus: changed.nextStatus,
          loads: changed.loads,
        },
      };
    }
    case "messageAdded":
      return change.value.message ? addMessages(state, id, [change.value.message]) : state;
    case "signal":
      return change.value.party === Party.CUSTOMER ? applySignal(state, id, change.value.signal) : state;
    case "customerRecognised": {
      const { customerId, caseId, name } = change.value;
      const renamed = item && name ? put(state, { ...item, label: name }) : state;
      return { ...renamed, known: { ...renamed.known, [id]: { customerId, caseId, name } } };
    }
    case "noteAdded": {
      const customer = change.value.note?.customerId ?? "";
      return { ...state, notes: { ...state.notes, [customer]: (state.notes[customer] ?? 0) + 1 } };
    }
    case "callGuest":
      return change.value.agentId === state.agent?.agentId ? applyGuest(state, id, change.value, at ?? 0) : state;
    default:
      return state;
  }
}

export interface ParkedCall {
  id: string;
  label: string;
  queue: string;
  /** Who let go of it. */
  agentId: string;
  at?: number | undefined;
}

export function parkCall(state: DeskState, call: ParkedCall): DeskState {
  // A word that was said before stands: it may know better since when.
  return state.parkedCalls.some((each) => each.id === call.id) ? state : { ...state, parkedCalls: [...state.parkedCalls, call] };
}

/** Somebody takes it, or it is over. The same state when it did not wait. */
export function takeCall(state: DeskState, id: string): DeskState {
  const left = state.parkedCalls.filter((each) => each.id !== id);
  return left.length === state.parkedCalls.length ? state : { ...state, parkedCalls: left };
}

function applyGuest(state: DeskState, id: string, guest: CallGuestSignal, at: number): DeskState {
  const { [id]: before, ...others } = state.invitations;
  if (guest.over) {
    if (before?.participantId !== guest.participantId) return state;
    if (guest.outcome === ColleagueOutcome.UNSPECIFIED) return { ...state, invitations: others };
    return { ...state, invitations: { ...others, [id]: { ...before, outcome: guest.outcome, saidAt: at } } };
  }
  const invitation: Invitation = {
    id,
    participantId: guest.participantId,
    askedBy: guest.askedBy,
    role: guest.role,
    mode: guest.mode,
    answered: guest.answered,
    label: guest.customerLabel,
    queue: guest.queue,
    calls: guest.calls,
    since: guest.since && timestampMs(guest.since),
    saidAt: at,
  };
  return { ...state, invitations: { ...others, [id]: invitation } };
}

/** Said every 2 s while it lasts. */
const INVITATION_LASTS_MS = 6_000;

/** Without invitations that are not said any more; `now` by the centre's clock. The same state when there are none. */
export function expireInvitations(state: DeskState, now: number): DeskState {
  const kept = Object.entries(state.invitations).filter(([, each]) => now - each.saidAt < INVITATION_LASTS_MS);
  return kept.length === Object.keys(state.invitations).length ? state : { ...state, invitations: Object.fromEntries(kept) };
}

type Signal = Extract<DesktopEvent["event"], { case: "signal" }>["value"]["signal"];

function applySignal(state: DeskState, id: string, signal: Signal): DeskState {
  const chat = state.chats[id] ?? emptyChat;
  switch (signal.case) {
    case "typing":
      return putChat(state, id, { ...chat, customerTyping: signal.value });
    case "online":
      return putChat(state, id, { ...chat, customerOnline: signal.value, customerTyping: signal.value && chat.customerTyping });
    case "deliveredSequence":
      return putChat(state, id, { ...chat, delivered: Math.max(chat.delivered, Number(signal.value)) });
    case "seenSequence": {
      const seen = Math.max(chat.seen, Number(signal.value));
      return putChat(state, id, { ...chat, seen, delivered: Math.max(chat.delivered, seen) });
    }
    default:
      return state;
  }
}

/** Adds messages wherever they come from; doubles vanish, gaps are found by `wants`. */
export function addMessages(state: DeskState, id: string, added: Message[]): DeskState {
  const chat = state.chats[id] ?? emptyChat;
  const bySequence = new Map(chat.messages.map((message) => [message.sequence, message]));
  for (const message of added) bySequence.set(message.sequence, message);
  const messages = [...bySequence.values()].sort((a, b) => Number(a.sequence - b.sequence));
  let complete = 0;
  for (const message of messages) {
    if (Number(message.sequence) !== complete + 1) break;
    complete += 1;
  }
  const heard = Math.max(chat.heard, Number(messages.at(-1)?.sequence ?? 0n));
  const spoke = added.some((message) => message.author === Party.CUSTOMER);
  return putChat(state, id, { ...chat, messages, complete, heard, customerTyping: chat.customerTyping && !spoke });
}

/** What the service says about a conversation as a whole. */
export function applyConversation(state: DeskState, id: string, conversation: Conversation): DeskState {
  const chat = state.chats[id] ?? emptyChat;
  const seen = Math.max(chat.seen, Number(conversation.customerSeenSequence));
  return putChat(state, id, {
    ...chat,
    heard: Math.max(chat.heard, Number(conversation.lastSequence)),
    delivered: Math.max(chat.delivered, seen, Number(conversation.customerDeliveredSequence)),
    seen,
    agentSeen: Math.max(chat.agentSeen, Number(conversation.agentSeenSequence)),
    customerOnline: conversation.customerOnline,
  });
}

export function markLoaded(state: DeskState, id: string): DeskState {
  return putChat(state, id, { ...(state.chats[id] ?? emptyChat), loaded: true });
}

export function markSeen(state: DeskState, id: string, sequence: number): DeskState {
  const chat = state.chats[id];
  return chat && chat.agentSeen < sequence ? putChat(state, id, { ...chat, agentSeen: sequence }) : state;
}

/** Conversations with messages to fetch, after a sequence. */
export function wants(state: DeskState): { id: string; after: number }[] {
  return state.order
    .map((id) => ({ item: state.items[id], chat: state.chats[id] ?? emptyChat, id }))
    .filter(({ item, chat }) => item && isText(item.channel) && !isRinging(item) && (!chat.loaded || chat.complete < chat.heard))
    .map(({ id, chat }) => ({ id, after: chat.complete }));
}

/** How much the customer said that the agent has not seen. */
export function unread(chat: Chat | undefined): number {
  if (!chat) return 0;
  return chat.messages.filter((message) => message.author === Party.CUSTOMER && Number(message.sequence) > chat.agentSeen).length;
}

/** Busy enough that a wish to stop only takes hold later. */
export const hasWork = (agent: AgentView | undefined): boolean =>
  agent?.state === AgentState.BUSY || agent?.state === AgentState.WRAP_UP || agent?.state === AgentState.OFFERED;

function itemOf(work: Work): Item {
  return {
    id: work.interactionId,
    channel: work.channel,
    queue: work.queue,
    state: work.state,
    label: work.customerLabel,
    entryPoint: work.entryPoint,
    attributes: work.attributes,
    offerId: work.offerId,
    offerExpiresAt: work.offerExpiresAt && timestampMs(work.offerExpiresAt),
    queuedAt: work.queuedAt && timestampMs(work.queuedAt),
    answeredAt: work.answeredAt && timestampMs(work.answeredAt),
    endedAt: work.endedAt && timestampMs(work.endedAt),
    wrapUpUntil: work.wrapUpUntil && timestampMs(work.wrapUpUntil),
    parkedAt: work.parkedAt && timestampMs(work.parkedAt),
    callbackPhone: work.callbackPhone || undefined,
  };
}

function put(state: DeskState, item: Item): DeskState {
  const order = state.order.includes(item.id) ? state.order : [...state.order, item.id];
  return { ...state, items: { ...state.items, [item.id]: item }, order };
}

function putChat(state: DeskState, id: string, chat: Chat): DeskState {
  return { ...state, chats: { ...state.chats, [id]: chat } };
}

function drop(state: DeskState, id: string): DeskState {
  const without = <V>(all: Record<string, V>) => Object.fromEntries(Object.entries(all).filter(([key]) => key !== id));
  return {
    ...state,
    items: without(state.items),
    chats: without(state.chats),
    known: without(state.known),
    order: state.order.filter((each) => each !== id),
  };
}
