import { describe, expect, it } from "vitest";
import { PART_MS, placeOf } from "./player";
import { outline } from "./wave";

describe("a recording", () => {
  it("is played in parts", () => {
    expect(placeOf(0, 10_000)).toEqual({ part: 0, within: 0 });
    expect(placeOf(PART_MS + 1_500, 2 * PART_MS)).toEqual({ part: 1, within: 1_500 });
    expect(placeOf(99_999_999, 10_000)).toEqual({ part: 0, within: 9_999 });
    expect(placeOf(-5, 10_000)).toEqual({ part: 0, within: 0 });
  });

  it("is drawn as one outline a side, silence as a line", () => {
    expect(outline(new Uint8Array([0, 255]), 20, -1)).toBe("M0 20L0 19L1 19L1 1L2 1L2 20Z");
    expect(outline(new Uint8Array([0]), 20, 1)).toBe("M0 20L0 21L1 21L1 20Z");
    expect(outline(new Uint8Array(), 20, 1)).toBe("");
  });
});
