// What journeys share: people at pages, steps that are told one by one, photographs that axe looks at too.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { violations } from "./browser.mjs";

const WAIT = 20_000;

export const must = (truth, what) => {
  if (!truth) throw new Error(what);
};

/** Asks again until there is an answer. */
export async function within(what, probe, millis = WAIT) {
  const end = Date.now() + millis;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not within ${millis / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** One journey at `base`, with photographs in `out`. */
export class Journey {
  problems = [];
  pages = {};
  count = 0;
  constructor(base, out) {
    this.base = base;
    this.out = out;
    mkdirSync(out, { recursive: true });
  }

  /** A page of its own session; `prepare` sees the context before. */
  async page(browser, name, { width = 1280, height = 800, colorScheme = "light", prepare, ...more } = {}) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme, ...more });
    await prepare?.(context);
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT);
    page.on("pageerror", (error) => this.problems.push(`${name}: ${error.message}`));
    page.on("console", (line) => {
      if (line.type() === "error" && /Content Security Policy|Refused to/.test(line.text())) this.problems.push(`${name}: ${line.text()}`);
    });
    this.pages[name] = page;
    return page;
  }

  async signIn(page, login) {
    await page.goto(this.base);
    await page.getByLabel("Login").fill(login);
    await page.getByLabel("Password").first().fill("demo");
    await page.keyboard.press("Enter");
    await page.getByRole("navigation").waitFor();
  }

  async look(page, name) {
    await page.waitForTimeout(350);
    await page.screenshot({ path: join(this.out, `${name}.png`) });
    for (const each of await violations(page)) this.problems.push(`${name}: ${each}`);
  }

  async step(name, play) {
    this.count += 1;
    const began = Date.now();
    try {
      await play();
      process.stdout.write(`ok ${this.count} ${name} (${Date.now() - began} ms)\n`);
    } catch (error) {
      process.stdout.write(`not ok ${this.count} ${name}: ${error.message}\n`);
      for (const [who, page] of Object.entries(this.pages)) await page.screenshot({ path: join(this.out, `failed-${this.count}-${who}.png`) }).catch(() => undefined);
      throw error;
    }
  }

  /** Plays it to its end, and says how it went. */
  async play(all, close) {
    try {
      await all();
      await this.step("every view was accessible and nothing failed", async () => must(this.problems.length === 0, `\n  ${this.problems.join("\n  ")}`));
      process.stdout.write(`all ${this.count} steps passed; photographs in ${this.out}\n`);
    } catch {
      for (const each of this.problems) process.stdout.write(`# ${each}\n`);
      process.stdout.write(`failed at step ${this.count}; photographs in ${this.out}\n`);
      process.exitCode = 1;
    } finally {
      await close();
    }
  }
}
