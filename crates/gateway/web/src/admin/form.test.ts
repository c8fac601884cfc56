import { expect, it } from "vitest";
import { localPath } from "./form";

it("a mistake of the thing itself is shown at its field, one of another thing by its whole path", () => {
  expect(localPath("queues[billing].rings[0].expression", "billing")).toBe("queues.rings[0].expression");
  expect(localPath("agents[ann].skills[golf].skill", "ann")).toBe("agents.skills[golf].skill");
  expect(localPath("agents[bob].skills[golf].skill", "golf")).toBe("agents[bob].skills[golf].skill");
  expect(localPath("queues[3].key", "")).toBe("queues.key");
  expect(localPath("tenant.name", "x")).toBe("tenant.name");
});
