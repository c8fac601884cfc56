// Everything that agents and supervisors do with a live call on their pages: hold, ask, bring together, listen, whisper, barge,
// pause the recording, park, give away, call out, leave a message; and listening to the recording afterwards. Tones tell who hears whom.
//
//   node e2e/call_controls.mjs URL SIP_HOST:PORT PYTHON TRUNK_PORT [OUT_FOLDER]
//
// PYTHON is what tests/phones/setup.sh prints. Needs a running demo centre in which nobody is available, that records the queue
// billing, has a trunk at 127.0.0.1:TRUNK_PORT which may be called at +1, and a message for answering machines. Prints one line a step and exits 0 when all passed.
import { Journey, must, within } from "./journey.mjs";
import { Phone } from "./phone.mjs";
import { expectTones, giveEars, launchWithTone } from "./sound.mjs";

const [base, sip, python, trunk, out = "e2e/out/call_controls"] = process.argv.slice(2);
if (!trunk) {
  process.stderr.write("usage: node e2e/call_controls.mjs URL SIP_HOST:PORT PYTHON TRUNK_PORT [OUT_FOLDER]\n");
  process.exit(2);
}
const CALLER = 440;
const ANN = 1_000;
const BOB = 700;
const SUE = 1_500;
// As a fax machine answers: the desk is to say so.
const OUTSIDE = 2_100;

const journey = new Journey(base, out);
const step = journey.step.bind(journey);
const look = journey.look.bind(journey);
const browsers = await Promise.all([ANN, BOB, SUE].map((hertz) => launchWithTone(hertz)));
const person = (place, name, more = {}) => journey.page(browsers[place], name, { permissions: ["microphone"], prepare: giveEars, ...more });
const [ann, bob, sue] = [await person(0, "ann"), await person(1, "bob", { colorScheme: "dark" }), await person(2, "sue", { width: 1280 })];
const caller = new Phone(python);
const outside = new Phone(python);

const takeCallsHere = async (page) => {
  await page.getByTestId("phone").click();
  await page.getByRole("switch", { name: "Take calls in this browser" }).click();
  await page.getByTestId("phone").and(page.locator('[data-ready="true"]')).waitFor();
  await page.keyboard.press("Escape");
};
const available = async (page) => {
  await page.getByRole("button", { name: "Available" }).click();
  await page.getByTestId("agent-state").filter({ hasText: "Ready" }).waitFor();
  await page.evaluate(() => document.activeElement?.blur());
};
const onTheLine = (page) => page.getByTestId("line-quality").and(page.locator('[data-phase="on"]')).waitFor();
const strip = (page) => page.getByTestId("call");
const more = async (page, item) => {
  await strip(page).getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: item }).click();
};
const choose = async (page, kind, name) => {
  const dialog = page.getByTestId("target");
  await dialog.getByRole("radiogroup").getByText(kind, { exact: true }).click();
  await dialog.getByRole("combobox", { name: kind }).or(dialog.locator("input[aria-haspopup]")).first().click();
  await page.getByRole("option", { name }).click();
};
const wrapUp = async (page, disposition) => {
  await page.getByTestId("wrap-up").waitFor();
  await page.getByTestId("wrap-up").getByText(disposition, { exact: true }).click();
  await page.getByRole("button", { name: "Complete" }).click();
  await page.getByTestId("wrap-up").waitFor({ state: "detached" });
};
const dial = async () => {
  caller.tell({ do: "call", to: "+15550100" });
  await caller.expect("answered");
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  caller.tell({ do: "press", digits: "2" });
};

await journey.play(
  async () => {
    let soFar = 0;

    await step("two agents and a supervisor are there", async () => {
      caller.tell({ do: "start", server: sip, user: "+15550123" });
      await caller.expect("started");
      caller.tell({ do: "say", hertz: CALLER });
      outside.tell({ do: "start", server: sip, user: "outside", port: Number(trunk) });
      await outside.expect("started");
      outside.tell({ do: "say", hertz: OUTSIDE });
      outside.tell({ do: "auto", after_ms: 300 });
      await journey.signIn(ann, "ann");
      await takeCallsHere(ann);
      await available(ann);
      await journey.signIn(bob, "bob");
      await takeCallsHere(bob);
      await journey.signIn(sue, "sue");
      await sue.getByTestId("queue").first().waitFor();
    });

    await step("a call is answered, and its agent sees that it is recorded", async () => {
      await dial();
      await ann.getByTestId("offer").waitFor();
      await ann.getByTestId("offer").focus();
      await ann.keyboard.press("Enter");
      await onTheLine(ann);
      await caller.expectTone(ANN, BOB);
      await expectTones(ann, [CALLER], [BOB]);
      await strip(ann).getByTestId("recorded").filter({ hasText: "Recording" }).waitFor();
      await look(ann, "talking");
    });

    await step("on hold the customer hears no agent, and comes back by a key", async () => {
      await strip(ann).getByRole("button", { name: "Hold" }).click();
      await strip(ann).getByText("On hold").waitFor();
      await caller.expectSilence(ANN);
      await expectTones(ann, [], [CALLER]);
      await look(ann, "held");
      await ann.keyboard.press("Alt+l");
      await strip(ann).getByRole("button", { name: "Hold" }).waitFor();
      await caller.expectTone(ANN, BOB);
    });

    await step("the recording is paused and goes on, by key and menu", async () => {
      await ann.keyboard.press("Alt+r");
      await strip(ann).getByTestId("recorded").filter({ hasText: "paused" }).waitFor();
      await more(ann, "Go on recording");
      await strip(ann).getByTestId("recorded").filter({ hasText: /^Recording$/ }).waitFor();
    });

    await step("the agent asks a colleague, whose desk says who asks and about whom", async () => {
      await ann.keyboard.press("Alt+t");
      await choose(ann, "Agent", "Bob Brook");
      await look(ann, "transfer");
      await ann.getByRole("button", { name: "Ask first" }).click();
      const asked = bob.getByTestId("guest");
      await asked.filter({ hasText: "Ann Abel asks you" }).waitFor();
      await strip(ann).getByText("Ringing Bob Brook").waitFor();
      must((await asked.textContent()).includes("+15550123"), "it does not say about whom");
      must((await bob.title()).includes("Ann Abel") || (await within("the title", async () => (await bob.title()).includes("Ann Abel"))), "the title does not ring");
      await look(bob, "asked");
      await bob.getByTestId("guest").focus();
      await bob.keyboard.press("Enter");
      await asked.and(bob.locator('[data-answered="true"]')).waitFor();
      await strip(ann).getByText("You speak with Bob Brook alone").waitFor();
    });

    await step("the two speak, and the customer hears neither", async () => {
      await expectTones(bob, [ANN], [CALLER]);
      await expectTones(ann, [BOB], [CALLER]);
      await caller.expectSilence(ANN);
      await caller.expectSilence(BOB);
      await look(ann, "consulting");
      await look(bob, "consulted");
    });

    await step("a page of the asked that is loaded anew comes back into the talk", async () => {
      await bob.reload();
      await bob.getByTestId("guest").and(bob.locator('[data-answered="true"]')).waitFor();
      await expectTones(bob, [ANN], [CALLER]);
      await expectTones(ann, [BOB], [CALLER]);
    });

    await step("all together, each hears the two others", async () => {
      await strip(ann).getByRole("button", { name: "All together" }).click();
      await ann.getByTestId("members").getByText("Bob Brook is in the call").waitFor();
      await expectTones(ann, [CALLER, BOB], []);
      await expectTones(bob, [CALLER, ANN], []);
      await caller.expectTone(ANN, SUE);
      await caller.expectTone(BOB, SUE);
      await look(ann, "together");
    });

    await step("whoever was asked leaves by themselves", async () => {
      await bob.getByTestId("guest").getByRole("button", { name: "Leave the call" }).click();
      await bob.getByTestId("guest").waitFor({ state: "detached" });
      await ann.getByTestId("members").waitFor({ state: "detached" });
      await caller.expectSilence(BOB);
      await expectTones(ann, [CALLER], [BOB]);
    });

    await step("a colleague who declines is asked no more", async () => {
      await ann.keyboard.press("Alt+t");
      await choose(ann, "Agent", "Bob Brook");
      await ann.getByRole("button", { name: "Ask first" }).click();
      await bob.getByTestId("guest").waitFor();
      await bob.getByTestId("guest").focus();
      await bob.keyboard.press("Escape");
      await bob.getByTestId("guest").waitFor({ state: "detached" });
      await strip(ann).getByRole("button", { name: "Hold" }).waitFor();
      await caller.expectTone(ANN, BOB);
    });

    await step("the supervisor listens from the board, heard by nobody", async () => {
      const row = sue.getByTestId("open-interaction").first();
      await row.getByRole("button", { name: /^Actions/ }).click();
      await sue.getByRole("menuitem", { name: "Listen" }).click();
      await sue.getByTestId("listening").and(sue.locator('[data-answered="true"]')).waitFor();
      await expectTones(sue, [CALLER, ANN], []);
      await caller.expectSilence(SUE);
      await expectTones(ann, [CALLER], [SUE]);
      await row.getByRole("button").first().click();
      await sue.getByTestId("listeners").getByText("Sue Sand hears the call").waitFor();
      await look(sue, "listening");
      soFar = Number(await sue.getByTestId("wave").getAttribute("aria-valuemax"));
      await sue.keyboard.press("Escape");
    });

    await step("a whisper reaches the agent alone", async () => {
      await sue.getByTestId("listening").getByText("Whisper", { exact: true }).click();
      await sue.getByTestId("listening").and(sue.locator('[data-mode="2"]')).waitFor();
      await expectTones(ann, [CALLER, SUE], []);
      await caller.expectSilence(SUE);
    });

    await step("barged in, all hear the supervisor", async () => {
      await sue.getByTestId("listening").getByText("Barge in", { exact: true }).click();
      await sue.getByTestId("listening").and(sue.locator('[data-mode="3"]')).waitFor();
      await caller.expectTone(SUE, BOB);
      await look(sue, "barged");
    });

    await step("the supervisor stops, and is out of the call", async () => {
      await sue.getByTestId("listening").getByRole("button", { name: "Stop" }).click();
      await sue.getByTestId("listening").waitFor({ state: "detached" });
      await caller.expectSilence(SUE);
      await expectTones(ann, [CALLER], [SUE]);
    });

    await step("a parked customer hears music, and is taken back", async () => {
      await ann.keyboard.press("Alt+p");
      await ann.getByTestId("parked-call").filter({ hasText: "+15550123" }).waitFor();
      await strip(ann).waitFor({ state: "detached" });
      await caller.expectSilence(ANN);
      await look(ann, "parked");
      await ann.getByTestId("parked-call").getByRole("button", { name: "Take it back" }).click();
      await ann.getByTestId("offer").getByRole("button", { name: /^Accept/ }).click();
      await onTheLine(ann);
      await caller.expectTone(ANN, BOB);
      await ann.getByTestId("parked-call").waitFor({ state: "detached" });
    });

    await step("whom the agent asked is given the call, and goes on with the customer", async () => {
      await available(bob);
      await ann.keyboard.press("Alt+t");
      await choose(ann, "Agent", "Bob Brook");
      await ann.getByRole("button", { name: "Ask first" }).click();
      await bob.getByTestId("guest").getByRole("button", { name: /^Answer/ }).click();
      await strip(ann).getByText("You speak with Bob Brook alone").waitFor();
      await strip(ann).getByRole("button", { name: "Give them the call" }).click();
      await strip(ann).waitFor({ state: "detached" });
      await strip(bob).waitFor();
      await onTheLine(bob);
      await bob.getByTestId("guest").waitFor({ state: "detached" });
      await caller.expectTone(BOB, ANN);
      await expectTones(bob, [CALLER], [ANN]);
      await strip(bob).getByText("On call").waitFor();
      await look(bob, "given");
    });

    await step("it is given to a number outside, and the agent is free", async () => {
      await bob.keyboard.press("Alt+t");
      await bob.getByTestId("target").getByRole("radiogroup").getByText("Number", { exact: true }).click();
      await bob.getByTestId("target").getByLabel("Number", { exact: true }).last().fill("+15550177");
      await bob.keyboard.press("Enter");
      await outside.expect("incoming");
      await caller.expectTone(OUTSIDE, BOB);
      await outside.expectTone(CALLER, BOB);
      await wrapUp(bob, "resolved");
      caller.tell({ do: "hangup" });
      await caller.expect("ended");
      await outside.expect("ended");
    });

    await step("the recording is seen, played and wound by keys", async () => {
      await sue.getByRole("link", { name: "Interactions" }).click();
      await sue.getByTestId("interaction").first().getByRole("link").first().click();
      const recording = sue.getByTestId("recording").first();
      const wave = recording.getByTestId("wave");
      await wave.waitFor();
      const whole = await within(`longer than the ${soFar} s while it went on`, async () => {
        const now = Number(await wave.getAttribute("aria-valuemax"));
        return soFar > 0 && now > soFar && now;
      });
      await wave.focus();
      await sue.keyboard.press("ArrowRight");
      await within("five seconds on", async () => (await wave.getAttribute("aria-valuenow")) === "5");
      await sue.keyboard.press("Space");
      await recording.locator('[data-testid="play"][data-playing="true"]').waitFor();
      await within("it plays on", async () => Number(await wave.getAttribute("aria-valuenow")) >= 7);
      await sue.keyboard.press("Space");
      await recording.locator('[data-testid="play"][data-playing="false"]').waitFor();
      await sue.keyboard.press("End");
      await within("the end", async () => Number(await wave.getAttribute("aria-valuenow")) === whole);
      await look(sue, "recording");
    });

    await step("an agent calls the customer by a click on the number", async () => {
      await ann.keyboard.press("/");
      await ann.keyboard.type("+15550123");
      await ann.getByRole("option").first().click();
      await ann.getByTestId("call-number").first().click();
      const form = ann.getByTestId("dial-form");
      must((await form.getByLabel("Number").inputValue()) === "+15550123", "the number is not there");
      await form.getByLabel("Number").fill("+15550177");
      await look(ann, "dial");
      await ann.keyboard.press("Enter");
      await outside.expect("incoming");
      await onTheLine(ann);
      await outside.expectTone(ANN, CALLER);
      await expectTones(ann, [OUTSIDE], [CALLER]);
      await strip(ann).getByText("On call").waitFor();
      await look(ann, "dialled");
    });

    await step("keys reach the other end", async () => {
      await ann.keyboard.press("Alt+k");
      await ann.getByTestId("keypad").waitFor();
      await ann.keyboard.press("7");
      await outside.expect("digit", (event) => event.digit === "7");
      await ann.keyboard.press("Escape");
    });

    await step("the desk says that a machine has answered, and leaves the message on it", async () => {
      await strip(ann).getByTestId("far-end").filter({ hasText: "Fax machine" }).waitFor();
      await look(ann, "machine");
      await strip(ann).getByRole("button", { name: "Leave the message" }).click();
      await ann.getByTestId("wrap-up").waitFor();
      await outside.expectSilence(ANN);
      // No tone comes of this machine: its silence says that it records.
      outside.tell({ do: "say", hertz: 0 });
      await outside.expect("ended");
    });
  },
  async () => {
    caller.close();
    outside.close();
    await Promise.all(browsers.map((browser) => browser.close()));
  },
);
