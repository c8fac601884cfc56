import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { TrunkRegistration, TrunkSchema } from "../gen/switchboard/voice/v1/service_pb";
import { standingOf } from "./trunks";

const trunk = (up: boolean, registration: TrunkRegistration) => standingOf(create(TrunkSchema, { up, registration })).tone;

describe("a trunk", () => {
  it("is in order when it answers and knows us, if it is to", () => {
    expect(trunk(true, TrunkRegistration.NONE)).toBe("good");
    expect(trunk(true, TrunkRegistration.SIGNED_IN)).toBe("good");
    expect(trunk(true, TrunkRegistration.PENDING)).toBe("warn");
    expect(trunk(true, TrunkRegistration.REFUSED)).toBe("bad");
    expect(trunk(true, TrunkRegistration.UNREACHABLE)).toBe("bad");
    expect(trunk(false, TrunkRegistration.SIGNED_IN)).toBe("bad");
  });
});
