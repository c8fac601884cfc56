import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { ColleagueOutcome } from "../gen/switchboard/voice/v1/events_pb";
import { describe, expect, it } from "vitest";
import { DesktopEventSchema, SnapshotSchema } from "../gen/switchboard/gateway/v1/service_pb";
import { Channel, MessageSchema, Party } from "../gen/switchboard/interaction/v1/types_pb";
import { AgentViewSchema, OfferOutcome, WorkState } from "../gen/switchboard/router/v1/types_pb";
import type { DeskState } from "./model";
import { addMessages, applyEvent, applySnapshot, emptyChat, emptyDesk, expireInvitations, markLoaded, unread, wants } from "./model";

type EventInit = NonNullable<Parameters<typeof create<typeof DesktopEventSchema>>[1]>["event"];

const happen = (state: DeskState, event: EventInit, id = "i-1"): DeskState =>
  applyEvent(state, create(DesktopEventSchema, { interactionId: id, occurredAt: timestampFromMs(5_000), event }));

const offered = (state: DeskState, id = "i-1"): DeskState =>
  happen(state, { case: "offerMade", value: { offerId: `o-${id}`, agentId: "ann", channel: Channel.CHAT, customerLabel: "Maria" } }, id);

const assigned = (state: DeskState, id = "i-1"): DeskState =>
  happen(offered(state, id), { case: "interactionAssigned", value: { agentId: "ann", offerId: `o-${id}`, channel: Channel.CHAT } }, id);

const message = (sequence: number, author = Party.CUSTOMER) =>
  create(MessageSchema, { sequence: BigInt(sequence), author, text: `${sequence}` });

describe("somebody else's call", () => {
  const ann = applySnapshot(emptyDesk, create(SnapshotSchema, { agent: create(AgentViewSchema, { agentId: "ann" }) }));
  const asked = (state: DeskState, more: object = {}) =>
    happen(state, { case: "callGuest", value: { agentId: "ann", participantId: "1", askedBy: "bob", customerLabel: "Maria", ...more } });

  it("is shown while it is said, and gone at the last word", () => {
    const rung = asked(ann);
    expect(rung.invitations["i-1"]).toMatchObject({ askedBy: "bob", label: "Maria", answered: false });
    const spoken = asked(rung, { answered: true });
    expect(spoken.invitations["i-1"]?.answered).toBe(true);
    expect(asked(spoken, { over: true }).invitations).toEqual({});
  });

  it("of a colleague who is called stays for a moment when they do not pick up", () => {
    const calling = asked(ann, { participantId: "0", askedBy: "ann", calls: "bob" });
    expect(calling.invitations["i-1"]).toMatchObject({ calls: "bob", answered: false });
    const missed = asked(calling, { participantId: "0", over: true, outcome: ColleagueOutcome.DECLINED });
    expect(missed.invitations["i-1"]).toMatchObject({ calls: "bob", outcome: ColleagueOutcome.DECLINED });
    expect(expireInvitations(missed, 11_000).invitations).toEqual({});
    expect(asked(calling, { participantId: "0", over: true }).invitations).toEqual({});
  });

  it("is gone when it is not said any more", () => {
    const rung = asked(ann);
    expect(expireInvitations(rung, 8_000)).toBe(rung);
    expect(expireInvitations(rung, 11_000).invitations).toEqual({});
  });

  it("is nobody else's, and a late word about an earlier one says nothing", () => {
    expect(happen(ann, { case: "callGuest", value: { agentId: "cy", participantId: "1" } }).invitations).toEqual({});
    const again = asked(ann, { participantId: "2" });
    expect(asked(again, { participantId: "1", over: true }).invitations["i-1"]?.participantId).toBe("2");
  });
});

describe("parked calls", () => {
  it("of all agents are shown as they are told, until somebody takes them or they are over", () => {
    const parked = (state: DeskState, id: string) => happen(state, { case: "callParked", value: { agentId: "bob", label: "Maria", queue: "billing" } }, id);
    const two = parked(parked(emptyDesk, "c-1"), "c-2");
    expect(two.parkedCalls).toEqual(["c-1", "c-2"].map((id) => ({ id, agentId: "bob", label: "Maria", queue: "billing", at: 5_000 })));
    expect(parked(two, "c-1")).toBe(two);
    expect(happen(two, { case: "callRetrieved", value: { agentId: "ann" } }, "c-1").parkedCalls.map((each) => each.id)).toEqual(["c-2"]);
    expect(happen(two, { case: "interactionEnded", value: {} }, "c-2").parkedCalls.map((each) => each.id)).toEqual(["c-1"]);
  });
});

describe("the desk", () => {
  it("lets go of a call that waits again, and keeps what only rings", () => {
    expect(happen(assigned(emptyDesk), { case: "interactionQueued", value: { queue: "billing" } }).items).toEqual({});
    expect(happen(offered(emptyDesk), { case: "interactionQueued", value: { queue: "billing" } }).items["i-1"]).toBeDefined();
  });

  it("keeps the customer's name from the offer to the wrap-up", () => {
    let state = offered(emptyDesk);
    state = happen(state, { case: "offerEnded", value: { offerId: "o-i-1", outcome: OfferOutcome.ACCEPTED } });
    expect(state.items["i-1"]?.state).toBe(WorkState.ASSIGNED);
    state = happen(state, { case: "interactionAssigned", value: { agentId: "ann", offerId: "o-i-1", channel: Channel.CHAT } });
    state = happen(state, { case: "wrapUpStarted", value: { agentId: "ann" } });

    expect(state.items["i-1"]?.label).toBe("Maria");
    expect(state.items["i-1"]?.state).toBe(WorkState.WRAP_UP);
  });

  it("is on the call when the line says so before the router does", () => {
    let state = happen(offered(emptyDesk), { case: "interactionConnected", value: { agentId: "ann", offerId: "o-i-1" } });
    state = happen(state, { case: "offerEnded", value: { offerId: "o-i-1", outcome: OfferOutcome.ACCEPTED } });
    state = happen(state, { case: "interactionAssigned", value: { agentId: "ann", offerId: "o-i-1", channel: Channel.CHAT } });

    expect(state.items["i-1"]).toMatchObject({ state: WorkState.CONNECTED, label: "Maria" });
  });

  it("stops ringing when the offer ends, and ignores the end of an older offer", () => {
    const ringing = offered(emptyDesk);

    const late = happen(ringing, { case: "offerEnded", value: { offerId: "older", outcome: OfferOutcome.TIMED_OUT } });
    const ended = happen(ringing, { case: "offerEnded", value: { offerId: "o-i-1", outcome: OfferOutcome.TIMED_OUT } });

    expect(late.order).toEqual(["i-1"]);
    expect(ended.order).toEqual([]);
  });

  it("shows a message that comes twice once, and asks for those between", () => {
    let state = markLoaded(assigned(emptyDesk), "i-1");
    state = addMessages(state, "i-1", [message(1), message(1), message(4)]);

    expect(state.chats["i-1"]?.messages).toHaveLength(2);
    expect(wants(state)).toEqual([{ id: "i-1", after: 1 }]);

    state = addMessages(state, "i-1", [message(3), message(2)]);

    expect(state.chats["i-1"]?.messages.map((each) => each.text)).toEqual(["1", "2", "3", "4"]);
    expect(wants(state)).toEqual([]);
  });

  it("asks for what was said while the line was down, after what it knows", () => {
    let state = markLoaded(assigned(emptyDesk), "i-1");
    state = addMessages(state, "i-1", [message(1), message(2)]);
    const work = { interactionId: "i-1", channel: Channel.CHAT, state: WorkState.CONNECTED };

    state = applySnapshot(state, create(SnapshotSchema, { agent: { agentId: "ann", work: [work] } }));

    expect(state.chats["i-1"]?.messages).toHaveLength(2);
    expect(wants(state)).toEqual([{ id: "i-1", after: 2 }]);
  });

  it("drops what the router no longer holds and keeps the order of the rest", () => {
    const state = assigned(assigned(assigned(emptyDesk, "a"), "b"), "c");
    const work = (id: string) => ({ interactionId: id, channel: Channel.CHAT, state: WorkState.CONNECTED });

    const next = applySnapshot(state, create(SnapshotSchema, { agent: { work: [work("d"), work("c"), work("a")] } }));

    expect(next.order).toEqual(["a", "c", "d"]);
  });

  it("counts what the customer said since the agent looked", () => {
    let state = addMessages(assigned(emptyDesk), "i-1", [message(1), message(2, Party.AGENT), message(3), message(4)]);
    expect(unread(state.chats["i-1"])).toBe(3);

    state = { ...state, chats: { "i-1": { ...(state.chats["i-1"] ?? emptyChat), agentSeen: 3 } } };
    expect(unread(state.chats["i-1"])).toBe(1);
  });

  it("marks as delivered what was seen, and never goes back", () => {
    let state = assigned(emptyDesk);
    state = happen(state, { case: "signal", value: { party: Party.CUSTOMER, signal: { case: "seenSequence", value: 5n } } });
    state = happen(state, { case: "signal", value: { party: Party.CUSTOMER, signal: { case: "deliveredSequence", value: 3n } } });

    expect(state.chats["i-1"]).toMatchObject({ delivered: 5, seen: 5 });
  });

  it("keeps what is parked, and takes it up again", () => {
    let state = happen(assigned(emptyDesk), { case: "interactionParked", value: { agentId: "ann" } });
    expect(state.items["i-1"]?.state).toBe(WorkState.PARKED);

    state = happen(state, { case: "interactionUnparked", value: { agentId: "ann" } });
    expect(state.items["i-1"]?.state).toBe(WorkState.CONNECTED);
  });

  it("forgets what it gave to somebody else, and keeps what others gave away", () => {
    const mine = { ...assigned(emptyDesk), agent: create(AgentViewSchema, { agentId: "ann" }) };

    expect(happen(mine, { case: "interactionTransferred", value: { fromAgentId: "bob", queue: "sales" } }).order).toEqual(["i-1"]);
    expect(happen(mine, { case: "interactionTransferred", value: { fromAgentId: "ann", queue: "sales" } }).order).toEqual([]);
  });

  it("forgets an interaction that is closed", () => {
    const state = happen(assigned(emptyDesk), { case: "interactionClosed", value: { agentId: "ann" } });

    expect(state.items).toEqual({});
    expect(state.order).toEqual([]);
  });
});
