// What the visitor sees, as a pure function of what has arrived. No clock, no page, no network.

import type { Attachment, Awaiting, ConversationState, Message, Outgoing, Phase, ServerFrame } from "./protocol";

export type Connection = "idle" | "connecting" | "online" | "waiting" | "refused";

// Something the visitor has said that the centre has not confirmed yet.
export interface Unsent {
  frame: Outgoing;
  label: string;
  attachments: Attachment[];
  at: string;
  failed?: string;
}

export interface Chat {
  connection: Connection;
  retryInSeconds: number;
  // Why the connection was refused for good.
  refusal: string;
  notice: string;
  interactionId: string;
  phase: Phase | "none";
  awaiting: Awaiting;
  position: number;
  waiting: number;
  estimatedWaitSeconds: number;
  agentName: string;
  agentTyping: boolean;
  messages: Message[];
  unsent: Unsent[];
  lastSequence: number;
  agentSeen: number;
  agentDelivered: number;
  seen: number;
  limits: { text_bytes: number; attachment_bytes: number; attachments: number };
}

export const empty: Chat = {
  connection: "idle",
  retryInSeconds: 0,
  refusal: "",
  notice: "",
  interactionId: "",
  phase: "none",
  awaiting: null,
  position: 0,
  waiting: 0,
  estimatedWaitSeconds: 0,
  agentName: "",
  agentTyping: false,
  messages: [],
  unsent: [],
  lastSequence: 0,
  agentSeen: 0,
  agentDelivered: 0,
  seen: 0,
  limits: { text_bytes: 16384, attachment_bytes: 10 * 1024 * 1024, attachments: 5 },
};

export type Happening =
  | { kind: "frame"; frame: ServerFrame }
  | { kind: "said"; unsent: Unsent }
  | { kind: "retried"; id: string }
  | { kind: "connection"; connection: Connection; retryInSeconds?: number; refusal?: string }
  | { kind: "shown"; sequence: number }
  | { kind: "notice"; text: string }
  | { kind: "restart"; keepUnsent: boolean };

export function step(chat: Chat, happening: Happening): Chat {
  switch (happening.kind) {
    case "frame":
      return receive(chat, happening.frame);
    case "said": {
      const again = chat.unsent.some((item) => idOf(item) === idOf(happening.unsent));
      return again ? chat : { ...chat, notice: "", unsent: [...chat.unsent, happening.unsent] };
    }
    case "retried":
      return { ...chat, unsent: chat.unsent.map((item) => (idOf(item) === happening.id ? healed(item) : item)) };
    case "connection":
      return {
        ...chat,
        connection: happening.connection,
        retryInSeconds: happening.retryInSeconds ?? 0,
        refusal: happening.refusal ?? "",
        agentTyping: happening.connection === "online" && chat.agentTyping,
      };
    case "shown":
      return happening.sequence > chat.seen ? { ...chat, seen: happening.sequence } : chat;
    case "notice":
      return { ...chat, notice: happening.text };
    case "restart":
      // A button or form of a conversation that is gone means nothing in the next one; words do.
      return {
        ...empty,
        limits: chat.limits,
        unsent: happening.keepUnsent ? chat.unsent.filter((item) => item.frame.type === "send") : [],
      };
  }
}

function receive(chat: Chat, frame: ServerFrame): Chat {
  switch (frame.type) {
    case "welcome": {
      const same = frame.interaction_id === chat.interactionId;
      return {
        ...(same ? chat : { ...chat, messages: [], lastSequence: 0, seen: 0, agentSeen: 0, agentDelivered: 0 }),
        ...standing(frame),
        interactionId: frame.interaction_id,
        connection: "online",
        refusal: "",
        agentSeen: Math.max(same ? chat.agentSeen : 0, frame.agent_seen ?? 0),
        agentDelivered: Math.max(same ? chat.agentDelivered : 0, frame.agent_delivered ?? 0),
        seen: Math.max(same ? chat.seen : 0, frame.customer_seen ?? 0),
        limits: frame.limits ?? chat.limits,
      };
    }
    case "message":
      return add(chat, frame);
    case "ack":
      // The message itself follows or has arrived; until then the visitor keeps seeing what they sent.
      return chat;
    case "state":
      return { ...chat, ...standing(frame), agentTyping: frame.state === "with_agent" && chat.agentTyping };
    case "typing":
      return { ...chat, agentTyping: frame.typing };
    case "seen":
      return { ...chat, agentSeen: Math.max(chat.agentSeen, frame.sequence) };
    case "delivered":
      return { ...chat, agentDelivered: Math.max(chat.agentDelivered, frame.sequence) };
    case "error":
      return fail(chat, frame);
    case "pong":
      return chat;
  }
}

function standing(state: ConversationState): Partial<Chat> {
  return {
    phase: state.state,
    awaiting: state.awaiting ?? null,
    position: state.position ?? 0,
    waiting: state.waiting ?? 0,
    estimatedWaitSeconds: state.estimated_wait_s ?? 0,
    agentName: state.agent_name ?? "",
  };
}

function add(chat: Chat, message: Message): Chat {
  const known = chat.messages.some((other) => other.sequence === message.sequence);
  const messages = known
    ? chat.messages
    : [...chat.messages, message].sort((one, other) => one.sequence - other.sequence);
  return {
    ...chat,
    messages,
    lastSequence: contiguous(messages),
    unsent: message.client_message_id
      ? chat.unsent.filter((item) => idOf(item) !== message.client_message_id)
      : chat.unsent,
    agentTyping: message.author === "agent" ? false : chat.agentTyping,
  };
}

// Highest sequence up to which nothing is missing: where a resume begins.
function contiguous(messages: Message[]): number {
  let last = (messages[0]?.sequence ?? 1) - 1;
  for (const message of messages) {
    if (message.sequence !== last + 1) break;
    last = message.sequence;
  }
  return last;
}

function fail(chat: Chat, error: Extract<ServerFrame, { type: "error" }>): Chat {
  if (!error.client_message_id) return { ...chat, notice: error.reason };
  return {
    ...chat,
    unsent: chat.unsent.map((item) =>
      idOf(item) === error.client_message_id ? { ...item, failed: error.reason } : item,
    ),
  };
}

function healed(item: Unsent): Unsent {
  return { frame: item.frame, label: item.label, attachments: item.attachments, at: item.at };
}

export function idOf(item: Unsent): string {
  return item.frame.client_message_id;
}

// What goes out again after a reconnect, in order. The centre drops what it has.
export function resend(chat: Chat): Outgoing[] {
  return chat.unsent.filter((item) => !item.failed).map((item) => item.frame);
}

// Messages of others that the visitor has not looked at.
export function unread(chat: Chat): number {
  return chat.messages.filter((message) => message.author !== "customer" && message.sequence > chat.seen).length;
}

// "sending", "failed", "sent" (safe with the centre), "delivered" or "seen" (by the agent's screen).
export function markOf(chat: Chat, message: Message): "sent" | "delivered" | "seen" {
  if (message.sequence <= chat.agentSeen) return "seen";
  return message.sequence <= chat.agentDelivered ? "delivered" : "sent";
}

// Index of the message whose buttons may be pressed, or -1.
export function openQuestion(chat: Chat): number {
  if (chat.phase !== "in_flow" || chat.awaiting !== "choice") return -1;
  if (chat.unsent.some((item) => item.frame.type === "choose" && !item.failed)) return -1;
  for (let index = chat.messages.length - 1; index >= 0; index--) {
    const message = chat.messages[index];
    if (message?.options?.length) return index;
  }
  return -1;
}

// Milliseconds until the next attempt to connect: doubling from 0.5 s to 30 s, spread by `chance` (0 to 1).
export function backOff(attempt: number, chance: number): number {
  const ceiling = Math.min(30_000, 500 * 2 ** Math.min(attempt, 10));
  return Math.round(ceiling / 2 + (ceiling / 2) * chance);
}
