// Joins connection, state, storage and window.

import { upload, type Upload } from "./attachments";
import { Connection, type Listener } from "./connection";
import type { Options } from "./options";
import type { ClientFrame, Hello, Outgoing, ServerFrame } from "./protocol";
import { empty, resend, step, unread, type Chat, type Happening } from "./state";
import { Storage } from "./storage";
import { load } from "./strings";
import { Window } from "./window";

const TYPING_LASTS = 4_000;
const AGENT_TYPING_LASTS = 8_000;

export class Client implements Listener {
  chat: Chat = empty;
  uploads: Upload[] = [];
  visible = false;
  readonly texts = load();
  private readonly storage: Storage;
  private readonly connection: Connection;
  private readonly window: Window;
  private countdown: number | undefined;
  private typingUntil = 0;
  private typingStop: number | undefined;
  private agentTypingStop: number | undefined;
  private delivered = 0;

  constructor(readonly options: Options) {
    this.storage = new Storage(`switchboard:${options.server}:${options.tenant}:${options.entryPoint}`);
    this.connection = new Connection(`${options.server.replace(/^http/, "ws")}/chat/v1/connect`, this);
    const kept = this.storage.kept;
    if (kept.ended) {
      this.storage.keep({ interactionId: "", ended: false, open: false });
      this.storage.clearUnsent();
    }
    this.chat = { ...empty, interactionId: this.storage.kept.interactionId ?? "", unsent: this.storage.unsent };
    this.window = new Window(this, this.storage.kept.draft ?? "");
    if (this.storage.kept.interactionId) {
      if (this.storage.kept.open) this.show(false);
      this.connect();
    }
    document.addEventListener("visibilitychange", () => this.look());
  }

  // ---- what the visitor does

  show(focus = true): void {
    this.visible = true;
    this.storage.keep({ open: true });
    this.connect();
    this.window.show(focus);
    this.look();
  }

  hide(): void {
    this.visible = false;
    this.storage.keep({ open: false });
    this.window.hide();
  }

  say(text: string): boolean {
    const attachments = this.uploads.flatMap((item) => item.attachment ?? []);
    const clean = text.trim();
    if (!clean && !attachments.length) return false;
    if (new TextEncoder().encode(clean).length > this.chat.limits.text_bytes) {
      this.happen({ kind: "notice", text: this.texts.tooLong(this.chat.limits.text_bytes) });
      return false;
    }
    const ids = attachments.map((item) => item.attachment_id);
    this.utter({ type: "send", client_message_id: newId(), text: clean, attachment_ids: ids }, clean, attachments);
    this.uploads = [];
    this.typed("");
    return true;
  }

  choose(value: string, label: string): void {
    this.utter({ type: "choose", client_message_id: newId(), value }, label, []);
    this.window.focusComposer();
  }

  leave(name: string, email: string, text: string): void {
    this.utter({ type: "form", client_message_id: newId(), name, email, text }, text, []);
  }

  retry(id: string): void {
    this.happen({ kind: "retried", id });
    const item = this.chat.unsent.find((other) => other.frame.client_message_id === id);
    if (item) this.connection.send(item.frame);
  }

  discard(id: string): void {
    this.storage.dropUnsent(id);
    this.chat = { ...this.chat, unsent: this.chat.unsent.filter((item) => item.frame.client_message_id !== id) };
    this.window.draw();
  }

  typed(draft: string): void {
    this.storage.keep({ draft });
    const now = Date.now();
    if (draft && this.chat.phase === "with_agent" && now > this.typingUntil - TYPING_LASTS / 2) {
      this.typingUntil = now + TYPING_LASTS;
      this.connection.send({ type: "typing", typing: true });
      clearTimeout(this.typingStop);
      this.typingStop = window.setTimeout(() => this.stopTyping(), TYPING_LASTS);
    } else if (!draft) {
      this.stopTyping();
    }
  }

  attach(files: FileList | File[]): void {
    for (const file of Array.from(files)) {
      if (this.uploads.length >= this.chat.limits.attachments) {
        return this.happen({ kind: "notice", text: this.texts.tooMany(this.chat.limits.attachments) });
      }
      if (file.size > this.chat.limits.attachment_bytes) {
        const mib = Math.floor(this.chat.limits.attachment_bytes / 1024 / 1024);
        this.happen({ kind: "notice", text: this.texts.tooLarge(file.name, mib) });
        continue;
      }
      const item = upload(this.target, file, (failed) => {
        if (failed !== undefined) {
          this.detach(item.id);
          this.happen({ kind: "notice", text: `${this.texts.uploadFailed(file.name)}: ${failed}` });
        }
        this.window.draw();
      });
      this.uploads = [...this.uploads, item];
    }
    this.window.draw();
  }

  detach(id: number): void {
    this.uploads.find((item) => item.id === id)?.cancel();
    this.uploads = this.uploads.filter((item) => item.id !== id);
    this.window.draw();
  }

  end(): void {
    this.connection.send({ type: "end" });
  }

  restart(): void {
    this.connection.close();
    this.storage.keep({ interactionId: "", ended: false });
    this.storage.clearUnsent();
    this.delivered = 0;
    this.happen({ kind: "restart", keepUnsent: false });
    this.connect();
  }

  reconnect(): void {
    this.connection.now();
  }

  get target() {
    return {
      server: this.options.server,
      interactionId: this.chat.interactionId,
      token: this.storage.kept.token ?? "",
    };
  }

  // ---- what the connection tells

  hello(): Hello {
    const kept = this.storage.kept;
    const { entryPoint, tenant, name, email } = this.options;
    const hello: Hello = { type: "hello", entry_point: entryPoint };
    if (tenant) hello.tenant = tenant;
    if (kept.token) hello.visitor_token = kept.token;
    if (this.chat.interactionId) {
      hello.interaction_id = this.chat.interactionId;
      hello.last_sequence = this.chat.lastSequence;
    }
    if (name) hello.name = name;
    if (email) hello.email = email;
    return hello;
  }

  opened(): void {
    clearInterval(this.countdown);
  }

  received(frame: ServerFrame): void {
    if (frame.type === "error" && this.isForgotten(frame.code)) {
      // Who we were, or the conversation, is not known any more: come anew and keep what was not said yet.
      this.storage.keep(frame.code === "unknown_interaction" ? { interactionId: "" } : { token: "", interactionId: "" });
      this.delivered = 0;
      this.happen({ kind: "restart", keepUnsent: true });
      this.connection.close();
      this.connection.open();
      return;
    }
    this.happen({ kind: "frame", frame });
    if (frame.type === "welcome") this.welcomed(frame.visitor_token);
    if (frame.type === "message") {
      if (frame.client_message_id) this.storage.dropUnsent(frame.client_message_id);
      if (frame.author !== "customer" && frame.sequence > this.delivered) {
        this.delivered = frame.sequence;
        this.connection.send({ type: "delivered", sequence: frame.sequence });
      }
    }
    if (this.chat.phase === "ended") this.storage.keep({ ended: true });
    if (frame.type === "typing" && frame.typing) {
      clearTimeout(this.agentTypingStop);
      this.agentTypingStop = window.setTimeout(
        () => this.happen({ kind: "frame", frame: { type: "typing", typing: false } }),
        AGENT_TYPING_LASTS,
      );
    }
    this.look();
  }

  lost(retryInMillis: number): void {
    let seconds = Math.ceil(retryInMillis / 1000);
    this.happen({ kind: "connection", connection: "waiting", retryInSeconds: seconds });
    clearInterval(this.countdown);
    this.countdown = window.setInterval(() => {
      seconds = Math.max(0, seconds - 1);
      this.happen({ kind: "connection", connection: "waiting", retryInSeconds: seconds });
    }, 1000);
  }

  refused(reason: string): void {
    clearInterval(this.countdown);
    this.happen({ kind: "connection", connection: "refused", refusal: reason });
  }

  // ---- inside

  private connect(): void {
    if (this.connection.ready) return;
    if (this.chat.connection === "idle") this.happen({ kind: "connection", connection: "connecting" });
    this.connection.open();
  }

  private welcomed(token: string): void {
    this.storage.keep({ token, interactionId: this.chat.interactionId, ended: this.chat.phase === "ended" });
    if (this.chat.phase === "ended") return;
    for (const frame of resend(this.chat)) this.connection.send(frame as ClientFrame);
  }

  private utter(frame: Outgoing, label: string, attachments: NonNullable<Chat["unsent"][0]>["attachments"]): void {
    const unsent = { frame, label, attachments, at: new Date().toISOString() };
    this.storage.addUnsent(unsent);
    this.happen({ kind: "said", unsent });
    this.connection.send(frame);
  }

  private stopTyping(): void {
    clearTimeout(this.typingStop);
    if (this.typingUntil) this.connection.send({ type: "typing", typing: false });
    this.typingUntil = 0;
  }

  // Only what we brought can be forgotten: without it the same answer again would go round for ever.
  private isForgotten(code: string): boolean {
    if (code === "unknown_interaction") return this.chat.interactionId !== "";
    return (code === "token_expired" || code === "token_invalid") && !!this.storage.kept.token;
  }

  // Tells the centre what the visitor has before their eyes.
  private look(): void {
    if (!this.visible || document.visibilityState !== "visible" || unread(this.chat) === 0) return;
    this.happen({ kind: "shown", sequence: this.chat.lastSequence });
    this.connection.send({ type: "seen", sequence: this.chat.lastSequence });
  }

  private happen(happening: Happening): void {
    this.chat = step(this.chat, happening);
    this.window.draw();
  }
}

function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
