// Plays a recording of any length: fetched in parts as they are needed, the next one before the present one is over, so that
// one follows the other at once.
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { createStore } from "zustand/vanilla";
import type { Api } from "../api/clients";
import { sayError } from "../api/errors";

/** 10 MB of sound. */
export const PART_MS = 300_000;
/** How long before the end of a part the next one is fetched. */
export const AHEAD_MS = 30_000;

export interface Playing {
  playing: boolean;
  loading: boolean;
  /** Milliseconds from the beginning. */
  at: number;
  problem?: string | undefined;
}

/** In which part a moment lies, and how far in it. */
export function placeOf(at: number, length: number): { part: number; within: number } {
  const inside = Math.min(Math.max(0, at), Math.max(0, length - 1));
  const part = Math.floor(inside / PART_MS);
  return { part, within: inside - part * PART_MS };
}

/** A part that is there. */
interface Part {
  number: number;
  url: string;
  audio: HTMLAudioElement;
}

const isOver = (error: unknown) => error instanceof DOMException && error.name === "AbortError";

export class Player {
  readonly store = createStore<Playing>(() => ({ playing: false, loading: false, at: 0 }));
  readonly length: number;
  private readonly api: Api;
  private readonly id: string;
  private readonly makeAudio: () => HTMLAudioElement;
  private fetching = new AbortController();
  private now: Part | undefined;
  private next: Part | undefined;
  /** The part that is fetched ahead. */
  private ahead: { number: number; fetching: AbortController } | undefined;

  constructor(api: Api, id: string, length: number, makeAudio = () => new Audio()) {
    this.api = api;
    this.id = id;
    this.length = length;
    this.makeAudio = makeAudio;
  }

  toggle(): void {
    if (this.store.getState().playing) this.pause();
    else void this.play();
  }

  pause(): void {
    if (this.now && this.store.getState().playing) this.tell(this.now);
    this.now?.audio.pause();
    this.store.setState({ playing: false });
  }

  async play(): Promise<void> {
    const { at } = this.store.getState();
    this.store.setState({ playing: true, problem: undefined });
    await this.go(at >= this.length ? 0 : at);
  }

  /** Goes on from there; stands there when it stands. */
  async seek(to: number): Promise<void> {
    const at = Math.min(Math.max(0, to), this.length);
    this.store.setState({ at });
    if (this.store.getState().playing) await this.go(at);
  }

  /** Lets go of the sound; it may be played again. */
  close(): void {
    this.fetching.abort();
    this.ahead?.fetching.abort();
    this.ahead = undefined;
    this.pause();
    this.letGo(this.now);
    this.letGo(this.next);
    this.now = this.next = undefined;
  }

  private async go(at: number): Promise<void> {
    const { part, within } = placeOf(at, this.length);
    try {
      if (this.now?.number !== part) this.enter(this.next?.number === part ? this.next : await this.load(part));
      const audio = this.now?.audio;
      if (!audio) return;
      audio.currentTime = within / 1_000;
      this.store.setState({ at });
      if (this.store.getState().playing) await audio.play();
    } catch (error) {
      // A later wish has taken its place.
      if (isOver(error)) return;
      this.store.setState({ playing: false, problem: sayError(error) });
    }
  }

  /** That part is played from now on. */
  private enter(part: Part): void {
    this.letGo(this.now);
    if (this.next !== part) this.letGo(this.next);
    this.next = undefined;
    this.now = part;
    part.audio.ontimeupdate = () => this.tell(part);
    part.audio.onended = () => void this.over(part);
  }

  private letGo(part: Part | undefined): void {
    if (!part) return;
    part.audio.onended = part.audio.ontimeupdate = null;
    part.audio.pause();
    part.audio.removeAttribute("src");
    URL.revokeObjectURL(part.url);
  }

  private tell(part: Part): void {
    // Who stands has a place of their own: a late word of the sound must not take it back.
    const { loading, playing } = this.store.getState();
    if (part !== this.now || loading || !playing) return;
    const within = part.audio.currentTime * 1_000;
    this.store.setState({ at: Math.min(this.length, part.number * PART_MS + within) });
    if (within > PART_MS - AHEAD_MS) void this.lookAhead(part.number + 1);
  }

  private async over(part: Part): Promise<void> {
    if (part !== this.now) return;
    const from = (part.number + 1) * PART_MS;
    if (from < this.length) return this.go(from);
    this.store.setState({ playing: false, at: this.length });
  }

  /** Has a part ready before it is asked for. What fails is asked for again when its time has come. */
  private async lookAhead(number: number): Promise<void> {
    if (number * PART_MS >= this.length || this.next?.number === number || this.ahead?.number === number) return;
    this.ahead?.fetching.abort();
    const ahead = { number, fetching: new AbortController() };
    this.ahead = ahead;
    try {
      const part = await this.fetch(number, ahead.fetching.signal);
      if (this.ahead !== ahead || this.now?.number === number) return this.letGo(part);
      this.letGo(this.next);
      this.next = part;
    } catch {
      // Its time comes.
    } finally {
      if (this.ahead === ahead) this.ahead = undefined;
    }
  }

  private async load(number: number): Promise<Part> {
    this.fetching.abort();
    const fetching = new AbortController();
    this.fetching = fetching;
    this.now?.audio.pause();
    this.store.setState({ loading: true });
    try {
      return await this.fetch(number, fetching.signal);
    } finally {
      if (this.fetching === fetching) this.store.setState({ loading: false });
    }
  }

  private async fetch(number: number, signal: AbortSignal): Promise<Part> {
    const another = () => new DOMException("another part is wanted", "AbortError");
    try {
      const pieces: BlobPart[] = [];
      const wanted = { recordingId: this.id, offset: durationFromMs(number * PART_MS), length: durationFromMs(PART_MS) };
      for await (const { data } of this.api.recordings.streamRecording(wanted, { signal })) pieces.push(new Uint8Array(data));
      if (signal.aborted) throw another();
      const url = URL.createObjectURL(new Blob(pieces, { type: "audio/wav" }));
      const audio = this.makeAudio();
      audio.preload = "auto";
      audio.src = url;
      return { number, url, audio };
    } catch (error) {
      if (signal.aborted) throw another();
      throw error;
    }
  }
}
