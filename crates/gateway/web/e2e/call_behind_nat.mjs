// An agent's browser in a network of its own takes a telephone's call: directly, by a relay, or not at all, and then the desk says why.
//
//   CHROMIUM=PROGRAM node e2e/call_behind_nat.mjs URL SIP_HOST:PORT PYTHON WAY [OUT_FOLDER]
//
// PYTHON is what tests/phones/setup.sh prints; PROGRAM starts the browser in that network. WAY is "direct", "udp" or "tcp" (by which
// the browser reaches the relay), "refused" or "silent" (what the relay does). Needs a demo centre in which nobody is available.
import { Journey, must, within } from "./journey.mjs";
import { Phone } from "./phone.mjs";
import { expectTone, giveEars, launchWithTone, way } from "./sound.mjs";

const [base, sip, python, wanted, out = "e2e/out/call_behind_nat"] = process.argv.slice(2);
const ways = { direct: /^(host|srflx|prflx)$/, udp: /^relay udp$/, tcp: /^relay tcp$/ };
const problems = { refused: /relay \(TURN\) refuses the password/, silent: /relay \(TURN\) does not answer/ };
if (!ways[wanted] && !problems[wanted]) {
  process.stderr.write("usage: node e2e/call_behind_nat.mjs URL SIP_HOST:PORT PYTHON direct|udp|tcp|refused|silent [OUT_FOLDER]\n");
  process.exit(2);
}
const ANN = 1_000;
const CALLER = 440;

const journey = new Journey(base, out);
const step = journey.step.bind(journey);
// Browsers lend the microphone to pages on https and localhost: a centre in this network has TLS in front.
const browser = await launchWithTone(ANN, [`--unsafely-treat-insecure-origin-as-secure=${base}`]);
const ann = await journey.page(browser, "ann", { permissions: ["microphone"], prepare: giveEars });
const caller = new Phone(python);

const dial = async () => {
  caller.tell({ do: "call", to: "+15550100" });
  await caller.expect("answered");
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  caller.tell({ do: "press", digits: "2" });
  await ann.getByTestId("offer").waitFor();
};
const goesBy = () => within(`by way of ${wanted}`, async () => ways[wanted].test(await way(ann)));

await journey.play(
  async () => {
    await step("an agent at home takes calls in the browser", async () => {
      caller.tell({ do: "start", server: sip, user: "+15550123" });
      await caller.expect("started");
      caller.tell({ do: "say", hertz: CALLER });
      await journey.signIn(ann, "ann");
      await ann.getByTestId("phone").click();
      await ann.getByRole("switch", { name: "Take calls in this browser" }).click();
      await ann.getByTestId("phone").and(ann.locator('[data-ready="true"]')).waitFor();
      await ann.getByRole("button", { name: "Hear yourself" }).click();
    });

    if (problems[wanted]) {
      await step("the echo test says that there is no way to the centre, and why", async () => {
        await ann.getByRole("dialog", { name: "Telephone" }).getByRole("alert").filter({ hasText: problems[wanted] }).waitFor();
        await ann.getByRole("button", { name: "Hear yourself" }).waitFor();
        await journey.look(ann, `${wanted}-echo`);
        await ann.keyboard.press("Escape");
        await ann.getByRole("button", { name: "Available" }).click();
        await ann.getByTestId("agent-state").filter({ hasText: "Ready" }).waitFor();
      });

      await step("a call that is accepted finds no way either, is not given to the agent, and the caller waits on", async () => {
        await dial();
        await ann.getByTestId("offer").getByRole("button", { name: /^Accept/ }).click();
        await ann.getByTestId("phone-problem").filter({ hasText: problems[wanted] }).waitFor();
        await journey.look(ann, `${wanted}-call`);
        must((await ann.getByTestId("call").count()) === 0, "the agent has the call");
        must(!caller.events.some((event) => event.event === "ended"), "the caller was hung up on");
        await ann.getByTestId("offer").getByRole("button", { name: /^Decline/ }).click();
        await ann.getByTestId("offer").waitFor({ state: "detached" });
        caller.tell({ do: "hangup" });
        await caller.expect("ended");
      });
      return;
    }

    await step("the echo test returns what the agent says, by the way that there is", async () => {
      await ann.getByTestId("echo-test").and(ann.locator('[data-state="on"]')).waitFor();
      await expectTone(ann, ANN, CALLER);
      await goesBy();
      await ann.getByRole("button", { name: "Stop" }).click();
      await ann.keyboard.press("Escape");
      await ann.getByRole("button", { name: "Available" }).click();
      await ann.getByTestId("agent-state").filter({ hasText: "Ready" }).waitFor();
    });

    await step("agent and caller hear each other", async () => {
      await dial();
      await ann.getByTestId("offer").getByRole("button", { name: /^Accept/ }).click();
      await ann.getByTestId("line-quality").and(ann.locator('[data-phase="on"]')).waitFor();
      await caller.expectTone(ANN, CALLER);
      await expectTone(ann, CALLER, ANN);
      await goesBy();
      await ann.getByTestId("line-quality").and(ann.locator('[data-quality="good"]')).waitFor();
      await journey.look(ann, `${wanted}-call`);
    });

    await step("a page loaded anew comes back into the call, by the same way", async () => {
      await ann.reload();
      await ann.getByTestId("line-quality").and(ann.locator('[data-phase="on"]')).waitFor();
      await caller.expectTone(ANN, CALLER);
      await expectTone(ann, CALLER, ANN);
      await goesBy();
    });

    await step("the caller hangs up, and the agent wraps up", async () => {
      caller.tell({ do: "hangup" });
      await caller.expect("ended");
      await ann.getByTestId("wrap-up").waitFor();
      await ann.getByTestId("wrap-up").getByText("resolved", { exact: true }).click();
      await ann.getByRole("button", { name: "Complete" }).click();
      await ann.getByTestId("wrap-up").waitFor({ state: "detached" });
    });

    await step("the agent is away again", async () => {
      await ann.getByRole("button", { name: "Offline" }).click();
    });
  },
  async () => {
    caller.close();
    await browser.close();
  },
);
