// A SIP softphone (tests/phones) for browser scripts.
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const script = join(dirname(fileURLToPath(import.meta.url)), "../../../../tests/phones/phone.py");
const WAIT = 20_000;

export class Phone {
  events = [];
  constructor(python) {
    this.process = spawn(python, [script], { stdio: ["pipe", "pipe", "inherit"] });
    createInterface({ input: this.process.stdout }).on("line", (line) => {
      // The library logs its birth among the events.
      if (line.startsWith("{")) this.events.push(JSON.parse(line));
    });
  }
  tell(command) {
    this.process.stdin.write(`${JSON.stringify(command)}\n`);
  }
  async expect(event, wanted = () => true) {
    const end = Date.now() + WAIT;
    for (;;) {
      const at = this.events.findIndex((each) => each.event === event && wanted(each));
      if (at >= 0) return this.events.splice(0, at + 1).at(-1);
      if (Date.now() > end) throw new Error(`no "${event}" within ${WAIT / 1000} s, but ${JSON.stringify(this.events)}`);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }
  /** Waits until this tone, and nothing like the other one, is heard. */
  async expectTone(hertz, not) {
    const end = Date.now() + WAIT;
    for (;;) {
      this.tell({ do: "listen", ms: 400, hertz: [hertz, not] });
      const heard = (await this.expect("heard")).hertz;
      if (heard[hertz] > 1_500 && heard[not] < heard[hertz] / 10) return;
      if (Date.now() > end) throw new Error(`the phone does not hear ${hertz} Hz but ${JSON.stringify(heard)}`);
    }
  }
  /** Waits until next to nothing of this tone is heard. */
  async expectSilence(hertz) {
    const end = Date.now() + WAIT;
    for (;;) {
      this.tell({ do: "listen", ms: 400, hertz: [hertz] });
      const heard = (await this.expect("heard")).hertz;
      if (heard[hertz] < 100) return;
      if (Date.now() > end) throw new Error(`the phone still hears ${JSON.stringify(heard)}`);
    }
  }
  close() {
    this.tell({ do: "quit" });
    setTimeout(() => this.process.kill(), 1_000).unref();
  }
}
