import { describe, expect, it } from "vitest";
import { colorOf, inkOn } from "../src/options";

describe("the colour of a page", () => {
  it("is taken only when it can't carry anything else into the style sheet", () => {
    expect(colorOf("#0a7f5a")).toBe("#0a7f5a");
    expect(colorOf("red;} * { display: none")).toBe("#3451b2");
    expect(colorOf(undefined)).toBe("#3451b2");
  });

  it("gets the ink that reads better", () => {
    expect(inkOn("#ffd400")).toBe("#111318");
    expect(inkOn("#1b2a6b")).toBe("#ffffff");
  });
});
