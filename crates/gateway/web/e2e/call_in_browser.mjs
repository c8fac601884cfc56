// Calls that an agent takes in the browser: from a telephone, and from a web page. Tones tell who hears whom.
//
//   node e2e/call_in_browser.mjs URL SIP_HOST:PORT PYTHON [OUT_FOLDER]
//
// PYTHON is what tests/phones/setup.sh prints. Needs a running demo centre; uses the agent ann, who alone is available.
// Prints one line a step and exits 0 when all passed, 1 when one failed.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { violations } from "./browser.mjs";
import { Phone } from "./phone.mjs";
import { expectTone, giveEars, launchWithTone } from "./sound.mjs";

const [base, sip, python, out = "e2e/out/call_in_browser"] = process.argv.slice(2);
if (!python) {
  process.stderr.write("usage: node e2e/call_in_browser.mjs URL SIP_HOST:PORT PYTHON [OUT_FOLDER]\n");
  process.exit(2);
}
mkdirSync(out, { recursive: true });
const WAIT = 20_000;
const AGENTS = 1_000;
const CALLERS = 440;
const VISITORS = 700;
const must = (truth, what) => {
  if (!truth) throw new Error(what);
};

const problems = [];
const pageOf = async (browser, size) => {
  const context = await browser.newContext({ viewport: size, permissions: ["microphone"] });
  await giveEars(context);
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT);
  page.on("pageerror", (error) => problems.push(error.message));
  return page;
};
const deskBrowser = await launchWithTone(AGENTS);
const shopBrowser = await launchWithTone(VISITORS);
const agent = await pageOf(deskBrowser, { width: 1280, height: 800 });
const second = await pageOf(deskBrowser, { width: 1100, height: 700 });
const visitor = await pageOf(shopBrowser, { width: 1100, height: 700 });
const caller = new Phone(python);

const look = async (name, page = agent) => {
  await page.waitForTimeout(350);
  await page.screenshot({ path: join(out, `${name}.png`) });
  for (const each of await violations(page)) problems.push(`${name}: ${each}`);
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
    await agent.screenshot({ path: join(out, `failed-${count}-desk.png`) }).catch(() => undefined);
    await visitor.screenshot({ path: join(out, `failed-${count}-shop.png`) }).catch(() => undefined);
    process.exitCode = 1;
    throw error;
  }
};
const signIn = async (page) => {
  await page.goto(base);
  await page.getByLabel("Login").fill("ann");
  await page.getByLabel("Password").first().fill("demo");
  await page.keyboard.press("Enter");
  await page.getByTestId("phone").waitFor();
};
const takeCallsHere = async (page) => {
  await page.getByTestId("phone").click();
  await page.getByRole("switch", { name: "Take calls in this browser" }).click();
  await page.getByTestId("phone").and(page.locator('[data-ready="true"]')).waitFor();
};
const line = agent.getByTestId("line-quality");
const onTheLine = (page = agent) => page.getByTestId("line-quality").and(page.locator('[data-phase="on"]')).waitFor();
const wrapUp = async () => {
  await agent.getByTestId("wrap-up").waitFor();
  await agent.getByTestId("wrap-up").getByText("resolved", { exact: true }).click();
  await agent.getByRole("button", { name: "Complete" }).click();
  await agent.getByTestId("call").waitFor({ state: "detached" });
};
const dial = async () => {
  caller.tell({ do: "say", hertz: CALLERS });
  caller.tell({ do: "call", to: "+15550100" });
  await caller.expect("answered");
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  caller.tell({ do: "press", digits: "2" });
  await agent.getByTestId("offer").waitFor();
};

try {
  await step("the agent takes calls in the browser", async () => {
    caller.tell({ do: "start", server: sip, user: "+15550123" });
    await caller.expect("started");
    await signIn(agent);
    await takeCallsHere(agent);
    await agent.getByRole("button", { name: "Try the microphone" }).click();
    await agent.waitForFunction(() => Number(document.querySelector('[data-testid="level"]')?.getAttribute("aria-valuenow") ?? 0) > 20);
    await look("settings");
  });

  await step("the echo test returns what the agent says", async () => {
    await agent.getByRole("button", { name: "Hear yourself" }).click();
    await agent.getByTestId("echo-test").and(agent.locator('[data-state="on"]')).waitFor();
    await expectTone(agent, AGENTS, CALLERS);
    await agent.getByRole("button", { name: "Stop" }).click();
    await agent.keyboard.press("Escape");
    await agent.getByRole("button", { name: "Available" }).click();
    await agent.getByTestId("agent-state").filter({ hasText: "Ready" }).waitFor();
  });

  await step("a telephone's call is answered by accepting it, with one key", async () => {
    await dial();
    await look("ringing");
    await agent.getByTestId("offer").focus();
    await agent.keyboard.press("Enter");
    await onTheLine();
    await agent.getByTestId("call").getByText("On call").waitFor();
  });

  await step("both hear each other, and the line is judged", async () => {
    await caller.expectTone(AGENTS, CALLERS);
    await expectTone(agent, CALLERS, AGENTS);
    await line.and(agent.locator('[data-quality="good"]')).waitFor();
    await look("talking");
  });

  await step("a muted agent is not heard", async () => {
    await agent.keyboard.press("Alt+u");
    await agent.getByRole("button", { name: "Unmute" }).waitFor();
    await caller.expectSilence(AGENTS);
    await agent.getByRole("button", { name: "Unmute" }).click();
    await caller.expectTone(AGENTS, CALLERS);
  });

  await step("the keypad's keys arrive, from mouse and keyboard", async () => {
    await agent.keyboard.press("Alt+k");
    await agent.getByTestId("keypad").getByRole("button", { name: "Press 4" }).click();
    await agent.keyboard.press("#");
    await caller.expect("digit", (event) => event.digit === "4");
    await caller.expect("digit", (event) => event.digit === "#");
    await look("keypad");
    await agent.keyboard.press("Escape");
  });

  await step("a page loaded anew comes back into the call", async () => {
    await agent.reload();
    await onTheLine();
    await caller.expectTone(AGENTS, CALLERS);
    await expectTone(agent, CALLERS, AGENTS);
  });

  await step("the agent goes on in another window", async () => {
    await signIn(second);
    await takeCallsHere(second);
    await second.keyboard.press("Escape");
    await second.getByRole("button", { name: "Talk here" }).click();
    await onTheLine(second);
    await expectTone(second, CALLERS, AGENTS);
    await agent.getByRole("button", { name: "Talk here" }).waitFor();
    await agent.getByRole("button", { name: "Talk here" }).click();
    await onTheLine();
    await expectTone(agent, CALLERS, AGENTS);
    await second.context().close();
  });

  await step("the agent hangs up by a key, and the telephone is free", async () => {
    await agent.keyboard.press("Alt+h");
    await caller.expect("ended");
    await wrapUp();
  });

  await step("a caller who hangs up ends the agent's audio", async () => {
    await dial();
    await agent.getByTestId("offer").getByRole("button", { name: /^Accept/ }).click();
    await onTheLine();
    await caller.expectTone(AGENTS, CALLERS);
    caller.tell({ do: "hangup" });
    await caller.expect("ended");
    await line.waitFor({ state: "detached" });
    must(await agent.evaluate(() => window.peers.every((peer) => peer.connectionState === "closed")), "a connection is left open");
    await wrapUp();
  });

  await step("a customer calls from the shop's page", async () => {
    await visitor.goto(`${base}/demo`);
    await visitor.getByRole("button", { name: "Call us" }).click();
    const dialog = visitor.getByRole("dialog", { name: /Call Harbour/ });
    await dialog.getByText("may use your microphone").waitFor();
    await dialog.getByLabel("Your name (optional)").fill("Zoe");
    await look("shop-asks", visitor);
    await dialog.getByRole("button", { name: "Start the call" }).click();
    await dialog.getByRole("status").filter({ hasText: "Connected" }).waitFor();
    await visitor.waitForTimeout(1_500);
    await dialog.getByRole("button", { name: "Keypad" }).click();
    await dialog.getByRole("button", { name: "Press 2" }).click();
    await agent.getByTestId("offer").filter({ hasText: "Zoe" }).waitFor();
    await look("shop-calls", visitor);
  });

  await step("customer and agent, both in browsers, hear each other", async () => {
    await agent.getByTestId("offer").getByRole("button", { name: /^Accept/ }).click();
    await onTheLine();
    await expectTone(agent, VISITORS, AGENTS);
    await expectTone(visitor, AGENTS, VISITORS);
  });

  await step("the customer hangs up, and the agent wraps up", async () => {
    await visitor.getByRole("button", { name: "Hang up" }).click();
    await visitor.getByRole("status").filter({ hasText: "The call has ended" }).waitFor();
    await wrapUp();
  });

  await step("the agent hangs up, and the page says so", async () => {
    await visitor.getByRole("button", { name: "Call again" }).click();
    await visitor.getByRole("status").filter({ hasText: "Connected" }).waitFor();
    await visitor.waitForTimeout(1_500);
    await visitor.keyboard.press("2");
    await agent.getByTestId("offer").getByRole("button", { name: /^Accept/ }).click();
    await onTheLine();
    await expectTone(visitor, AGENTS, VISITORS);
    await agent.getByRole("button", { name: "Hang up" }).click();
    await visitor.getByRole("status").filter({ hasText: "The call has ended" }).waitFor();
    await wrapUp();
  });

  await step("a page that is closed has hung up", async () => {
    await visitor.getByRole("button", { name: "Call again" }).click();
    await visitor.getByRole("status").filter({ hasText: "Connected" }).waitFor();
    await visitor.waitForTimeout(1_500);
    await visitor.keyboard.press("2");
    await agent.getByTestId("offer").getByRole("button", { name: /^Accept/ }).click();
    await onTheLine();
    await visitor.close();
    await wrapUp();
  });

  await step("every view was accessible and nothing failed", async () => must(problems.length === 0, `\n  ${problems.join("\n  ")}`));
} catch {
  for (const each of problems) process.stdout.write(`# ${each}\n`);
}
caller.close();
await Promise.all([deskBrowser.close(), shopBrowser.close()]);
process.stdout.write(process.exitCode ? `failed at step ${count}; photographs in ${out}\n` : `all ${count} steps passed; photographs in ${out}\n`);
