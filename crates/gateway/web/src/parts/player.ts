// Plays a recording of any length: fetched in parts as they are needed, one after the other without a gap to speak of.
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { createStore } from "zustand/vanilla";
import type { Api } from "../api/clients";
import { sayError } from "../api/errors";

/** 10 MB of sound. */
export const PART_MS = 300_000;

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

export class Player {
  readonly store = createStore<Playing>(() => ({ playing: false, loading: false, at: 0 }));
  readonly length: number;
  private readonly api: Api;
  private readonly id: string;
  private readonly audio = new Audio();
  private fetching = new AbortController();
  private part: number | undefined;
  private url = "";

  constructor(api: Api, id: string, length: number) {
    this.api = api;
    this.id = id;
    this.length = length;
    this.audio.ontimeupdate = () => this.tell();
    this.audio.onended = () => void this.next();
  }

  private tell(): void {
    if (this.part !== undefined && !this.store.getState().loading)
      this.store.setState({ at: Math.min(this.length, this.part * PART_MS + this.audio.currentTime * 1_000) });
  }

  toggle(): void {
    if (this.store.getState().playing) this.pause();
    else void this.play();
  }

  pause(): void {
    this.audio.pause();
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
    this.pause();
    this.audio.removeAttribute("src");
    this.part = undefined;
    URL.revokeObjectURL(this.url);
  }

  private async go(at: number): Promise<void> {
    const { part, within } = placeOf(at, this.length);
    try {
      if (this.part !== part) await this.load(part);
      this.audio.currentTime = within / 1_000;
      this.store.setState({ at });
      if (this.store.getState().playing) await this.audio.play();
    } catch (error) {
      // A later wish has taken its place.
      if (error instanceof DOMException && error.name === "AbortError") return;
      this.store.setState({ playing: false, problem: sayError(error) });
    }
  }

  private async load(part: number): Promise<void> {
    this.fetching.abort();
    const fetching = new AbortController();
    this.fetching = fetching;
    this.audio.pause();
    this.part = undefined;
    this.store.setState({ loading: true });
    try {
      const pieces: BlobPart[] = [];
      const wanted = { recordingId: this.id, offset: durationFromMs(part * PART_MS), length: durationFromMs(PART_MS) };
      for await (const { data } of this.api.recordings.streamRecording(wanted, { signal: fetching.signal })) pieces.push(new Uint8Array(data));
      if (fetching.signal.aborted) throw new DOMException("another part is wanted", "AbortError");
      URL.revokeObjectURL(this.url);
      this.url = URL.createObjectURL(new Blob(pieces, { type: "audio/wav" }));
      this.audio.src = this.url;
      this.part = part;
    } catch (error) {
      if (fetching.signal.aborted) throw new DOMException("another part is wanted", "AbortError");
      throw error;
    } finally {
      if (this.fetching === fetching) this.store.setState({ loading: false });
    }
  }

  private async next(): Promise<void> {
    const from = ((this.part ?? 0) + 1) * PART_MS;
    if (from < this.length) return this.go(from);
    this.store.setState({ playing: false, at: this.length });
  }
}
