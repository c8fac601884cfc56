// One WebSocket that comes back by itself. A silent line counts as a dead one after 30 s.

import { backOff } from "./state";
import type { ClientFrame, ServerFrame } from "./protocol";

export interface Listener {
  hello(): ClientFrame;
  opened(): void;
  received(frame: ServerFrame): void;
  lost(retryInMillis: number): void;
  refused(reason: string): void;
}

const PING_EVERY = 20_000;
const DEAD_AFTER = 30_000;

export class Connection {
  private socket: WebSocket | undefined;
  private attempt = 0;
  private retry: number | undefined;
  private pulse: number | undefined;
  private heard = 0;
  private welcomed = false;

  constructor(
    private readonly url: string,
    private readonly listener: Listener,
  ) {
    addEventListener("online", () => this.retry && this.now());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible" && this.retry) this.now();
    });
  }

  get ready(): boolean {
    return this.welcomed;
  }

  open(): void {
    if (this.socket || this.retry) return;
    const socket = new WebSocket(this.url);
    this.socket = socket;
    this.heard = Date.now();
    socket.onopen = () => {
      this.listener.opened();
      this.transmit(this.listener.hello());
    };
    socket.onmessage = (event) => this.receive(String(event.data));
    socket.onclose = () => this.closed(socket);
    this.pulse = window.setInterval(() => this.beat(), 5_000);
  }

  // Tries at once instead of waiting for the back-off.
  now(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
    this.open();
  }

  close(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
    const socket = this.socket;
    this.forget();
    socket?.close(1000);
  }

  // True when it went out; otherwise the caller keeps it until the next welcome.
  send(frame: ClientFrame): boolean {
    return this.welcomed && this.transmit(frame);
  }

  private transmit(frame: ClientFrame): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  private receive(text: string): void {
    this.heard = Date.now();
    let frame: ServerFrame;
    try {
      frame = JSON.parse(text) as ServerFrame;
    } catch {
      return;
    }
    if (frame.type === "welcome") {
      this.welcomed = true;
      this.attempt = 0;
    }
    if (frame.type === "error" && frame.fatal) {
      const reason = frame.reason;
      this.listener.received(frame);
      this.close();
      this.listener.refused(reason);
      return;
    }
    this.listener.received(frame);
  }

  private beat(): void {
    const silence = Date.now() - this.heard;
    if (silence > DEAD_AFTER && this.socket) {
      const socket = this.socket;
      socket.onclose = null;
      socket.close();
      this.closed(socket);
    } else if (silence > PING_EVERY - 5_000) {
      this.transmit({ type: "ping" });
    }
  }

  private closed(socket: WebSocket): void {
    if (socket !== this.socket) return;
    this.forget();
    const wait = backOff(this.attempt++, Math.random());
    this.retry = window.setTimeout(() => {
      this.retry = undefined;
      this.open();
    }, wait);
    this.listener.lost(wait);
  }

  private forget(): void {
    clearInterval(this.pulse);
    this.socket = undefined;
    this.welcomed = false;
  }
}
