// The conversation. Only what is new is added to the page: a screen reader hears every message once.

import { download } from "./attachments";
import type { Client } from "./client";
import { icon, linked, make, sizeOf } from "./dom";
import type { Attachment, Message } from "./protocol";
import { idOf, markOf, openQuestion, type Unsent } from "./state";

export class Log {
  readonly element: HTMLElement;
  readonly newBelow: HTMLButtonElement;
  private readonly lines = new Map<string, HTMLElement>();
  private readonly typing: HTMLElement;
  private interactionId = "";
  // The visitor reads the newest: stay there whatever changes size.
  private following = true;

  constructor(private readonly client: Client) {
    const { texts } = client;
    this.element = make("div", {
      class: "log", role: "log", "aria-live": "polite", "aria-relevant": "additions", "aria-label": texts.log, tabindex: 0,
      scroll: () => {
        this.following = this.atEnd;
        if (this.following) this.newBelow.hidden = true;
      },
    });
    new ResizeObserver(() => this.following && this.toEnd()).observe(this.element);
    this.newBelow = make("button", { class: "new", type: "button", hidden: true, click: () => this.toEnd() }, texts.newMessages);
    this.typing = make(
      "div", { class: "line" },
      make("div", { class: "bubble dots", "aria-hidden": "true" }, make("i"), make("i"), make("i")),
      make("span", { class: "quiet" }),
    );
  }

  draw(): void {
    const { chat, texts } = this.client;
    if (chat.interactionId !== this.interactionId || chat.messages.length + chat.unsent.length === 0) {
      this.interactionId = chat.interactionId;
      this.lines.clear();
      this.element.replaceChildren();
    }
    const wasAtEnd = this.following;
    const wanted = [
      ...chat.messages.map((message) => ({ key: `m${message.sequence}`, build: () => this.line(message) })),
      ...chat.unsent.map((item) => ({ key: `u${idOf(item)}`, build: () => this.unsentLine(item) })),
    ];
    const keys = new Set(wanted.map((item) => item.key));
    for (const [key, element] of this.lines) {
      if (!keys.has(key)) {
        element.remove();
        this.lines.delete(key);
      }
    }
    let added = false;
    let after: Element | null = null;
    for (const { key, build } of wanted) {
      let element = this.lines.get(key);
      if (!element) {
        element = build();
        this.lines.set(key, element);
        added = true;
      }
      const place: Element | null = after ? after.nextElementSibling : this.element.firstElementChild;
      if (place !== element) this.element.insertBefore(element, place);
      after = element;
    }
    this.drawMarks();
    this.drawChoices();
    this.drawTyping(texts.typing(chat.agentName));
    if (added && (wasAtEnd || chat.unsent.length > 0)) this.toEnd();
    else if (added) this.newBelow.hidden = false;
    else if (wasAtEnd) this.toEnd();
  }

  toEnd(): void {
    this.following = true;
    this.newBelow.hidden = true;
    this.element.scrollTop = this.element.scrollHeight;
  }

  private get atEnd(): boolean {
    return this.element.scrollHeight - this.element.scrollTop - this.element.clientHeight < 40;
  }

  private line(message: Message): HTMLElement {
    const { texts } = this.client;
    if (message.author === "system") return make("div", { class: "line system" }, message.text);
    const mine = message.author === "customer";
    const time = new Date(message.sent_at);
    const line = make("div", { class: mine ? "line mine" : "line", title: time.toLocaleString() });
    const name = mine ? texts.you : message.author === "agent" ? message.author_name : "";
    if (name) line.append(make("span", { class: mine ? "quiet" : "who" }, name));
    if (message.text) line.append(make("div", { class: "bubble" }, ...linked(message.text)));
    for (const attachment of message.attachments ?? []) line.append(this.file(attachment));
    if (message.options?.length) {
      line.append(
        make(
          "div", { class: "choices", role: "group", "aria-label": message.text },
          ...message.options.map((option) =>
            make("button", { type: "button", click: () => this.client.choose(option.value, option.label) }, option.label),
          ),
        ),
      );
    }
    if (mine) line.append(make("span", { class: "mark" }));
    return line;
  }

  private unsentLine(item: Unsent): HTMLElement {
    const line = make("div", { class: "line mine" }, make("span", { class: "quiet" }, this.client.texts.you));
    if (item.label) line.append(make("div", { class: "bubble" }, ...linked(item.label)));
    for (const attachment of item.attachments) line.append(this.file(attachment));
    line.append(make("span", { class: "mark" }));
    return line;
  }

  private file(attachment: Attachment): HTMLElement {
    const size = sizeOf(attachment.size_bytes);
    return make(
      "button",
      {
        class: "file", type: "button", "aria-label": this.client.texts.download(attachment.file_name, size),
        click: () =>
          void download(this.client.target, attachment).catch((error: Error) =>
            this.client.received({ type: "error", code: "download", reason: `${attachment.file_name}: ${error.message}` }),
          ),
      },
      icon("file"),
      make("span", {}, attachment.file_name, make("small", {}, size)),
    );
  }

  private drawMarks(): void {
    const { chat, texts } = this.client;
    // Only the newest message of each standing carries the mark.
    let last = "";
    for (const message of [...chat.messages].reverse()) {
      const mark = this.lines.get(`m${message.sequence}`)?.querySelector(".mark");
      if (!mark) continue;
      const standing = texts[markOf(chat, message)];
      const text = standing === last ? "" : standing;
      last = standing;
      if (mark.textContent !== text) mark.textContent = text;
    }
    for (const item of chat.unsent) {
      const line = this.lines.get(`u${idOf(item)}`);
      const mark = line?.querySelector(".mark");
      if (!line || !mark) continue;
      line.classList.toggle("failed", !!item.failed);
      mark.classList.toggle("bad", !!item.failed);
      if (!item.failed) {
        if (mark.textContent !== texts.sending) mark.textContent = texts.sending;
      } else if (mark.getAttribute("data-why") !== item.failed) {
        mark.setAttribute("data-why", item.failed);
        mark.replaceChildren(
          `${texts.failed}: ${item.failed} `,
          make("button", { class: "link", type: "button", click: () => this.client.retry(idOf(item)) }, texts.retry),
          " ",
          make("button", { class: "link", type: "button", click: () => this.client.discard(idOf(item)) }, texts.remove("")),
        );
      }
    }
  }

  private drawChoices(): void {
    const open = this.client.chat.messages[openQuestion(this.client.chat)];
    for (const message of this.client.chat.messages) {
      if (!message.options?.length) continue;
      for (const button of this.lines.get(`m${message.sequence}`)?.querySelectorAll<HTMLButtonElement>(".choices button") ?? []) {
        button.disabled = message !== open;
      }
    }
  }

  private drawTyping(text: string): void {
    if (!this.client.chat.agentTyping) {
      this.typing.remove();
    } else if (!this.typing.parentNode || this.typing.nextElementSibling) {
      this.element.append(this.typing);
      const quiet = this.typing.querySelector(".quiet");
      if (quiet) quiet.textContent = text;
    }
  }
}
