import { expect, test } from "vitest";
import { isRelay, noPath } from "./path";

test("without a relay there is nothing to go through", () => {
  expect(noPath({ relays: 0, relayed: 0, errors: [701] })).toBe("noRelay");
});

test("a relay that refuses us is told apart from one that does not answer", () => {
  expect(noPath({ relays: 2, relayed: 0, errors: [701, 401] })).toBe("refused");
  expect(noPath({ relays: 2, relayed: 0, errors: [701] })).toBe("silent");
  expect(noPath({ relays: 1, relayed: 0, errors: [] })).toBe("silent");
});

test("a relay that let us in and still leads nowhere is the centre's matter", () => {
  expect(noPath({ relays: 2, relayed: 1, errors: [401] })).toBe("blocked");
});

test("only TURN relays", () => {
  expect([isRelay("turn:a"), isRelay("turns:a"), isRelay("stun:a")]).toEqual([true, true, false]);
});
