// A chat in two real browser pages outlives the sudden death of the whole centre.
//
//   node e2e/centre_killed.mjs SWITCHBOARD_BINARY DATA_FOLDER [HTTP_PORT]
//
// Starts a demo centre in DATA_FOLDER, kills it (SIGKILL) in the middle of a chat, writes from both sides while it is gone,
// starts it again, and expects every message once on both sides. Exits 0 when so, 1 when not.
import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { launch } from "./browser.mjs";

const [binary, data, port = "18480"] = process.argv.slice(2);
if (!data) {
  process.stderr.write("usage: node e2e/centre_killed.mjs SWITCHBOARD_BINARY DATA_FOLDER [HTTP_PORT]\n");
  process.exit(2);
}
const base = `http://127.0.0.1:${port}`;
const first = Number(port);
const ports = ["--http-port", port, "--grpc-port", `${first + 1}`, "--sip-port", `${first + 2}`, "--rtp-ports", `${first + 100}-${first + 199}`];
const say = (line) => process.stdout.write(`${line}\n`);
const pause = (millis) => new Promise((resolve) => setTimeout(resolve, millis));

async function start() {
  const log = openSync(`${data}.log`, "a");
  const centre = spawn(binary, ["up", "--demo", "--data", data, ...ports], { stdio: ["ignore", log, log] });
  const end = Date.now() + 120_000;
  for (;;) {
    const ready = await fetch(`${base}/readyz`).then((answer) => answer.ok).catch(() => false);
    if (ready) return centre;
    if (Date.now() > end || centre.exitCode !== null) throw new Error(`the centre did not start, see ${data}.log`);
    await pause(100);
  }
}

let centre = await start();
// The demo is applied right after the services are ready.
await pause(1_500);
const browser = await launch();
const pageOf = async () => {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  page.setDefaultTimeout(30_000);
  return page;
};
const visitor = await pageOf();
const agent = await pageOf();
const said = (text) => agent.getByTestId("message").filter({ hasText: text });
const heard = (text) => visitor.locator(".line").filter({ hasText: text });

try {
  await agent.goto(base);
  await agent.getByLabel("Login").fill("ann");
  await agent.getByLabel("Password").first().fill("demo");
  await agent.keyboard.press("Enter");
  await agent.getByRole("button", { name: "Available" }).click();
  await agent.getByTestId("agent-state").filter({ hasText: "Ready" }).waitFor();
  await visitor.goto(`${base}/demo`);
  await visitor.getByRole("button", { name: "Open chat" }).click();
  await visitor.getByRole("button", { name: "Billing", exact: true }).click();
  await agent.getByTestId("offer").getByRole("button", { name: /^Accept/ }).click();
  await visitor.getByLabel("Write a message").fill("before");
  await visitor.keyboard.press("Enter");
  await said("before").waitFor();
  say("ok 1 a chat is going on");

  centre.kill("SIGKILL");
  const died = Date.now();
  await agent.getByTestId("lost").waitFor();
  const told = Date.now() - died;
  if (told > 2_000) throw new Error(`the desk said so after ${told} ms`);
  say(`ok 2 the desk says that the line is lost (${told} ms)`);

  await agent.locator("#composer").fill("from the agent, meanwhile");
  await agent.keyboard.press("Enter");
  await visitor.getByLabel("Write a message").fill("from the visitor, meanwhile");
  await visitor.keyboard.press("Enter");
  await pause(2_000);
  centre = await start();
  const back = Date.now();
  await agent.getByTestId("lost").waitFor({ state: "detached" });
  await said("from the visitor, meanwhile").waitFor();
  await heard("from the agent, meanwhile").waitFor();
  await agent.getByTestId("pending").waitFor({ state: "detached" });
  say(`ok 3 both go on by themselves (${Date.now() - back} ms after the centre was back)`);

  await pause(1_500);
  for (const text of ["before", "from the visitor, meanwhile", "from the agent, meanwhile"]) {
    const counts = [await said(text).count(), await heard(text).count()];
    if (counts.some((count) => count !== 1)) throw new Error(`"${text}" stands ${counts.join(" and ")} times`);
  }
  say("ok 4 every message stands once on both sides");
} catch (error) {
  say(`not ok: ${error.message}`);
  process.exitCode = 1;
}
await browser.close();
centre.kill("SIGINT");
