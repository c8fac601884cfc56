import { describe, expect, it } from "vitest";
import type { Message, ServerFrame, Welcome } from "../src/protocol";
import { backOff, empty, markOf, openQuestion, resend, step, unread, type Chat, type Unsent } from "../src/state";

const welcome = (more: Partial<Welcome> = {}): Welcome => ({
  type: "welcome", visitor_token: "t", interaction_id: "i1", last_sequence: 0, state: "in_flow", awaiting: null, ...more,
});
const message = (sequence: number, more: Partial<Message> = {}): ServerFrame => ({
  type: "message", sequence, message_id: `m${sequence}`, author: "agent", text: `text ${sequence}`, sent_at: "2026-01-01T00:00:00Z", ...more,
});
const said = (id: string): Unsent => ({
  frame: { type: "send", client_message_id: id, text: id }, label: id, attachments: [], at: "2026-01-01T00:00:00Z",
});
const receive = (chat: Chat, ...frames: ServerFrame[]): Chat =>
  frames.reduce((so, frame) => step(so, { kind: "frame", frame }), chat);

describe("messages", () => {
  it("stand in the order of their sequence however they arrive", () => {
    const chat = receive(empty, welcome(), message(2), message(1), message(3));

    expect(chat.messages.map((item) => item.sequence)).toEqual([1, 2, 3]);
  });

  it("are shown once when they arrive twice", () => {
    const chat = receive(empty, welcome(), message(1), message(1));

    expect(chat.messages).toHaveLength(1);
  });

  it("resume after the last one without a gap before it", () => {
    const chat = receive(empty, welcome(), message(1), message(2), message(4));

    expect(chat.lastSequence).toBe(2);
  });

  it("survive a reconnect to the same conversation and not to another", () => {
    const before = receive(empty, welcome(), message(1));

    expect(receive(before, welcome()).messages).toHaveLength(1);
    expect(receive(before, welcome({ interaction_id: "i2" })).messages).toHaveLength(0);
  });
});

describe("what the visitor says", () => {
  it("is unsent until its message comes back, also when only the acknowledgement is heard", () => {
    let chat = step(receive(empty, welcome()), { kind: "said", unsent: said("c1") });
    chat = receive(chat, { type: "ack", client_message_id: "c1", sequence: 1 });
    expect(resend(chat)).toHaveLength(1);

    chat = receive(chat, message(1, { author: "customer", client_message_id: "c1" }));

    expect(resend(chat)).toHaveLength(0);
    expect(chat.messages).toHaveLength(1);
  });

  it("goes out again in its order after a reconnect", () => {
    let chat = receive(empty, welcome());
    for (const id of ["c1", "c2", "c3"]) chat = step(chat, { kind: "said", unsent: said(id) });

    expect(resend(receive(chat, welcome())).map((frame) => frame.client_message_id)).toEqual(["c1", "c2", "c3"]);
  });

  it("stays with its reason when the centre refuses it, and goes out when tried again", () => {
    let chat = step(receive(empty, welcome()), { kind: "said", unsent: said("c1") });
    chat = receive(chat, { type: "error", code: "invalid", field: "text", reason: "too long", client_message_id: "c1" });
    expect(chat.unsent[0]?.failed).toBe("too long");
    expect(resend(chat)).toHaveLength(0);

    chat = step(chat, { kind: "retried", id: "c1" });

    expect(resend(chat)).toHaveLength(1);
  });

  it("shows how far it got", () => {
    let chat = receive(empty, welcome(), message(1, { author: "customer" }));
    const mine = chat.messages[0] as Message;
    expect(markOf(chat, mine)).toBe("sent");

    chat = receive(chat, { type: "delivered", sequence: 1 });
    expect(markOf(chat, mine)).toBe("delivered");

    chat = receive(chat, { type: "seen", sequence: 1 });
    expect(markOf(chat, mine)).toBe("seen");
  });
});

describe("a conversation that the centre does not know any more", () => {
  it("leaves the words that were not said yet to the next one", () => {
    let chat = step(receive(empty, welcome(), message(1)), { kind: "said", unsent: said("c1") });
    const choice = { type: "choose", client_message_id: "c2", value: "1" } as const;
    chat = step(chat, { kind: "said", unsent: { frame: choice, label: "Sales", attachments: [], at: "" } });

    const next = receive(step(chat, { kind: "restart", keepUnsent: true }), welcome({ interaction_id: "i2" }));

    expect(resend(next).map((frame) => frame.client_message_id)).toEqual(["c1"]);
    expect(next.messages).toEqual([]);
    expect(resend(step(chat, { kind: "restart", keepUnsent: false }))).toEqual([]);
  });
});

describe("the menu", () => {
  const options = [{ value: "1", label: "Sales" }];

  it("opens only the newest question, and only while it is asked", () => {
    let chat = receive(empty, welcome({ awaiting: "choice" }), message(1, { options }), message(2, { options }));
    expect(openQuestion(chat)).toBe(1);

    chat = receive(chat, { type: "state", state: "queued", position: 2, waiting: 3 });

    expect(openQuestion(chat)).toBe(-1);
    expect([chat.position, chat.waiting]).toEqual([2, 3]);
  });

  it("takes one answer", () => {
    const asked = receive(empty, welcome({ awaiting: "choice" }), message(1, { options }));
    const frame = { type: "choose", client_message_id: "c1", value: "1" } as const;

    const chat = step(asked, { kind: "said", unsent: { frame, label: "Sales", attachments: [], at: "" } });

    expect(openQuestion(chat)).toBe(-1);
  });
});

describe("what was not looked at", () => {
  it("counts what others said until it is shown", () => {
    let chat = receive(empty, welcome(), message(1), message(2, { author: "customer" }), message(3));
    expect(unread(chat)).toBe(2);

    chat = step(chat, { kind: "shown", sequence: 3 });

    expect(unread(chat)).toBe(0);
  });

  it("is known from the centre after a reload", () => {
    expect(unread(receive(empty, welcome({ customer_seen: 2 }), message(1), message(2), message(3)))).toBe(1);
  });
});

describe("a lost line", () => {
  it("stops the other side's typing", () => {
    const chat = receive(empty, welcome({ state: "with_agent", agent_name: "Ann" }), { type: "typing", typing: true });

    expect(step(chat, { kind: "connection", connection: "waiting", retryInSeconds: 2 }).agentTyping).toBe(false);
  });

  it("is tried again later and later, never later than 30 s, never all at once", () => {
    expect(backOff(0, 0)).toBe(250);
    expect(backOff(0, 1)).toBe(500);
    expect(backOff(3, 1)).toBe(4000);
    expect(backOff(50, 1)).toBe(30_000);
    expect(backOff(50, 0)).toBe(15_000);
  });
});
