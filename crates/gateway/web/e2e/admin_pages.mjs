// Administrators and supervisors at work on a running demo centre, while a customer waits.
//
//   node e2e/admin_pages.mjs URL [OUT_FOLDER]
//
// Uses the agent bob, who alone is available, the administrator amy and the supervisor sue; leaves bob with the skill billing.
// Prints one line a step and exits 0 when all passed and axe found nothing, 1 otherwise.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launch, violations } from "./browser.mjs";

const [base, out = "e2e/out/admin_pages"] = process.argv.slice(2);
if (!base) {
  process.stderr.write("usage: node e2e/admin_pages.mjs URL [OUT_FOLDER]\n");
  process.exit(2);
}
mkdirSync(out, { recursive: true });
const say = (line) => process.stdout.write(`${line}\n`);
const must = (truth, what) => {
  if (!truth) throw new Error(what);
};
const WAIT = 20_000;
const browser = await launch();
const problems = [];
const pages = {};
const pageOf = async (name, colorScheme = "light") => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT);
  page.on("pageerror", (error) => problems.push(`${name}: ${error.message}`));
  pages[name] = page;
  return page;
};
const signIn = async (page, login) => {
  await page.goto(base);
  await page.getByLabel("Login").fill(login);
  await page.getByLabel("Password").first().fill("demo");
  await page.keyboard.press("Enter");
  await page.getByRole("navigation").waitFor();
};
const look = async (page, name) => {
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
    say(`ok ${count} ${name} (${Date.now() - began} ms)`);
  } catch (error) {
    say(`not ok ${count} ${name}: ${error.message}`);
    for (const [who, page] of Object.entries(pages)) await page.screenshot({ path: join(out, `failed-${count}-${who}.png`) }).catch(() => undefined);
    throw error;
  }
};
const openTab = async (page, tab) => {
  await page.getByRole("link", { name: "Centre", exact: true }).click();
  await page.getByRole("tab", { name: tab, exact: true }).click();
};
const saveReviewed = async (page) => {
  await page.getByTestId("check").filter({ hasText: "Ready to save" }).waitFor();
  await page.getByRole("button", { name: "Review and save" }).click();
  await page.getByTestId("diff").waitFor();
};

try {
  const [visitor, bob, amy, other, sue] = [await pageOf("visitor"), await pageOf("bob"), await pageOf("amy"), await pageOf("other", "dark"), await pageOf("sue", "dark")];

  await step("a customer waits in billing, which bob does not serve", async () => {
    await signIn(bob, "bob");
    await bob.getByRole("button", { name: "Available" }).click();
    await bob.getByTestId("agent-state").filter({ hasText: "Ready" }).waitFor();
    await visitor.goto(`${base}/demo`);
    await visitor.getByRole("button", { name: "Open chat" }).click();
    await visitor.getByRole("button", { name: "Billing", exact: true }).click();
    await signIn(sue, "sue");
    await sue.locator('[data-testid="queue"][data-queue="billing"]').getByTestId("waiting").filter({ hasText: "1" }).waitFor();
    must((await bob.getByTestId("offer").count()) === 0, "bob was offered what he does not master");
    await look(sue, "live");
  });

  await step("the supervisor sees the customer and why nobody is offered them", async () => {
    await sue.getByTestId("open-interaction").first().getByRole("button").first().click();
    await sue.getByTestId("routing").getByText("Missing skill").first().waitFor();
    await look(sue, "why");
    await sue.keyboard.press("Escape");
  });

  await step("the administrator gives bob the skill, sees what changes, and saves", async () => {
    await signIn(amy, "amy");
    await openTab(amy, "People");
    await amy.getByRole("link", { name: "Bob Brook" }).click();
    await amy.getByRole("button", { name: "Add a skill" }).click();
    await amy.locator("input").and(amy.getByLabel("Skill", { exact: true })).last().click();
    await amy.getByRole("option", { name: "Billing" }).click();
    await saveReviewed(amy);
    must((await amy.getByTestId("diff").textContent()).includes("billing 3"), "the diff does not name the skill");
    await look(amy, "review");
    await amy.getByRole("button", { name: "Save", exact: true }).click();
    await amy.getByText("is saved and in effect").waitFor();
  });

  await step("bob's desk rings at once with the customer who waited", async () => {
    await bob.getByTestId("offer").waitFor({ timeout: 5_000 });
    await bob.getByTestId("offer").getByRole("button", { name: /^Accept/ }).click();
    await bob.locator("#composer").waitFor();
    await look(bob, "desk");
  });

  await step("a mistake is said where it is typed, and can't be saved", async () => {
    await openTab(amy, "Queues");
    await amy.getByRole("link", { name: "Billing" }).click();
    await amy.getByRole("textbox", { name: "Ring 1" }).fill("biling >= 1");
    await amy.getByTestId("mistakes").getByText("not described").waitFor();
    must(await amy.getByRole("button", { name: "Review and save" }).isDisabled(), "it could be saved");
    await look(amy, "mistake");
  });

  await step("leaving with unsaved changes asks first", async () => {
    await amy.getByRole("link", { name: "Live", exact: true }).click();
    await amy.getByText("Leave without saving?").waitFor();
    await amy.getByRole("button", { name: "Stay here" }).click();
    must((await amy.getByRole("textbox", { name: "Ring 1" }).inputValue()) === "biling >= 1", "what was typed is gone");
    await amy.getByRole("button", { name: "Discard changes" }).click();
    await amy.getByTestId("check").filter({ hasText: "Nothing changed" }).waitFor();
  });

  await step("of two editors the second is told, and nothing is lost", async () => {
    await signIn(other, "amy");
    for (const page of [amy, other]) {
      await openTab(page, "Queues");
      await page.getByRole("link", { name: "Sales" }).click();
      await page.getByTestId("check").waitFor();
    }
    await other.getByLabel("Offer rings").fill("25s");
    await saveReviewed(other);
    await other.getByRole("button", { name: "Save", exact: true }).click();
    await other.getByText("is saved and in effect").waitFor();
    await amy.getByLabel("Name").fill("Sales desk");
    await saveReviewed(amy);
    await amy.getByRole("button", { name: "Save", exact: true }).click();
    await amy.getByText("Somebody else was first").waitFor();
    await look(amy, "conflict");
    await amy.getByRole("button", { name: "Load it again" }).click();
    await amy.waitForFunction(() => [...document.querySelectorAll("input")].some((input) => input.value === "25s"));
  });

  await step("every kind of thing has its editor", async () => {
    for (const tab of ["Entry points", "Routing profiles", "Hours", "Skills", "Teams"]) {
      await openTab(amy, tab);
      await amy.locator("tbody a").first().click();
      await amy.getByTestId("check").filter({ hasText: "Nothing changed" }).waitFor();
      await look(amy, `edit-${tab.toLowerCase().replace(" ", "-")}`);
    }
  });

  await step("a new queue is added and found by everybody", async () => {
    await openTab(amy, "Queues");
    await amy.getByRole("link", { name: "Add queue" }).click();
    await amy.getByLabel("Key").fill("sales");
    await amy.getByTestId("mistakes").getByText("is used already").waitFor();
    await amy.getByLabel("Key").fill("night");
    await amy.getByLabel("Name").fill("Night desk");
    await saveReviewed(amy);
    await amy.getByRole("button", { name: "Save", exact: true }).click();
    await sue.locator('[data-testid="queue"][data-queue="night"]').waitFor();
  });

  await step("what was changed stands in the record with who changed it", async () => {
    await openTab(amy, "Changes");
    await amy.getByTestId("changes").getByText("queues/night").waitFor();
    await look(amy, "changes");
  });

  await step("the supervisor closes the hours at once, and customers meet the form", async () => {
    await sue.getByRole("button", { name: /Closures|closed by hand/ }).click();
    await sue.getByRole("switch", { name: "Always open" }).click({ force: true });
    await sue.getByText("always is closed").waitFor();
    const late = await pageOf("late");
    await late.goto(`${base}/demo`);
    await late.getByRole("button", { name: "Open chat" }).click();
    await late.getByText("We are closed right now").first().waitFor();
    await sue.getByRole("switch", { name: "Always open" }).click({ force: true });
    await sue.getByText("no longer closed by hand").waitFor();
    await sue.keyboard.press("Escape");
  });

  await step("the supervisor sends bob away for a moment", async () => {
    await sue.getByRole("button", { name: "Actions for Bob Brook" }).click();
    await sue.getByRole("menuitem", { name: "Away" }).click();
    await bob.getByTestId("agent-state").locator("..").filter({ hasText: "then away" }).waitFor();
    await sue.getByText("Wallboard").click();
    await sue.getByTestId("wall-queue").first().waitFor();
    await look(sue, "wallboard");
  });

  if (problems.length > 0) throw new Error(problems.join("\n"));
  say(`${count} steps passed`);
} catch (error) {
  say(error.message);
  process.exitCode = 1;
} finally {
  await browser.close();
}
