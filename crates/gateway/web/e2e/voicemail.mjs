// A caller leaves a message by the menu. It is listed with the call and heard there; the agent who is to call back about it hears
// it on the desk, and talks with the customer on a desk telephone that the desk mutes and presses keys on. The call is parked,
// and a colleague takes it from the list that everybody sees.
//
//   node e2e/voicemail.mjs URL SIP_HOST:PORT PYTHON TRUNK_PORT [OUT_FOLDER]
//
// PYTHON is what tests/phones/setup.sh prints. Needs a running demo centre in which nobody is available, that keeps recordings and
// has a trunk at 127.0.0.1:TRUNK_PORT which may be called at +1. Prints one line a step and exits 0 when all passed.
import { Journey, must, within } from "./journey.mjs";
import { Phone } from "./phone.mjs";
import { expectTones, giveEars, launchWithTone } from "./sound.mjs";

const [base, sip, python, trunk, out = "e2e/out/voicemail"] = process.argv.slice(2);
if (!trunk) {
  process.stderr.write("usage: node e2e/voicemail.mjs URL SIP_HOST:PORT PYTHON TRUNK_PORT [OUT_FOLDER]\n");
  process.exit(2);
}
const CUSTOMER = "+15550123";
const BEEP = 1_000;
const MESSAGE = 700;
const ANN = 1_500;
const BOB = 440;
const OUTSIDE = 1_900;

const journey = new Journey(base, out);
const step = journey.step.bind(journey);
const look = journey.look.bind(journey);
const browser = await launchWithTone(BOB);
const person = (name, more = {}) => journey.page(browser, name, { permissions: ["microphone"], prepare: giveEars, ...more });
const [ann, bob, sue] = [await person("ann"), await person("bob", { colorScheme: "dark" }), await person("sue")];
const [caller, outside, desk] = [new Phone(python), new Phone(python), new Phone(python)];

const available = async (page) => {
  await page.getByRole("button", { name: "Available" }).click();
  await page.getByTestId("agent-state").filter({ hasText: "Ready" }).waitFor();
  await page.evaluate(() => document.activeElement?.blur());
};
const strip = (page) => page.getByTestId("call");
const plays = async (player) => {
  const wave = player.getByTestId("wave");
  await wave.waitFor();
  await player.getByTestId("play").click();
  await within("it plays on", async () => Number(await wave.getAttribute("aria-valuenow")) >= 2);
  return Number(await wave.getAttribute("aria-valuemax"));
};

await journey.play(
  async () => {
    await step("a caller chooses to leave a message, and says it after the tone", async () => {
      caller.tell({ do: "start", server: sip, user: CUSTOMER });
      await caller.expect("started");
      caller.tell({ do: "call", to: "+15550112" });
      await caller.expect("answered");
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      caller.tell({ do: "press", digits: "1" });
      await caller.expectTone(BEEP, MESSAGE);
      caller.tell({ do: "say", hertz: MESSAGE });
      await new Promise((resolve) => setTimeout(resolve, 4_000));
      caller.tell({ do: "press", digits: "#" });
      await caller.expect("ended");
    });

    await step("the supervisor finds it with the call, and hears it", async () => {
      await journey.signIn(sue, "sue");
      await sue.getByTestId("trunk").filter({ hasText: "outside" }).waitFor();
      await sue.getByRole("link", { name: "Interactions" }).click();
      const call = sue.getByTestId("interaction").filter({ hasText: CUSTOMER });
      await within("call and call-back", async () => (await call.count()) === 2);
      await call.last().getByRole("link").first().click();
      const length = await plays(sue.getByTestId("recording").first());
      must(length >= 3 && length <= 10, `it is ${length} s long`);
      await look(sue, "listed");
    });

    await step("an agent's desk and telephone ring for the call-back", async () => {
      outside.tell({ do: "start", server: sip, user: "outside", port: Number(trunk) });
      await outside.expect("started");
      outside.tell({ do: "say", hertz: OUTSIDE });
      desk.tell({ do: "start", server: sip, user: "ann", password: "demo" });
      await desk.expect("registered");
      desk.tell({ do: "say", hertz: ANN });
      await journey.signIn(bob, "bob");
      await journey.signIn(ann, "ann");
      // It rings at once.
      await ann.getByRole("button", { name: "Available" }).click();
      await desk.expect("incoming");
      await ann.getByTestId("offer").getByText("Answer on your phone").waitFor();
      await look(ann, "offer");
      desk.tell({ do: "answer" });
      await desk.expect("answered");
    });

    await step("while the customer is called, the agent hears the message", async () => {
      const incoming = await outside.expect("incoming");
      must(incoming.headers.To.includes(CUSTOMER), `somebody else is called: ${incoming.headers.To}`);
      await plays(ann.getByTestId("message-left"));
      must(!(await ann.getByText("voicemail", { exact: true }).isVisible()), "a bare key is shown");
      await look(ann, "message");
    });

    await step("agent and customer talk", async () => {
      outside.tell({ do: "answer" });
      await desk.expectTone(OUTSIDE, MESSAGE);
      await outside.expectTone(ANN, BOB);
      await strip(ann).getByText("On call").waitFor();
    });

    await step("the desk mutes the telephone", async () => {
      await strip(ann).getByRole("button", { name: "Mute" }).click();
      await outside.expectSilence(ANN);
      await strip(ann).getByRole("button", { name: "Unmute" }).click();
      await outside.expectTone(ANN, BOB);
    });

    await step("keys of the desk reach the other end", async () => {
      await ann.keyboard.press("Alt+k");
      await ann.getByTestId("keypad").waitFor();
      await ann.keyboard.press("7");
      await outside.expect("digit", (event) => event.digit === "7");
      await ann.keyboard.press("Escape");
    });

    await step("the parked call is on every desk", async () => {
      await bob.getByTestId("phone").click();
      await bob.getByRole("switch", { name: "Take calls in this browser" }).click();
      await bob.getByTestId("phone").and(bob.locator('[data-ready="true"]')).waitFor();
      await bob.keyboard.press("Escape");
      await available(bob);
      await ann.keyboard.press("Alt+p");
      await desk.expect("ended");
      await ann.getByTestId("parked-call").getByRole("button", { name: "Take it back" }).waitFor();
      await bob.getByTestId("parked-call").filter({ hasText: "by Ann Abel" }).waitFor();
      await look(bob, "parked");
    });

    await step("a colleague takes it, and it is on no desk's list any more", async () => {
      await bob.getByTestId("parked-call").getByRole("button", { name: "Take" }).click();
      await bob.getByTestId("offer").getByRole("button", { name: /^Accept/ }).click();
      await outside.expectTone(BOB, ANN);
      await expectTones(bob, [OUTSIDE], [ANN]);
      await ann.getByTestId("parked-call").waitFor({ state: "detached" });
      await bob.getByTestId("parked-call").waitFor({ state: "detached" });
    });

    await step("they hang up and it is wrapped up", async () => {
      await strip(bob).getByRole("button", { name: "Hang up" }).click();
      await outside.expect("ended");
      await bob.getByTestId("wrap-up").waitFor();
      await bob.getByTestId("wrap-up").getByText("resolved", { exact: true }).click();
      await bob.getByRole("button", { name: "Complete" }).click();
      await bob.getByTestId("wrap-up").waitFor({ state: "detached" });
    });
  },
  async () => {
    for (const phone of [caller, outside, desk]) phone.close();
    await browser.close();
  },
);
