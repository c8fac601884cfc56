// Photographs every page against the fake centre, at two widths, light and dark, and checks each with axe.
// Usage: npm run dev:fake & node test/fake/shots.mjs OUT_FOLDER [name part] ["1280 dark"]
import { mkdirSync } from "node:fs";
import { launch, violations } from "../../e2e/browser.mjs";

const out = process.argv[2] ?? "e2e/out/fake";
const only = process.argv[3] ?? "";
/** `1280 light`: only that one. */
const look = process.argv[4] ?? "";
const base = "http://localhost:5199";
mkdirSync(out, { recursive: true });

const signIn = async (page, login = "ann") => {
  await page.goto(base);
  await page.getByLabel("Login").fill(login);
  await page.getByLabel("Password").first().fill("demo");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.locator("nav").waitFor();
  await page.waitForTimeout(300);
};
const talk = (page) =>
  page.evaluate(async () => {
    const c = window.centre;
    const P = { CUSTOMER: 1, AGENT: 2, FLOW: 3, SYSTEM: 4 };
    c.offer("i-call", "Nadia Haddad", 1, "sales");
    c.assign("i-call");
    c.offer("i-now", "Maria Santos");
    c.assign("i-now");
    c.say("i-now", P.FLOW, "Hello! What can we do for you?");
    c.say("i-now", P.CUSTOMER, "Billing");
    c.say("i-now", P.SYSTEM, "Ann Lee has joined");
    c.say("i-now", P.CUSTOMER, "My invoice shows the old address. Can you send it again?");
    c.say("i-now", P.CUSTOMER, "It is number 2043");
    c.say("i-now", P.AGENT, "Of course, Maria. I have it here: I will change the address and send it to maria.santos@example.com within the next few minutes.");
    c.offer("i-4", "Jonas Weber");
    c.assign("i-4");
    c.say("i-4", P.CUSTOMER, "Do you ship to Norway?");
    await new Promise((r) => setTimeout(r, 400));
    c.signal("i-now", { case: "online", value: true });
    c.signal("i-now", { case: "seenSequence", value: 6n });
    c.signal("i-now", { case: "typing", value: true });
  });
const open = async (page, name) => {
  await page.getByTestId("work").filter({ hasText: name }).click();
  await page.waitForTimeout(500);
};

const scenes = {
  "sign-in": async (page) => {
    await page.goto(base);
    await page.getByLabel("Login").fill("ann");
    await page.getByLabel("Password").first().fill("nope");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("alert").waitFor();
  },
  "desk-empty": (page) => signIn(page),
  "desk-offer": async (page) => {
    await signIn(page);
    await page.evaluate(() => window.centre.offer("i-now", "Maria Santos"));
    await page.evaluate(() => window.centre.offer("i-call", "Nadia Haddad", 1, "sales"));
  },
  "desk-busy": async (page) => {
    await signIn(page);
    await talk(page);
    await open(page, "Maria Santos");
    await page.getByLabel("Message to Maria Santos").fill("One moment, I am looking at");
    await page.evaluate(() => window.centre.offer("i-5", "Petra Novak", 2, "billing"));
  },
  "desk-call": async (page) => {
    await signIn(page);
    await talk(page);
    await open(page, "Nadia Haddad");
  },
  "desk-call-menu": async (page) => {
    await scenes["desk-call"](page);
    await page.getByRole("button", { name: "More" }).click();
    await page.getByRole("menuitem", { name: "Park" }).waitFor();
  },
  "desk-transfer": async (page) => {
    await scenes["desk-call"](page);
    await page.keyboard.press("Alt+t");
    await page.getByTestId("target").waitFor();
  },
  "desk-consult": async (page) => {
    await scenes["desk-call"](page);
    await page.keyboard.press("Alt+t");
    await page.getByTestId("target").getByText("Number", { exact: true }).click();
    await page.getByTestId("target").getByLabel("Number", { exact: true }).last().fill("+15550199");
    await page.getByRole("button", { name: "Ask first" }).click();
    await page.getByTestId("consulting").waitFor();
  },
  "desk-together": async (page) => {
    await scenes["desk-consult"](page);
    await page.getByRole("button", { name: "All together" }).click();
    await page.getByTestId("members").waitFor();
  },
  "desk-parked": async (page) => {
    await scenes["desk-call"](page);
    await page.keyboard.press("Alt+p");
    await page.getByTestId("parked-call").waitFor();
  },
  "desk-asked": async (page) => {
    await signIn(page);
    await talk(page);
    await page.evaluate(() => window.centre.push("i-other", { case: "callGuest", value: { agentId: "ann", participantId: "1", askedBy: "bob", role: 1, customerLabel: "Ines Duarte", queue: "sales" } }));
    await page.getByTestId("guest").waitFor();
  },
  "desk-dial": async (page) => {
    await signIn(page);
    await page.keyboard.press("Alt+c");
    await page.getByTestId("dial-form").waitFor();
  },
  "live-call": async (page) => {
    await signIn(page, "sue");
    await page.locator('[data-id="i-8"]').getByRole("button").first().click();
    await page.getByTestId("live-call").waitFor();
    await page.getByRole("button", { name: "Whisper" }).click();
    await page.getByTestId("listeners").getByText("speaks to the agent").waitFor();
  },
  recording: async (page) => {
    await signIn(page, "sue");
    await page.getByRole("link", { name: "Interactions" }).click();
    await page.getByTestId("interaction").nth(1).getByRole("link").first().click();
    await page.getByTestId("wave").waitFor();
    await page.getByTestId("wave").focus();
    for (let i = 0; i < 4; i++) await page.keyboard.press("PageUp");
  },
  "desk-wrap-up": async (page) => {
    await signIn(page);
    await talk(page);
    await open(page, "Maria Santos");
    await page.evaluate(() => window.centre.end("i-now", 1));
    await page.getByTestId("past").last().click();
  },
  "desk-lost": async (page) => {
    await signIn(page);
    await talk(page);
    await open(page, "Maria Santos");
    await page.evaluate(() => {
      window.centre.down = true;
      window.centre.breakLines();
    });
    await page.getByTestId("lost").waitFor();
    await page.getByLabel("Message to Maria Santos").fill("This one waits for the line");
    await page.keyboard.press("Enter");
  },
  live: async (page) => {
    await signIn(page, "sue");
    await page.getByTestId("queue").first().waitFor();
  },
  "live-wall": async (page) => {
    await signIn(page, "sue");
    await page.getByText("Wallboard").click();
    await page.getByTestId("wall-queue").first().waitFor();
  },
  "live-drawer": async (page) => {
    await signIn(page, "sue");
    await page.getByTestId("open-interaction").first().getByRole("button").first().click();
    await page.getByTestId("routing").waitFor();
  },
  "live-move": async (page) => {
    await signIn(page, "sue");
    await page.getByTestId("open-interaction").first().getByRole("button").first().focus();
    await page.keyboard.press("m");
    await page.getByRole("dialog").waitFor();
  },
  "live-drag": async (page) => {
    await signIn(page, "sue");
    const row = page.locator('[data-id="i-6"]');
    await row.dragTo(page.locator('[data-queue="sales"]'));
    await row.dragTo(page.locator('[data-agent="dee"]'));
    await page.waitForFunction(() => window.centre.moved.length === 2);
    const moved = await page.evaluate(() => window.centre.moved);
    if (moved.join() !== "i-6 → sales,i-6 → dee") throw new Error(`moved ${moved.join()}`);
  },
  "live-closures": async (page) => {
    await signIn(page, "sue");
    await page.getByRole("button", { name: "Closures" }).click();
    await page.getByText("Close queues now").waitFor();
  },
  interactions: async (page) => {
    await signIn(page, "sue");
    await page.getByRole("link", { name: "Interactions" }).click();
    await page.getByTestId("interaction").first().waitFor();
  },
  interaction: async (page) => {
    await signIn(page, "sue");
    await page.getByRole("link", { name: "Interactions" }).click();
    await page.getByTestId("interaction").first().click();
    await page.getByTestId("timeline").waitFor();
  },
  customer: async (page) => {
    await signIn(page);
    await page.keyboard.press("/");
    await page.keyboard.type("maria");
    await page.getByRole("option").first().waitFor();
  },
  centre: async (page) => {
    await signIn(page, "amy");
    await page.getByRole("link", { name: "Centre" }).click();
    await page.getByRole("tab", { name: "Queues" }).waitFor();
  },
  ...Object.fromEntries(
    ["Queues", "People", "Entry points", "Routing profiles", "Hours", "Skills"].map((tab) => [
      `edit-${tab.toLowerCase().replace(" ", "-")}`,
      async (page) => {
        await signIn(page, "amy");
        await page.getByRole("link", { name: "Centre" }).click();
        await page.getByRole("tab", { name: tab, exact: true }).click();
        await page.locator("tbody a").first().click();
        await page.getByTestId("check").waitFor();
      },
    ]),
  ),
  "edit-mistake": async (page) => {
    await signIn(page, "amy");
    await page.getByRole("link", { name: "Centre" }).click();
    await page.getByRole("link", { name: "Billing" }).click();
    await page.getByRole("textbox", { name: "Ring 1" }).fill("billing >");
    await page.getByLabel("Offer rings").fill("twenty");
    await page.getByTestId("mistakes").waitFor();
  },
  "edit-review": async (page) => {
    await signIn(page, "amy");
    await page.getByRole("link", { name: "Centre" }).click();
    await page.getByRole("link", { name: "Billing" }).click();
    await page.getByLabel("Name").fill("Bills");
    await page.getByText("Ready to save").waitFor();
    await page.getByRole("button", { name: "Review and save" }).click();
    await page.getByTestId("diff").waitFor();
  },
  "edit-leave": async (page) => {
    await signIn(page, "amy");
    await page.getByRole("link", { name: "Centre" }).click();
    await page.getByRole("link", { name: "Billing" }).click();
    await page.getByLabel("Name").fill("Bills");
    await page.getByRole("link", { name: "Live" }).click();
    await page.getByText("Leave without saving?").waitFor();
  },
  "centre-changes": async (page) => {
    await signIn(page, "amy");
    await page.getByRole("link", { name: "Centre" }).click();
    await page.getByRole("tab", { name: "Changes" }).click();
    await page.getByTestId("changes").waitFor();
  },
  shortcuts: async (page) => {
    await signIn(page);
    await page.keyboard.press("?");
  },
};

const browser = await launch();
let bad = 0;
for (const [name, play] of Object.entries(scenes)) {
  if (!name.includes(only)) continue;
  for (const [width, colorScheme] of [
    [1280, "light"],
    [1280, "dark"],
    [1024, "light"],
    [1024, "dark"],
  ].filter(([width, scheme]) => look === "" || look === `${width} ${scheme}`)) {
    const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme });
    const page = await context.newPage();
    page.on("pageerror", (error) => {
      bad++;
      process.stdout.write(`${name}: page error: ${error}\n`);
    });
    page.on("console", (line) => {
      if (line.type() === "error") process.stdout.write(`${name}: console: ${line.text()} ${line.location().url}\n`);
    });
    try {
      await play(page);
      await page.waitForTimeout(450);
      for (const each of await violations(page)) {
        bad++;
        process.stdout.write(`${name} ${width} ${colorScheme}: ${each}\n`);
      }
    } catch (error) {
      bad++;
      process.stdout.write(`${name} ${width} ${colorScheme}: ${error}\n`);
    }
    await page.screenshot({ path: `${out}/${name}-${width}-${colorScheme}.png` });
    await context.close();
  }
}
await browser.close();
process.stdout.write(`${bad} problems\n`);
process.exitCode = bad === 0 ? 0 : 1;
