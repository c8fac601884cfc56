// A caller asks to be called back; an agent accepts that in the browser, and talks with the customer there. Tones tell who hears whom.
//
//   node e2e/callback_in_browser.mjs URL SIP_HOST:PORT PYTHON TRUNK_PORT [OUT_FOLDER]
//
// PYTHON is what tests/phones/setup.sh prints. Needs a running demo centre in which nobody is available, with a trunk at
// 127.0.0.1:TRUNK_PORT which may be called at +1. Prints one line a step and exits 0 when all passed.
import { Journey, must, within } from "./journey.mjs";
import { Phone } from "./phone.mjs";
import { expectTones, giveEars, launchWithTone } from "./sound.mjs";

const [base, sip, python, trunk, out = "e2e/out/callback_in_browser"] = process.argv.slice(2);
if (!trunk) {
  process.stderr.write("usage: node e2e/callback_in_browser.mjs URL SIP_HOST:PORT PYTHON TRUNK_PORT [OUT_FOLDER]\n");
  process.exit(2);
}
const CUSTOMER = "+15550123";
const ANN = 1_000;
const OUTSIDE = 1_900;

const journey = new Journey(base, out);
const step = journey.step.bind(journey);
const look = journey.look.bind(journey);
const browser = await launchWithTone(ANN);
const ann = await journey.page(browser, "ann", { permissions: ["microphone"], prepare: giveEars });
const [caller, outside] = [new Phone(python), new Phone(python)];
const strip = ann.getByTestId("call");
const onTheLine = () => ann.getByTestId("line-quality").and(ann.locator('[data-phase="on"]')).waitFor();

await journey.play(
  async () => {
    await step("a caller asks to be called back, and hangs up", async () => {
      outside.tell({ do: "start", server: sip, user: "outside", port: Number(trunk) });
      await outside.expect("started");
      outside.tell({ do: "say", hertz: OUTSIDE });
      caller.tell({ do: "start", server: sip, user: CUSTOMER });
      await caller.expect("started");
      caller.tell({ do: "call", to: "+15550100" });
      await caller.expect("answered");
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      caller.tell({ do: "press", digits: "2" });
      // What is said before the queue is heard to its end.
      await new Promise((resolve) => setTimeout(resolve, 6_000));
      caller.tell({ do: "press", digits: "5" });
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      caller.tell({ do: "hangup" });
    });

    await step("the call-back rings in the browser of an agent who becomes available", async () => {
      await journey.signIn(ann, "ann");
      await ann.getByTestId("phone").click();
      await ann.getByRole("switch", { name: "Take calls in this browser" }).click();
      await ann.getByTestId("phone").and(ann.locator('[data-ready="true"]')).waitFor();
      await ann.keyboard.press("Escape");
      await ann.getByRole("button", { name: "Available" }).click();
      await ann.getByTestId("offer").filter({ hasText: "Callback" }).waitFor();
      await look(ann, "offer");
      must(!outside.events.some((event) => event.event === "incoming"), "the customer is called before the agent has accepted");
    });

    await step("accepting it there takes it, and the customer is called", async () => {
      await ann.getByTestId("offer").getByRole("button", { name: /^Accept/ }).click();
      await onTheLine();
      const incoming = await outside.expect("incoming");
      must(incoming.headers.To.includes(CUSTOMER), `somebody else is called: ${incoming.headers.To}`);
      await strip.waitFor();
      await expectTones(ann, [425], [OUTSIDE]);
      await look(ann, "calling");
    });

    await step("agent and customer hear each other", async () => {
      outside.tell({ do: "answer" });
      await expectTones(ann, [OUTSIDE], [425]);
      await outside.expectTone(ANN, OUTSIDE);
      await strip.getByText("On call").waitFor();
      await look(ann, "talking");
    });

    await step("a page loaded anew comes back into the talk", async () => {
      await ann.reload();
      await onTheLine();
      await expectTones(ann, [OUTSIDE], []);
      await outside.expectTone(ANN, OUTSIDE);
    });

    await step("the customer hangs up, and it is wrapped up", async () => {
      outside.tell({ do: "hangup" });
      await ann.getByTestId("wrap-up").waitFor();
      await within("no connection is left open", () => ann.evaluate(() => window.peers.every((peer) => peer.connectionState === "closed")));
      await ann.getByTestId("wrap-up").getByText("resolved", { exact: true }).click();
      await ann.getByRole("button", { name: "Complete" }).click();
      await ann.getByTestId("wrap-up").waitFor({ state: "detached" });
    });
  },
  async () => {
    caller.close();
    outside.close();
    await browser.close();
  },
);
