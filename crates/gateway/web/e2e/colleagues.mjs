// An agent's browser calls a colleague's, by name and by extension: who is there, who calls, hanging up on either side, saying no,
// being busy, all devices ringing. Tones tell who hears whom.
//
//   node e2e/colleagues.mjs URL SIP_HOST:PORT PYTHON [OUT_FOLDER]
//
// PYTHON is what tests/phones/setup.sh prints. Needs a running demo centre. Prints one line a step and exits 0 when all passed.
import { Journey, must, within } from "./journey.mjs";
import { Phone } from "./phone.mjs";
import { expectTones, giveEars, launchWithTone } from "./sound.mjs";

const [base, sip, python, out = "e2e/out/colleagues"] = process.argv.slice(2);
if (!python) {
  process.stderr.write("usage: node e2e/colleagues.mjs URL SIP_HOST:PORT PYTHON [OUT_FOLDER]\n");
  process.exit(2);
}
const ANN = 1_000;
const BOB = 700;
const DESK = 1_500;

const journey = new Journey(base, out);
const step = journey.step.bind(journey);
const look = journey.look.bind(journey);
const browsers = await Promise.all([ANN, BOB].map((hertz) => launchWithTone(hertz)));
const person = (place, name, more = {}) => journey.page(browsers[place], name, { permissions: ["microphone"], prepare: giveEars, ...more });
const [ann, bob, cy] = [await person(0, "ann"), await person(1, "bob", { colorScheme: "dark" }), await person(1, "cy")];
const desk = new Phone(python);

const takeCallsHere = async (page) => {
  await page.getByTestId("phone").click();
  await page.getByRole("switch", { name: "Take calls in this browser" }).click();
  await page.getByTestId("phone").and(page.locator('[data-ready="true"]')).waitFor();
  await page.keyboard.press("Escape");
};
const own = (page) => page.getByTestId("own-call");
const guest = (page) => page.getByTestId("guest");
const talking = (card, page) => card.and(page.locator('[data-answered="true"]')).waitFor();
const dial = async (page, text) => {
  await page.keyboard.press("Alt+c");
  await page.getByTestId("dial-form").getByLabel("Number").fill(text);
};
const closed = (page) => within("no connection is left open", () => page.evaluate(() => window.peers.every((peer) => peer.connectionState === "closed")));

await journey.play(
  async () => {
    await step("three agents are there, two take calls in the browser", async () => {
      for (const [page, login] of [[ann, "ann"], [bob, "bob"], [cy, "cy"]]) {
        await journey.signIn(page, login);
        await takeCallsHere(page);
      }
      await bob.getByRole("button", { name: "Away" }).first().click();
    });

    await step("the box lists colleagues with what they do, and finds one by name", async () => {
      await ann.keyboard.press("Alt+c");
      const form = ann.getByTestId("dial-form");
      await form.getByTestId("colleague").filter({ hasText: "Bob Brook" }).filter({ hasText: "202" }).waitFor();
      must((await form.getByTestId("colleague").filter({ hasText: "Ann Abel" }).count()) === 0, "one's own name is listed");
      await look(ann, "list");
      await form.getByLabel("Number").fill("bro");
      await within("one is left", async () => (await form.getByTestId("colleague").count()) === 1);
      await form.getByRole("button", { name: /^Call Bob Brook/ }).waitFor();
      await look(ann, "found");
    });

    await step("it rings in the colleague's browser, which says who calls", async () => {
      await ann.keyboard.press("Enter");
      await own(ann).filter({ hasText: "Calling Bob Brook" }).waitFor();
      await guest(bob).filter({ hasText: "Ann Abel calls you" }).waitFor();
      await within("the title", async () => (await bob.title()).includes("Ann Abel"));
      await expectTones(ann, [425], []);
      await look(ann, "calling");
      await look(bob, "called");
    });

    await step("the colleague answers by a key, and both hear each other", async () => {
      await guest(bob).focus();
      await bob.keyboard.press("Enter");
      await talking(guest(bob), bob);
      await talking(own(ann), ann);
      await expectTones(bob, [ANN], []);
      await expectTones(ann, [BOB], [425]);
      await look(ann, "talking");
      await look(bob, "talking-bob");
    });

    await step("each may mute", async () => {
      await own(ann).getByRole("button", { name: "Mute" }).click();
      await expectTones(bob, [], [ANN]);
      await own(ann).getByRole("button", { name: "Unmute" }).click();
      await guest(bob).getByRole("button", { name: "Mute" }).click();
      await expectTones(ann, [], [BOB]);
      await guest(bob).getByRole("button", { name: "Unmute" }).click();
      await expectTones(ann, [BOB], []);
    });

    await step("a third is told that they are busy", async () => {
      await dial(cy, "202");
      await cy.getByRole("button", { name: /^Call Bob Brook/ }).click();
      await cy.getByText("One of you is in a call already.").waitFor();
      must((await own(cy).count()) === 0, "a call was begun");
      await cy.keyboard.press("Escape");
    });

    await step("pages loaded anew come back into the talk, on either side", async () => {
      for (const [page, card, hears] of [[ann, own, BOB], [bob, guest, ANN]]) {
        await page.reload();
        await talking(card(page), page);
        await expectTones(page, [hears], []);
      }
      await expectTones(ann, [BOB], []);
    });

    await step("the colleague hangs up, and nothing is left", async () => {
      await guest(bob).getByRole("button", { name: "Hang up" }).click();
      await own(ann).waitFor({ state: "detached" });
      await guest(bob).waitFor({ state: "detached" });
      await closed(ann);
      await closed(bob);
    });

    await step("by extension; the caller hangs up", async () => {
      await dial(ann, "202");
      await ann.getByRole("button", { name: /^Call Bob Brook/ }).waitFor();
      await ann.keyboard.press("Enter");
      await guest(bob).getByRole("button", { name: /^Answer/ }).click();
      await expectTones(ann, [BOB], []);
      await own(ann).getByRole("button", { name: "Hang up" }).click();
      await guest(bob).waitFor({ state: "detached" });
      await own(ann).waitFor({ state: "detached" });
      await closed(bob);
    });

    await step("from the list; the colleague says no, and the caller is told", async () => {
      await dial(ann, "");
      await ann.getByTestId("colleague").filter({ hasText: "Bob Brook" }).click();
      await guest(bob).waitFor();
      await guest(bob).focus();
      await bob.keyboard.press("Escape");
      await own(ann).filter({ hasText: "Bob Brook does not take the call" }).waitFor();
      await look(ann, "declined");
      await closed(ann);
      await own(ann).waitFor({ state: "detached" });
    });

    await step("a caller who gives up stops the ringing", async () => {
      await dial(ann, "202");
      await ann.keyboard.press("Enter");
      await guest(bob).waitFor();
      await own(ann).focus();
      await ann.keyboard.press("Escape");
      await guest(bob).waitFor({ state: "detached" });
      await own(ann).waitFor({ state: "detached" });
    });

    await step("all devices of the colleague ring, and the telephone answers", async () => {
      desk.tell({ do: "start", server: sip, user: "bob", password: "demo" });
      await desk.expect("registered");
      desk.tell({ do: "say", hertz: DESK });
      await dial(ann, "202");
      await ann.keyboard.press("Enter");
      await desk.expect("incoming");
      await guest(bob).filter({ hasText: "Ann Abel calls you" }).waitFor();
      desk.tell({ do: "answer" });
      await desk.expectTone(ANN, BOB);
      await expectTones(ann, [DESK], [BOB]);
      await talking(guest(bob), bob);
      desk.tell({ do: "hangup" });
      await own(ann).waitFor({ state: "detached" });
      await guest(bob).waitFor({ state: "detached" });
    });

    await step("whoever has no phone is not there", async () => {
      await cy.getByTestId("phone").click();
      const gone = cy.waitForResponse(/UnregisterDevice/);
      await cy.getByRole("switch", { name: "Take calls in this browser" }).click();
      await gone;
      await dial(ann, "203");
      await ann.keyboard.press("Enter");
      await ann.getByText("They are not at any phone now.").waitFor();
      must((await own(ann).count()) === 0, "a call was begun");
    });
  },
  async () => {
    desk.close();
    await Promise.all(browsers.map((browser) => browser.close()));
  },
);
