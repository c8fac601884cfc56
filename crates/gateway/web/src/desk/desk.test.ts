import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeCentre } from "../../test/fake/centre";
import { createApi } from "../api/clients";
import { Party } from "../gen/switchboard/interaction/v1/types_pb";
import { Desk } from "./desk";
import { Kept } from "./kept";

let centre: FakeCentre;
let desk: Desk;
let stop: () => void;

async function start(): Promise<void> {
  const api = createApi(centre.transport);
  await api.session.signIn("", "ann", "demo");
  desk = new Desk(api, "ann", new Kept("demo.ann", localStorage));
  stop = desk.start();
  await vi.waitFor(() => expect(desk.store.getState().line.kind).toBe("open"));
}

async function chat(): Promise<void> {
  centre.offer("i-1", "Maria");
  await vi.waitFor(() => expect(desk.store.getState().order).toEqual(["i-1"]));
  await desk.accept("i-1");
  await vi.waitFor(() => expect(desk.store.getState().chats["i-1"]?.loaded).toBe(true));
}

const texts = () => desk.store.getState().chats["i-1"]?.messages.map((each) => each.text);
const say = (clientId: string, text: string) => desk.say("i-1", { clientId, text, files: [], at: 0 });

beforeEach(async () => {
  localStorage.clear();
  centre = new FakeCentre();
  await start();
});
afterEach(() => stop());

describe("the desk's engine", () => {
  it("shows what both say, in order", async () => {
    await chat();
    centre.say("i-1", Party.CUSTOMER, "Hello");
    say("c-1", "Good morning");

    await vi.waitFor(() => expect(texts()).toEqual(["Hello", "Good morning"]));
    expect(desk.store.getState().pending["i-1"]).toEqual([]);
  });

  it("catches up after the line broke, and loses nothing that was sent meanwhile", { timeout: 15_000 }, async () => {
    await chat();
    centre.down = true;
    centre.breakLines();
    await vi.waitFor(() => expect(desk.store.getState().line.kind).toBe("lost"), { timeout: 3_000 });

    centre.say("i-1", Party.CUSTOMER, "Are you there?");
    say("c-1", "Sent while down");
    expect(desk.kept.pending("i-1")).toHaveLength(1);
    centre.down = false;
    desk.retryNow();

    await vi.waitFor(() => expect(texts()).toEqual(["Are you there?", "Sent while down"]), { timeout: 8_000 });
    expect(desk.kept.pending("i-1")).toEqual([]);
  });

  it("sends what was not confirmed again after a reload, under the same id", { timeout: 15_000 }, async () => {
    await chat();
    centre.down = true;
    say("c-1", "Before the reload");
    await vi.waitFor(() => expect(desk.kept.pending("i-1")).toHaveLength(1));
    stop();

    centre.down = false;
    await start();

    await vi.waitFor(() => expect(texts()).toEqual(["Before the reload"]), { timeout: 5_000 });
    expect(new Set(centre.sent)).toEqual(new Set(["c-1"]));
  });
});

describe("what is kept", () => {
  it("outlives the desk, per person and interaction", () => {
    desk.kept.keepDraft("i-1", { text: "half a sentence", files: [] });

    expect(new Kept("demo.ann", localStorage).draft("i-1").text).toBe("half a sentence");
    expect(new Kept("demo.bob", localStorage).draft("i-1").text).toBe("");
    expect(new Kept("demo.ann", localStorage).draft("i-2").text).toBe("");
  });

  it("is dropped with the interaction", () => {
    desk.kept.keepDraft("i-1", { text: "x", files: [] });
    desk.kept.drop("i-1");

    expect(desk.kept.draft("i-1").text).toBe("");
  });
});
