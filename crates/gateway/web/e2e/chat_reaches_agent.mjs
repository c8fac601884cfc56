// The journey of a web chat in three real browser pages: a visitor of /demo, the agent at their desk, the supervisor.
//
//   node e2e/chat_reaches_agent.mjs URL [OUT_FOLDER] [--agent ann] [--supervisor sue] [--password demo] [--queue Billing]
//
// Needs a running centre in which only that agent is available for the queue. Prints one line a step and exits 0 when all
// passed, 1 when one failed; photographs stand in OUT_FOLDER.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { launch, violations } from "./browser.mjs";

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    agent: { type: "string", default: "ann" },
    supervisor: { type: "string", default: "sue" },
    password: { type: "string", default: "demo" },
    queue: { type: "string", default: "Billing" },
  },
});
const [base, out = "e2e/out/chat_reaches_agent"] = positionals;
if (!base) {
  process.stderr.write("usage: node e2e/chat_reaches_agent.mjs URL [OUT_FOLDER]\n");
  process.exit(2);
}
mkdirSync(out, { recursive: true });

const WAIT = 20_000;
const say = (line) => process.stdout.write(`${line}\n`);
const must = (truth, what) => {
  if (!truth) throw new Error(what);
};
const within = async (what, probe, millis = WAIT) => {
  const end = Date.now() + millis;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not within ${millis / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

const browser = await launch();
const problems = [];
const pageOf = async (name) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: "light" });
  await context.grantPermissions(["notifications"]);
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT);
  page.on("pageerror", (error) => problems.push(`${name}: page error: ${error.message}`));
  page.on("console", (line) => {
    // Lost lines and refused calls are part of the journey; what the browser refuses for our policy is not.
    if (line.type() === "error" && /Content Security Policy|Refused to/.test(line.text())) problems.push(`${name}: ${line.text()}`);
  });
  return page;
};
const visitor = await pageOf("visitor");
const agent = await pageOf("agent");
const supervisor = await pageOf("supervisor");

let count = 0;
let failed = false;
const step = async (name, play) => {
  count += 1;
  const began = Date.now();
  try {
    await play();
    say(`ok ${count} ${name} (${Date.now() - began} ms)`);
  } catch (error) {
    failed = true;
    say(`not ok ${count} ${name}: ${error.message}`);
    for (const [who, page] of Object.entries({ visitor, agent, supervisor }))
      await page.screenshot({ path: join(out, `failed-${count}-${who}.png`) }).catch(() => undefined);
    throw error;
  }
};
const look = async (page, name) => {
  await page.waitForTimeout(350);
  await page.screenshot({ path: join(out, `${name}.png`) });
  for (const each of await violations(page)) problems.push(`${name}: ${each}`);
};
const signIn = async (page, login) => {
  await page.goto(base);
  await page.getByLabel("Login").fill(login);
  await page.getByLabel("Password").first().fill(options.password);
  await page.keyboard.press("Enter");
  await page.getByRole("navigation").waitFor();
};
const line = (page) => page.getByTestId("line").getAttribute("data-line");
const said = (page, text) => page.getByTestId("message").filter({ hasText: text });
const heard = (text) => visitor.locator(".line").filter({ hasText: text });
const write = async (text) => {
  await visitor.getByLabel("Write a message").fill(text);
  await visitor.keyboard.press("Enter");
};
const composer = () => agent.locator("#composer");

try {
  await step("a wrong password is refused with a clear word", async () => {
    await agent.goto(base);
    await agent.getByLabel("Login").fill(options.agent);
    await agent.getByLabel("Password").first().fill("wrong");
    await agent.keyboard.press("Enter");
    await agent.getByRole("alert").filter({ hasText: "not right" }).waitFor();
    await look(agent, "sign-in");
  });

  await step("the supervisor signs in and sees the queues live", async () => {
    await signIn(supervisor, options.supervisor);
    await supervisor.getByTestId("queue").filter({ hasText: options.queue }).waitFor();
  });

  await step("the agent signs in and is available by one key", async () => {
    await signIn(agent, options.agent);
    await within("the line is open", async () => (await line(agent)) === "open");
    await look(agent, "desk-empty");
    await agent.keyboard.press("Alt+s");
    await agent.keyboard.press("Enter");
    await within("ready", async () => (await agent.getByTestId("agent-state").textContent()) === "Ready");
    // Whoever is not typing has a ringing offer under their fingers.
    await agent.evaluate(() => document.activeElement?.blur());
  });

  await step("the visitor chooses a queue by button", async () => {
    await visitor.goto(`${base}/demo`);
    await visitor.getByRole("button", { name: "Open chat" }).click();
    await visitor.getByRole("button", { name: options.queue, exact: true }).click();
  });

  await step("the agent's desk rings, says who and why, and Enter answers", async () => {
    const offer = agent.getByTestId("offer");
    await offer.waitFor();
    must((await offer.textContent()).includes("Why you"), "the offer does not say why");
    await within("the title flashes", async () => (await agent.title()).includes("ringing"));
    await look(agent, "desk-offer");
    await agent.keyboard.press("Enter");
    await composer().waitFor();
    await offer.waitFor({ state: "detached" });
  });

  await step("both read what the other writes, with typing and marks", async () => {
    await write("My invoice shows the old address");
    await said(agent, "My invoice shows the old address").waitFor();
    await composer().click();
    await agent.keyboard.type("Let me look", { delay: 15 });
    await visitor.getByText("is typing").first().waitFor();
    await agent.keyboard.press("Enter");
    await heard("Let me look").waitFor();
    await within("seen", async () => (await agent.getByTestId("mark").last().textContent()).includes("Seen"));
    must((await said(agent, "Let me look").count()) === 1, "the agent's message stands twice");
    await visitor.getByLabel("Write a message").pressSequentially("It is", { delay: 15 });
    await agent.getByText("is typing").first().waitFor();
    await visitor.getByLabel("Write a message").fill("");
    await look(agent, "desk-chat");
  });

  await step("files go both ways, byte by byte", async () => {
    const content = `invoice 2043\n${"x".repeat(50_000)}`;
    writeFileSync(join(out, "invoice.txt"), content);
    await visitor.locator("input[type=file]").first().setInputFiles(join(out, "invoice.txt"));
    await visitor.getByRole("button", { name: /^Remove invoice/ }).waitFor();
    await visitor.getByRole("button", { name: "Send", exact: true }).click();
    const [fromVisitor] = await Promise.all([
      agent.waitForEvent("download"),
      agent.getByRole("button", { name: /Download invoice.txt/ }).click(),
    ]);
    must(readFileSync(await fromVisitor.path(), "utf8") === content, "the agent's copy differs");

    writeFileSync(join(out, "answer.txt"), "corrected");
    await agent.getByTestId("file").setInputFiles(join(out, "answer.txt"));
    await agent.getByRole("button", { name: "Remove answer.txt" }).waitFor();
    await agent.getByRole("button", { name: "Send", exact: true }).click();
    const [fromAgent] = await Promise.all([
      visitor.waitForEvent("download"),
      visitor.getByRole("button", { name: /^Download answer.txt/ }).click(),
    ]);
    must(readFileSync(await fromAgent.path(), "utf8") === "corrected", "the visitor's copy differs");
  });

  await step("a note about the customer is kept", async () => {
    await agent.getByTestId("customer").waitFor();
    await agent.getByLabel("Add a note").fill("Moved in October");
    await agent.getByRole("button", { name: "Save note" }).click();
    await agent.locator("article").filter({ hasText: "Moved in October" }).waitFor();
  });

  await step("a reload keeps the session, the conversation and the draft", async () => {
    await composer().fill("half a sentence");
    await agent.reload();
    await said(agent, "My invoice shows the old address").waitFor();
    await within("the draft", async () => (await composer().inputValue()) === "half a sentence");
    await composer().fill("");
  });

  await step("a lost line says so within 2 s, and nothing is lost or doubled", async () => {
    const began = Date.now();
    await agent.context().setOffline(true);
    await agent.getByTestId("lost").waitFor();
    const told = Date.now() - began;
    must(told < 2_500, `the desk said so after ${told} ms`);
    await look(agent, "desk-lost");
    await write("Are you still there?");
    await composer().fill("Sent while the line was down");
    await agent.keyboard.press("Enter");
    await agent.getByTestId("pending").waitFor();
    await agent.context().setOffline(false);
    await said(agent, "Are you still there?").waitFor();
    await heard("Sent while the line was down").waitFor();
    await agent.getByTestId("pending").waitFor({ state: "detached" });
    for (const text of ["Are you still there?", "Sent while the line was down"])
      must((await said(agent, text).count()) === 1, `"${text}" stands ${await said(agent, text).count()} times`);
    await agent.getByTestId("lost").waitFor({ state: "detached" });
  });

  await step("the supervisor sees it live", async () => {
    const row = supervisor.getByTestId("queue").filter({ hasText: options.queue });
    await within("answered", async () => Number(await row.getByTestId("answered").textContent()) >= 1);
    const tile = supervisor.locator(`[data-agent="${options.agent}"]`);
    await within("busy", async () => (await tile.textContent()).includes("Busy"));
    await look(supervisor, "live");
  });

  await step("the visitor leaves, the agent wraps up by keyboard with the talk still in sight", async () => {
    await visitor.getByRole("button", { name: "End chat" }).click();
    await visitor.getByRole("button", { name: "End it" }).click();
    await agent.getByTestId("wrap-up").waitFor();
    must(await said(agent, "My invoice shows the old address").isVisible(), "the wrap-up hides the talk");
    await agent.keyboard.press("Alt+w");
    await look(agent, "desk-wrap-up");
    await agent.keyboard.press("Space");
    await agent.getByLabel("Note", { exact: true }).fill("Sent a corrected invoice");
    await agent.keyboard.press("Enter");
    await agent.getByTestId("wrap-up").waitFor({ state: "detached" });
    await within("ready", async () => (await agent.getByTestId("agent-state").textContent()) === "Ready");
  });

  await step("history, timeline and the reason of the decision are there", async () => {
    await supervisor.getByRole("link", { name: "Interactions" }).click();
    const row = supervisor.getByTestId("interaction").first();
    await row.waitFor();
    await look(supervisor, "interactions");
    await row.getByRole("link").first().click();
    await supervisor.getByTestId("routing").getByText("Chosen").first().waitFor();
    await supervisor.getByTestId("timeline").getByRole("listitem").nth(3).waitFor();
    await supervisor.getByText("My invoice shows the old address").first().waitFor();
    await supervisor.getByText("Sent a corrected invoice").first().waitFor();
    await look(supervisor, "interaction");
    await supervisor.getByRole("link", { name: "Centre" }).click();
    await supervisor.getByRole("tab", { name: "Queues" }).waitFor();
    await look(supervisor, "centre");
  });

  await step("the agent finds the customer by search and signs out", async () => {
    await agent.keyboard.press("/");
    await agent.keyboard.type("#1");
    await agent.getByRole("option").first().waitFor();
    await agent.keyboard.press("Escape");
    await agent.getByRole("button", { name: /^Account of/ }).click();
    await agent.getByRole("menuitem", { name: "Sign out" }).click();
    await agent.getByLabel("Login").waitFor();
    await agent.reload();
    await agent.getByLabel("Login").waitFor();
  });

  await step("every page is accessible, fails nowhere and keeps to its own scripts", async () => {
    must(problems.length === 0, `\n  ${problems.join("\n  ")}`);
  });
} catch {
  for (const each of problems) say(`# ${each}`);
}
await browser.close();
say(failed ? `failed at step ${count}; photographs in ${out}` : `all ${count} steps passed; photographs in ${out}`);
process.exitCode = failed ? 1 : 0;
