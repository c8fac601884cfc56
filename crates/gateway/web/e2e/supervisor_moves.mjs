// The supervisor's moves on a real centre: an interaction by drag, key and menu to a queue and to agents, its priority, an agent's
// state, a closure; and the desk's own: transfer, park, a longer wrap-up. Each is seen on the pages and by the command line.
//
//   node e2e/supervisor_moves.mjs URL SWITCHBOARD DATA_FOLDER CENTRE_FILE [OUT_FOLDER]
//
// SWITCHBOARD is the program, DATA_FOLDER the centre's, CENTRE_FILE what was applied. Needs a running demo centre in which nobody is available. Prints one
// line a step and exits 0 when all passed.
import { execFileSync } from "node:child_process";
import { launch } from "./browser.mjs";
import { Journey, must, within } from "./journey.mjs";

const [base, program, data, file, out = "e2e/out/supervisor_moves"] = process.argv.slice(2);
if (!file) {
  process.stderr.write("usage: node e2e/supervisor_moves.mjs URL SWITCHBOARD DATA_FOLDER CENTRE_FILE [OUT_FOLDER]\n");
  process.exit(2);
}
const cli = (...words) => JSON.parse(execFileSync(program, ["--data", data, "--json", ...words], { encoding: "utf8" }));
const browser = await launch();
const journey = new Journey(base, out);
const step = journey.step.bind(journey);
const look = journey.look.bind(journey);
const person = (name, more) => journey.page(browser, name, more);
const [ann, bob, sue] = [await person("ann"), await person("bob", { colorScheme: "dark" }), await person("sue", { height: 900 })];

const listed = () => cli("interactions", "list");
/** Waits until the command line says so of an interaction, and of an agent. */
const told = (what, is) => within(what, () => listed().find(is));
const agentTold = (key, what, is) => within(`${key} ${what}`, () => cli("agents").some((agent) => agent.agent === key && is(agent)));
const row = (queue) => sue.getByTestId("open-interaction").filter({ hasText: queue });
const queueRow = (key) => sue.locator(`[data-testid="queue"][data-queue="${key}"]`);
const tile = (key) => sue.locator(`[data-testid="agent"][data-agent="${key}"]`);
const said = async (text) => {
  await sue.getByText(text).first().waitFor();
};
const available = async (page) => {
  await page.getByRole("button", { name: "Available" }).click();
  await page.getByTestId("agent-state").filter({ hasText: "Ready" }).waitFor();
  await page.evaluate(() => document.activeElement?.blur());
};
/** A customer who waits in a queue. */
const chat = async (name, choice) => {
  const page = await person(name);
  await page.goto(`${base}/demo`);
  await page.getByRole("button", { name: "Open chat" }).click();
  await page.getByRole("button", { name: choice, exact: true }).click();
  return page;
};

await journey.play(
  async () => {
    let id = "";

    await step("a chat waits in billing, and the supervisor sees it", async () => {
      await journey.signIn(sue, "sue");
      await chat("zoe", "Billing");
      await row("Billing").waitFor();
      await queueRow("billing").getByTestId("waiting").filter({ hasText: "1" }).waitFor();
      id = (await told("queued", (each) => each.state === "queued" && each.queue === "billing")).id;
      await look(sue, "waits");
    });

    await step("dragged to another queue, it waits there", async () => {
      await row("Billing").dragTo(queueRow("sales"));
      await said("waits in Sales");
      await row("Sales").waitFor();
      await told("in sales", (each) => each.id === id && each.queue === "sales" && each.state === "queued");
      await queueRow("sales").getByTestId("waiting").filter({ hasText: "1" }).waitFor();
    });

    await step("moved back by keyboard alone", async () => {
      await row("Sales").getByRole("button").first().focus();
      await sue.keyboard.press("m");
      const dialog = sue.getByRole("dialog");
      await dialog.getByRole("combobox", { name: "Queue" }).or(dialog.locator("input[aria-haspopup]")).first().focus();
      await sue.keyboard.type("bill");
      await sue.keyboard.press("ArrowDown");
      await sue.keyboard.press("Enter");
      await look(sue, "move");
      await sue.keyboard.press("Enter");
      await said("waits in Billing");
      await told("in billing", (each) => each.id === id && each.queue === "billing" && each.state === "queued");
    });

    await step("its priority is raised, and it is first although it came last", async () => {
      const max = await chat("max", "Billing");
      await within("two wait", () => listed().filter((each) => each.state === "queued" && each.queue === "billing").length === 2);
      const later = listed().find((each) => each.state === "queued" && each.id !== id);
      const second = sue.locator(`[data-testid="open-interaction"][data-id="${later.id}"]`);
      await second.getByRole("button", { name: /^Actions/ }).click();
      await sue.getByRole("menuitem", { name: "Sooner by 10" }).click();
      await said("has priority 10");
      await journey.signIn(ann, "ann");
      await ann.getByRole("button", { name: "Available" }).click();
      await ann.getByTestId("offer").waitFor();
      await told("the later is offered first", (each) => each.id === later.id && each.state === "offered");
      await ann.getByTestId("offer").getByRole("button", { name: /^Accept/ }).click();
      await ann.locator("#composer").waitFor();
      await told("ann has it", (each) => each.id === later.id && each.state === "connected" && each.agent === "ann");
      await max.getByRole("button", { name: "End chat" }).click();
      await max.getByRole("button", { name: "End it" }).click();
      await ann.getByTestId("wrap-up").waitFor();
    });

    await step("an agent asks for a minute more, and completes", async () => {
      const until = async () => Number(/(\d+):(\d+)/.exec(await ann.getByTestId("wrap-up").textContent())?.slice(1).reduce((minutes, part) => minutes * 60 + Number(part), 0));
      const before = await until();
      await ann.getByTestId("extend").click();
      await within("a minute more", async () => (await until()) > before + 40);
      // The other customer's offer has come meanwhile: it is left ringing for the next step.
      await ann.getByTestId("wrap-up").getByText("resolved", { exact: true }).click();
      await ann.getByRole("button", { name: "Complete" }).click();
      await ann.getByTestId("wrap-up").waitFor({ state: "detached" });
    });

    await step("dragged to an agent, it rings for them although they were not asked", async () => {
      await journey.signIn(bob, "bob");
      await available(bob);
      await within("it rings or waits", () => listed().some((each) => each.id === id && ["offered", "queued"].includes(each.state)));
      // The other customer's row is gone: nothing moves under the hand any more.
      await sue.getByTestId("open-interaction").nth(1).waitFor({ state: "detached" });
      await tile("bob").getByText("Ready").waitFor();
      await sue.locator(`[data-testid="open-interaction"][data-id="${id}"]`).dragTo(tile("bob"));
      await said("goes to Bob Brook");
      await bob.getByTestId("offer").waitFor();
      await told("offered to bob", (each) => each.id === id && each.state === "offered");
      await bob.getByTestId("offer").getByRole("button", { name: /^Accept/ }).click();
      await bob.locator("#composer").waitFor();
      await told("bob has it", (each) => each.id === id && each.agent === "bob" && each.state === "connected");
      await tile("bob").getByText("Busy").waitFor();
      await look(sue, "given");
    });

    await step("the agent parks it, is free, and takes it up again", async () => {
      await bob.getByTestId("park").click();
      await bob.getByTestId("unpark").waitFor();
      await queueRow("billing").getByText("1 parked").waitFor();
      await bob.getByTestId("agent-state").filter({ hasText: "Ready" }).waitFor();
      await look(bob, "parked");
      await bob.getByTestId("unpark").click();
      await bob.locator("#composer").waitFor();
      await queueRow("billing").getByText("1 parked").waitFor({ state: "detached" });
    });

    await step("the agent transfers it to a colleague, who has it", async () => {
      await bob.getByTestId("transfer").click();
      const dialog = bob.getByRole("dialog");
      await dialog.getByRole("radiogroup").getByText("Agent", { exact: true }).click();
      await dialog.getByRole("combobox", { name: "Agent" }).or(dialog.locator("input[aria-haspopup]")).first().click();
      await bob.getByRole("option", { name: "Ann Abel" }).click();
      await look(bob, "transfer");
      await dialog.getByRole("button", { name: "Move" }).click();
      await ann.getByTestId("offer").getByRole("button", { name: /^Accept/ }).click();
      await ann.locator("#composer").waitFor();
      await told("ann has it", (each) => each.id === id && each.agent === "ann" && each.state === "connected");
      await bob.getByTestId("work").waitFor({ state: "detached" });
    });

    await step("pulled from whoever holds it, without asking, by menu", async () => {
      await chat("mia", "Billing");
      await ann.getByTestId("offer").waitFor();
      const waiting = await told("the second chat", (each) => each.id !== id && ["queued", "offered"].includes(each.state));
      const second = sue.locator(`[data-testid="open-interaction"][data-id="${waiting.id}"]`);
      await second.getByRole("button", { name: /^Actions/ }).click();
      await sue.getByRole("menuitem", { name: "Move to…" }).click();
      const dialog = sue.getByRole("dialog");
      await dialog.getByRole("radiogroup").getByText("Agent", { exact: true }).click();
      await dialog.getByRole("combobox", { name: "Agent" }).or(dialog.locator("input[aria-haspopup]")).first().click();
      await sue.getByRole("option", { name: "Bob Brook" }).click();
      await dialog.getByLabel("Ring first: the agent may decline").uncheck();
      await dialog.getByRole("button", { name: "Move" }).click();
      await said("goes to Bob Brook");
      await bob.getByTestId("work").waitFor();
      await told("bob has it", (each) => each.id === waiting.id && each.agent === "bob" && ["assigned", "connected"].includes(each.state));
      await ann.getByTestId("offer").waitFor({ state: "detached" });
    });

    await step("an agent's state is changed, at once or when the work is done", async () => {
      await sue.getByRole("button", { name: "Actions for Bob Brook" }).click();
      await sue.getByRole("menuitem", { name: "Away" }).click();
      await said("Bob Brook is away");
      await bob.getByTestId("agent-state").locator("..").filter({ hasText: "then away" }).waitFor();
      await journey.signIn(await person("cy"), "cy");
      await sue.getByRole("button", { name: "Actions for Cy Castro" }).click();
      await sue.getByRole("menuitem", { name: "Available" }).click();
      await tile("cy").getByText("Ready").waitFor();
      await agentTold("cy", "is ready", (agent) => agent.state === "ready");
      await sue.getByRole("button", { name: "Actions for Cy Castro" }).click();
      await sue.getByRole("menuitem", { name: "Offline" }).click();
      await tile("cy").getByText("Offline").waitFor();
      await agentTold("cy", "is offline", (agent) => agent.state === "offline");
    });

    await step("a queue is closed, stays closed when the centre is applied, stands in the record, and is opened", async () => {
      await queueRow("sales").getByRole("button", { name: /^Actions/ }).click();
      await sue.getByRole("menuitem", { name: "Close now" }).click();
      await said("Sales is closed");
      await queueRow("sales").getByText("Closed by hand").waitFor();
      await look(sue, "closed");
      cli("apply", "-f", file);
      await sue.waitForTimeout(2_500);
      await queueRow("sales").getByText("Closed by hand").waitFor();
      const amy = await person("amy");
      await journey.signIn(amy, "amy");
      await amy.getByRole("link", { name: "Centre", exact: true }).click();
      await amy.getByRole("tab", { name: "Changes", exact: true }).click();
      const record = amy.getByTestId("changes");
      await record.getByText("→ by hand").first().waitFor();
      must(/queues\/salesSue Sand/.test(await record.textContent()), `the record does not say who: ${(await record.textContent()).slice(0, 200)}`);
      await look(amy, "record");
      await sue.getByRole("button", { name: "1 closed by hand" }).click();
      await sue.getByRole("switch", { name: "Sales" }).click({ force: true });
      await said("no longer closed by hand");
      await sue.keyboard.press("Escape");
      await queueRow("sales").getByText("Closed by hand").waitFor({ state: "detached" });
    });
  },
  () => browser.close(),
);
