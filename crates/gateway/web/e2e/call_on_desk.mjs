// A real phone call on the agent's desk, with a chat beside it.
//
//   node e2e/call_on_desk.mjs URL SIP_HOST:PORT PYTHON [OUT_FOLDER]
//
// PYTHON is what tests/phones/setup.sh prints. Needs a running demo centre; uses the agent ann, who alone is available.
// Prints one line a step and exits 0 when all passed, 1 when one failed.
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { launch, violations } from "./browser.mjs";

const [base, sip, python, out = "e2e/out/call_on_desk"] = process.argv.slice(2);
if (!python) {
  process.stderr.write("usage: node e2e/call_on_desk.mjs URL SIP_HOST:PORT PYTHON [OUT_FOLDER]\n");
  process.exit(2);
}
mkdirSync(out, { recursive: true });
const script = join(dirname(fileURLToPath(import.meta.url)), "../../../../tests/phones/phone.py");
const WAIT = 20_000;
const must = (truth, what) => {
  if (!truth) throw new Error(what);
};

/** A softphone that is told what to do by JSON lines. */
class Phone {
  events = [];
  constructor() {
    this.process = spawn(python, [script], { stdio: ["pipe", "pipe", "inherit"] });
    createInterface({ input: this.process.stdout }).on("line", (line) => {
      // The library logs its birth among the events.
      if (line.startsWith("{")) this.events.push(JSON.parse(line));
    });
  }
  tell(command) {
    this.process.stdin.write(`${JSON.stringify(command)}\n`);
  }
  async expect(event) {
    const end = Date.now() + WAIT;
    for (;;) {
      const at = this.events.findIndex((each) => each.event === event);
      if (at >= 0) return this.events.splice(0, at + 1).at(-1);
      if (Date.now() > end) throw new Error(`no "${event}" within ${WAIT / 1000} s, but ${JSON.stringify(this.events)}`);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }
  close() {
    this.tell({ do: "quit" });
    setTimeout(() => this.process.kill(), 1_000).unref();
  }
}

const browser = await launch();
const problems = [];
const pageOf = async (colorScheme) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT);
  page.on("pageerror", (error) => problems.push(error.message));
  return page;
};
const visitor = await pageOf("light");
const agent = await pageOf("dark");
const phone = new Phone();
const caller = new Phone();
const look = async (name) => {
  await agent.waitForTimeout(350);
  await agent.screenshot({ path: join(out, `${name}.png`) });
  for (const each of await violations(agent)) problems.push(`${name}: ${each}`);
};

let count = 0;
const step = async (name, play) => {
  count += 1;
  const began = Date.now();
  try {
    await play();
    process.stdout.write(`ok ${count} ${name} (${Date.now() - began} ms)\n`);
  } catch (error) {
    process.stdout.write(`not ok ${count} ${name}: ${error.message}\n`);
    await agent.screenshot({ path: join(out, `failed-${count}.png`) }).catch(() => undefined);
    process.exitCode = 1;
    throw error;
  }
};

try {
  await step("the agent's phone registers and the desk shows it", async () => {
    phone.tell({ do: "start", server: sip, user: "ann", password: "demo" });
    await phone.expect("registered");
    await agent.goto(base);
    await agent.getByLabel("Login").fill("ann");
    await agent.getByLabel("Password").first().fill("demo");
    await agent.keyboard.press("Enter");
    await agent.locator('[data-testid="phone"][data-ready="true"]').waitFor();
    await agent.getByRole("button", { name: "Available" }).click();
    await agent.getByTestId("agent-state").filter({ hasText: "Ready" }).waitFor();
  });

  await step("a chat is accepted first", async () => {
    await visitor.goto(`${base}/demo`);
    await visitor.getByRole("button", { name: "Open chat" }).click();
    await visitor.getByRole("button", { name: "Billing", exact: true }).click();
    await agent.getByTestId("offer").getByRole("button", { name: /^Accept/ }).click();
    await agent.locator("#composer").waitFor();
    await visitor.getByLabel("Write a message").fill("Good morning");
    await visitor.keyboard.press("Enter");
    await agent.getByTestId("message").filter({ hasText: "Good morning" }).waitFor();
    await agent.locator("#composer").fill("half a sentence");
  });

  await step("a call rings on desk and phone, and the desk says to answer on the phone", async () => {
    caller.tell({ do: "start", server: sip, user: "+15550123" });
    await caller.expect("started");
    caller.tell({ do: "call", to: "+15550100" });
    await caller.expect("answered");
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    caller.tell({ do: "press", digits: "2" });
    await phone.expect("incoming");
    await agent.getByTestId("offer").getByText("Answer on your phone").waitFor();
    must((await agent.locator("#composer").inputValue()) === "half a sentence", "the ringing disturbed the draft");
    await look("ringing");
    phone.tell({ do: "answer" });
    await phone.expect("answered");
  });

  await step("the call stands above the chat, which goes on", async () => {
    await agent.getByTestId("call").getByText("On call").waitFor();
    must(await agent.locator("#composer").isVisible(), "the call took the place of the chat");
    await agent.locator("#composer").press("Enter");
    await visitor.locator(".line").filter({ hasText: "half a sentence" }).waitFor();
    await look("call-beside-chat");
    await agent.getByRole("link", { name: "Open call" }).click();
    await agent.getByTestId("customer").getByText("+15550123").first().waitFor();
    await agent.getByLabel("Notes on this call").fill("Wants a new invoice");
    await look("call-open");
  });

  await step("the agent hangs up from the desk and wraps up", async () => {
    await agent.getByRole("button", { name: "Hang up" }).click();
    await caller.expect("ended");
    await agent.getByTestId("wrap-up").waitFor();
    must((await agent.getByLabel("Note", { exact: true }).inputValue()) === "Wants a new invoice", "the notes on the call are gone");
    await look("call-wrap-up");
    await agent.getByTestId("wrap-up").getByText("refund", { exact: true }).click();
    await agent.getByRole("button", { name: "Complete" }).click();
    await agent.getByTestId("call").waitFor({ state: "detached" });
    await agent.locator("#composer").waitFor();
  });

  await step("the agent ends the chat, wraps up and signs out", async () => {
    await agent.getByRole("button", { name: "End chat" }).click();
    await agent.getByTestId("end-chat").click();
    await agent.getByTestId("wrap-up").waitFor();
    await agent.getByTestId("wrap-up").getByText("resolved", { exact: true }).click();
    await agent.getByRole("button", { name: "Complete" }).click();
    await agent.getByText("Nothing open").waitFor();
    await agent.getByRole("button", { name: /^Account of/ }).click();
    await agent.getByRole("menuitem", { name: "Sign out" }).click();
    await agent.getByLabel("Login").waitFor();
  });

  await step("every view was accessible and nothing failed", async () => must(problems.length === 0, `\n  ${problems.join("\n  ")}`));
} catch {
  for (const each of problems) process.stdout.write(`# ${each}\n`);
}
phone.close();
caller.close();
await browser.close();
process.stdout.write(process.exitCode ? `failed at step ${count}; photographs in ${out}\n` : `all ${count} steps passed; photographs in ${out}\n`);
