// The agent's telephone in the browser: says that it is there, answers, keeps the audio of the call up, tests itself.
//
// What the call is and when it ends is the desk's business; this holds only its sound.
import { Code, ConnectError } from "@connectrpc/connect";
import { createStore } from "zustand/vanilla";
import type { Api } from "../api/clients";
import { ask } from "../api/clients";
import { isPassing, sayError } from "../api/errors";
import type { DeskState } from "../desk/model";
import { isLive, isWrapUp } from "../desk/model";
import { Channel } from "../gen/switchboard/interaction/v1/types_pb";
import { newId } from "../lib/id";
import { AudioProblem, chosen, openMicrophone, watchLevel } from "./audio";
import { Line } from "./line";
import type { Measured } from "./quality";
import { w } from "./words";

const ON_KEY = "switchboard.softphone";
const DEVICE_KEY = "switchboard.device";
/** Held for this page alone: the call that was on it when it was loaded anew. */
const CALL_KEY = "switchboard.softphone.call";
/** That call was somebody else's, which this person was asked into. */
const GUEST_KEY = "switchboard.softphone.guest";
/** The centre forgets a browser after 90 s. */
const REGISTER_EVERY_MS = 30_000;
const RETRY_MS = 1_000;
const GUEST_TRIES = 6;
const GUEST_PAUSE_MS = 250;

export interface Sounding {
  id: string;
  phase: "connecting" | "on" | "lost";
  muted: boolean;
  /** Somebody else's call: the desk holds nothing of it. */
  guest: boolean;
  measured?: Measured;
}

export interface PhoneStore {
  /** The person wants calls in this browser. */
  on: boolean;
  /** The centre knows that. */
  registered: boolean;
  call?: Sounding | undefined;
  test?: "connecting" | "on" | undefined;
  /** How loud the microphone is, 0 to 1, while it is watched. */
  level?: number | undefined;
  problem?: string | undefined;
}

export class Softphone {
  readonly store = createStore<PhoneStore>(() => ({ on: localStorage.getItem(ON_KEY) === "on", registered: false }));
  private readonly api: Api;
  private readonly deviceId = deviceId();
  private iceServers: RTCIceServer[] = [];
  private microphone: MediaStream | undefined;
  private line: Line | undefined;
  private testLine: Line | undefined;
  private unwatch: (() => void) | undefined;
  private beat: ReturnType<typeof setInterval> | undefined;
  private stopped = false;

  constructor(api: Api) {
    this.api = api;
  }

  start(): () => void {
    this.stopped = false;
    if (this.store.getState().on) void this.register();
    const before = sessionStorage.getItem(CALL_KEY);
    if (before && sessionStorage.getItem(GUEST_KEY) === before) void this.resume(before, true);
    const left = () => this.forget();
    window.addEventListener("pagehide", left);
    return () => {
      window.removeEventListener("pagehide", left);
      this.stopped = true;
      this.unregister();
      this.stopTest();
      this.hush();
    };
  }

  // Being there.

  /** Asks for the microphone once, so that no call waits for the browser's question. */
  async turnOn(): Promise<void> {
    this.say(undefined);
    try {
      (await openMicrophone()).getTracks().forEach((track) => track.stop());
    } catch (error) {
      this.say(messageOf(error));
      return;
    }
    localStorage.setItem(ON_KEY, "on");
    this.store.setState({ on: true });
    await this.register();
  }

  async turnOff(): Promise<void> {
    localStorage.setItem(ON_KEY, "off");
    this.store.setState({ on: false, registered: false });
    this.stopTest();
    this.unregister();
    await this.api.devices.unregisterDevice({ deviceId: this.deviceId }, ask).catch(() => undefined);
  }

  private register(): Promise<void> {
    clearInterval(this.beat);
    const tell = async () => {
      try {
        const { iceServers } = await this.api.devices.registerDevice({ deviceId: this.deviceId, name: browserName() }, ask);
        this.iceServers = iceServers.map(({ urls, username, credential }) => (username ? { urls, username, credential } : { urls }));
        if (this.store.getState().on) this.store.setState({ registered: true });
      } catch (error) {
        this.store.setState({ registered: false });
        if (!isPassing(error)) this.say(sayError(error));
      }
    };
    this.beat = setInterval(() => void tell(), REGISTER_EVERY_MS);
    return tell();
  }

  private unregister(): void {
    clearInterval(this.beat);
    this.beat = undefined;
  }

  // The call.

  /** Takes what rings: the microphone first, since nobody must be connected to silence. */
  async answer(id: string): Promise<void> {
    this.stopTest();
    await this.connect(id, false);
  }

  /** Takes part in somebody else's call. It may have begun to ring a moment ago: the first refusals are waited out. */
  async answerAsGuest(id: string): Promise<void> {
    this.stopTest();
    for (let left = GUEST_TRIES; ; left--) {
      try {
        return await this.connect(id, true);
      } catch (error) {
        if (left === 0 || ConnectError.from(error).code !== Code.FailedPrecondition) throw error;
        await new Promise((resolve) => setTimeout(resolve, GUEST_PAUSE_MS));
      }
    }
  }

  /** Follows the desk: lets go of a call that is over, comes back to the one this page had before it was loaded anew. */
  follow(desk: DeskState): void {
    const mine = this.store.getState().call;
    if (mine) {
      const item = desk.items[mine.id];
      if (mine.guest) {
        // Whoever was asked got the call: from now on it is theirs.
        if (item && isLive(item)) {
          sessionStorage.removeItem(GUEST_KEY);
          this.change(mine.id, { guest: false });
        }
        return;
      }
      // The audio may be there before the desk hears that the offer was accepted: what still rings is not over.
      const gone = item ? item.endedAt !== undefined || isWrapUp(item) : mine.phase !== "connecting";
      if (gone) this.hush();
      return;
    }
    const before = sessionStorage.getItem(CALL_KEY);
    if (!before || !desk.agent || sessionStorage.getItem(GUEST_KEY) === before) return;
    const item = desk.items[before];
    if (item?.channel === Channel.VOICE && isLive(item) && item.endedAt === undefined) void this.resume(before, false);
    else sessionStorage.removeItem(CALL_KEY);
  }

  private async resume(id: string, guest: boolean): Promise<void> {
    await this.connect(id, guest).catch((error: unknown) => {
      // A guest's call may be over since: nothing to say.
      if (guest && ConnectError.from(error).code === Code.FailedPrecondition) return;
      if (error instanceof AudioProblem || !isPassing(error)) this.say(messageOf(error));
      else this.retry(id, guest);
    });
  }

  private async connect(id: string, guest: boolean): Promise<void> {
    this.line?.close();
    const before = this.store.getState().call;
    const muted = before?.muted ?? false;
    this.store.setState({ call: { id, guest, phase: before ? "lost" : "connecting", muted } });
    // Why it broke stays until it is mended.
    if (!before) this.say(undefined);
    try {
      const microphone = await this.openMicrophone();
      this.applyMute(muted);
      const exchange = async (description: string) =>
        (await this.api.devices.connectDevice({ interactionId: id, deviceId: this.deviceId, description }, ask)).description;
      sessionStorage.setItem(CALL_KEY, id);
      if (guest) sessionStorage.setItem(GUEST_KEY, id);
      else sessionStorage.removeItem(GUEST_KEY);
      this.line = await Line.open(microphone, this.iceServers, exchange, {
        connected: () => {
          this.say(undefined);
          this.change(id, { phase: "on" });
        },
        broken: (why) => {
          if (why) this.say(w.noPath[why]);
          // The centre gives the call to nobody who is not heard: it rings on, or stays where it was.
          if (why && !before) this.hush();
          else this.retry(id, this.store.getState().call?.guest ?? guest);
        },
        released: () => this.hush(),
        measured: (measured) => this.change(id, { measured }),
        blocked: () => this.say(w.problems.silent),
      });
      if (this.store.getState().call?.id !== id) this.line.close();
    } catch (error) {
      this.hush();
      throw error;
    }
  }

  /** The audio broke: the call goes on meanwhile, the centre waits for us. */
  private retry(id: string, guest: boolean): void {
    if (this.stopped) return;
    this.change(id, { phase: "lost" });
    setTimeout(() => {
      const call = this.store.getState().call;
      if (this.stopped || (call && call.id !== id)) return;
      void this.resume(id, guest);
    }, RETRY_MS);
  }

  private change(id: string, change: Partial<Sounding>): void {
    const { call } = this.store.getState();
    if (call?.id === id) this.store.setState({ call: { ...call, ...change } });
  }

  setMuted(muted: boolean): void {
    const { call } = this.store.getState();
    if (!call) return;
    this.applyMute(muted);
    this.change(call.id, { muted });
  }

  press(digits: string): boolean {
    return this.line?.press(digits) ?? false;
  }

  private applyMute(muted: boolean): void {
    for (const track of this.microphone?.getAudioTracks() ?? []) track.enabled = !muted;
  }

  /** Lets go of the sound; the call itself is ended by the desk. */
  hush(): void {
    this.line?.close();
    this.line = undefined;
    sessionStorage.removeItem(CALL_KEY);
    sessionStorage.removeItem(GUEST_KEY);
    this.store.setState({ call: undefined });
    this.closeMicrophone();
  }

  /** The page goes away: what it held is kept for the next one. */
  private forget(): void {
    this.line?.close();
    this.testLine?.close();
  }

  // Microphone and speaker.

  private async openMicrophone(): Promise<MediaStream> {
    const live = this.microphone?.getAudioTracks().some((track) => track.readyState === "live");
    if (!live) this.microphone = await openMicrophone();
    return this.microphone as MediaStream;
  }

  /** Nobody is listened to without need: the browser's red dot goes out. */
  private closeMicrophone(): void {
    const { call, test, level } = this.store.getState();
    if (call || test || level !== undefined) return;
    this.microphone?.getTracks().forEach((track) => track.stop());
    this.microphone = undefined;
  }

  async chooseMicrophone(id: string): Promise<void> {
    chosen.keepMicrophone(id);
    if (!this.microphone) return;
    const watched = this.unwatch !== undefined;
    const old = this.microphone;
    try {
      this.microphone = await openMicrophone();
      this.applyMute(this.store.getState().call?.muted ?? false);
      await Promise.all([this.line?.replace(this.microphone), this.testLine?.replace(this.microphone)]);
      old.getTracks().forEach((track) => track.stop());
      if (watched) await this.watch();
    } catch (error) {
      this.say(messageOf(error));
    }
  }

  async chooseSpeaker(id: string): Promise<void> {
    chosen.keepSpeaker(id);
    await Promise.all([this.line?.chooseSpeaker(), this.testLine?.chooseSpeaker()]);
  }

  /** Shows how loud the microphone is until [`unwatchLevel`]. */
  async watch(): Promise<void> {
    this.unwatch?.();
    try {
      const microphone = await this.openMicrophone();
      this.unwatch = watchLevel(microphone, (level) => this.store.setState({ level }));
      this.say(undefined);
    } catch (error) {
      this.say(messageOf(error));
    }
  }

  unwatchLevel(): void {
    this.unwatch?.();
    this.unwatch = undefined;
    this.store.setState({ level: undefined });
    this.closeMicrophone();
  }

  // The echo test.

  async startTest(): Promise<void> {
    this.stopTest();
    this.store.setState({ test: "connecting" });
    this.say(undefined);
    try {
      const microphone = await this.openMicrophone();
      const exchange = async (description: string) => (await this.api.devices.testDevice({ deviceId: this.deviceId, description }, ask)).description;
      const line = await Line.open(microphone, this.iceServers, exchange, {
        connected: () => this.store.setState({ test: "on" }),
        broken: (why) => {
          // Over after a minute; but a test that never sounded failed.
          if (why) this.say(w.noPath[why]);
          this.stopTest();
        },
        released: () => this.stopTest(),
        measured: () => undefined,
        blocked: () => this.say(w.problems.silent),
      });
      if (this.store.getState().test) this.testLine = line;
      else line.close();
    } catch (error) {
      this.stopTest();
      this.say(messageOf(error));
    }
  }

  stopTest(): void {
    this.testLine?.close();
    this.testLine = undefined;
    this.store.setState({ test: undefined });
    this.closeMicrophone();
  }

  private say(problem: string | undefined): void {
    this.store.setState({ problem });
  }
}

const messageOf = (error: unknown): string => (error instanceof AudioProblem ? error.message : sayError(ConnectError.from(error)));

function deviceId(): string {
  const known = localStorage.getItem(DEVICE_KEY);
  if (known) return known;
  const made = newId();
  localStorage.setItem(DEVICE_KEY, made);
  return made;
}

/** "Chrome on Linux": what the other phones' list shows. */
function browserName(): string {
  const agent = navigator.userAgent;
  const pick = (names: [string, string][]) => names.find(([mark]) => agent.includes(mark))?.[1];
  const browser = pick([["Edg/", "Edge"], ["OPR/", "Opera"], ["Firefox/", "Firefox"], ["Chrome/", "Chrome"], ["Safari/", "Safari"]]) ?? "Browser";
  const system = pick([["Android", "Android"], ["iPhone", "iPhone"], ["iPad", "iPad"], ["Windows", "Windows"], ["Mac OS", "macOS"], ["Linux", "Linux"]]);
  return system ? `${browser} on ${system}` : browser;
}
