// The frames of /chat/v1/connect, as the README of ingress-chat describes them.

export type Author = "customer" | "agent" | "flow" | "system";
export type Phase = "in_flow" | "queued" | "with_agent" | "ended";
export type Awaiting = "choice" | "form" | null;

export interface Option {
  value: string;
  label: string;
}

export interface Attachment {
  attachment_id: string;
  file_name: string;
  content_type: string;
  size_bytes: number;
}

export interface Message {
  sequence: number;
  message_id: string;
  author: Author;
  author_name?: string;
  text: string;
  attachments?: Attachment[];
  options?: Option[];
  sent_at: string;
  client_message_id?: string;
}

export interface ConversationState {
  state: Phase;
  awaiting?: Awaiting;
  position?: number;
  waiting?: number;
  estimated_wait_s?: number;
  agent_name?: string;
  reason?: string;
}

export interface Welcome extends ConversationState {
  type: "welcome";
  visitor_token: string;
  interaction_id: string;
  last_sequence: number;
  agent_seen?: number;
  agent_delivered?: number;
  customer_seen?: number;
  limits?: { text_bytes: number; attachment_bytes: number; attachments: number };
}

export type ServerFrame =
  | Welcome
  | ({ type: "message" } & Message)
  | { type: "ack"; client_message_id: string; sequence: number }
  | ({ type: "state" } & ConversationState)
  | { type: "typing"; typing: boolean }
  | { type: "seen"; sequence: number }
  | { type: "delivered"; sequence: number }
  | { type: "error"; code: string; reason: string; field?: string; client_message_id?: string; fatal?: boolean }
  | { type: "pong" };

export interface Hello {
  type: "hello";
  entry_point: string;
  tenant?: string;
  visitor_token?: string;
  interaction_id?: string;
  last_sequence?: number;
  name?: string;
  email?: string;
}

export type Outgoing =
  | { type: "send"; client_message_id: string; text: string; attachment_ids?: string[] }
  | { type: "choose"; client_message_id: string; value: string }
  | { type: "form"; client_message_id: string; name: string; email: string; text: string };

export type ClientFrame =
  | Hello
  | Outgoing
  | { type: "typing"; typing: boolean }
  | { type: "delivered"; sequence: number }
  | { type: "seen"; sequence: number }
  | { type: "end" }
  | { type: "ping" };
