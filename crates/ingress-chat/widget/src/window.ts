// The window itself: launcher, log, composer. Draws what the state says; decides nothing.

import type { Client } from "./client";
import { icon, make } from "./dom";
import { Form } from "./form";
import { Log } from "./log";
import { inkOn } from "./options";
import css from "./style.css";
import { unread } from "./state";

export class Window {
  private readonly host = make("div", { "data-switchboard-chat": "" });
  private readonly root = make("div", { class: "root" });
  private readonly launcher: HTMLButtonElement;
  private readonly badge = make("span", { class: "badge", hidden: true, "aria-hidden": "true" });
  private readonly badgeText = make("span", { class: "quiet" });
  private readonly panel: HTMLElement;
  private readonly status = make("p", { class: "status", role: "status" });
  private readonly bar = make("div", { class: "bar", hidden: true });
  private readonly barText = make("span", { role: "alert" });
  private readonly barButton: HTMLButtonElement;
  private readonly confirm: HTMLElement;
  private readonly endButton: HTMLButtonElement;
  private readonly log: Log;
  private readonly composer: HTMLFormElement;
  private readonly input: HTMLTextAreaElement;
  private readonly sendButton: HTMLButtonElement;
  private readonly attachButton: HTMLButtonElement;
  private readonly files = make("ul", { class: "files", hidden: true });
  private readonly form: Form;
  private readonly over: HTMLElement;

  constructor(
    private readonly client: Client,
    draft: string,
  ) {
    const { texts, options } = client;
    this.launcher = make(
      "button",
      { class: "launcher", type: "button", "aria-haspopup": "dialog", "aria-expanded": "false", click: () => client.show() },
      icon("chat", 28),
      make("span", { class: "quiet" }, texts.open),
      this.badge,
      this.badgeText,
    );
    this.barButton = make("button", { class: "link", type: "button", click: () => client.reconnect() }, texts.tryNow);
    this.bar.append(this.barText, this.barButton);
    this.endButton = make("button", { type: "button", click: () => this.askEnd(true) }, texts.end);
    this.confirm = make(
      "div",
      { class: "bar confirm", hidden: true, role: "group", "aria-label": texts.endSure },
      make("span", {}, texts.endSure),
      make("button", { class: "link", type: "button", click: () => this.confirmEnd() }, texts.endYes),
      make("button", { class: "link", type: "button", click: () => this.askEnd(false) }, texts.endNo),
    );
    this.log = new Log(client);
    this.input = make("textarea", {
      rows: 1, "aria-label": texts.write, placeholder: texts.write,
      input: () => this.typed(), keydown: (event: KeyboardEvent) => this.key(event),
      paste: (event: ClipboardEvent) => this.paste(event),
    });
    this.input.value = draft;
    const picker = make("input", {
      type: "file", multiple: true, hidden: true, tabindex: -1, "aria-hidden": "true",
      change: () => {
        if (picker.files) client.attach(picker.files);
        picker.value = "";
        this.input.focus();
      },
    });
    this.attachButton = make(
      "button", { class: "icon", type: "button", "aria-label": texts.attach, title: texts.attach, click: () => picker.click() },
      icon("clip"),
    );
    this.sendButton = make("button", { class: "icon go", type: "submit", "aria-label": texts.send, title: texts.send }, icon("send"));
    this.composer = make(
      "form", { submit: (event: Event) => this.submit(event), novalidate: true },
      this.files,
      make("div", { class: "composer" }, this.attachButton, picker, this.input, this.sendButton),
    );
    this.form = new Form(client);
    this.over = make(
      "div", { class: "over", hidden: true },
      make("p", {}, texts.ended),
      make("button", { class: "primary", type: "button", click: () => client.restart() }, texts.again),
    );
    this.panel = make(
      "div",
      { class: "panel", role: "dialog", "aria-modal": "true", "aria-labelledby": "title", hidden: true, keydown: (event: KeyboardEvent) => this.trap(event) },
      make(
        "div", { class: "head" },
        make("div", {}, make("h2", { id: "title" }, options.title || texts.title), this.status),
        this.endButton,
        make("button", { type: "button", "aria-label": texts.close, title: texts.close, click: () => client.hide() }, icon("close")),
      ),
      this.bar, this.confirm, this.log.element, this.log.newBelow, this.composer, this.form.element, this.over,
    );
    this.panel.addEventListener("dragover", (event) => event.preventDefault());
    this.panel.addEventListener("drop", (event) => {
      event.preventDefault();
      if (this.mayWrite && event.dataTransfer?.files.length) client.attach(event.dataTransfer.files);
    });
    this.mount();
    this.draw();
  }

  show(focus: boolean): void {
    this.panel.hidden = false;
    this.launcher.hidden = true;
    this.root.classList.add("open");
    this.launcher.setAttribute("aria-expanded", "true");
    this.draw();
    this.log.toEnd();
    if (focus) this.focusFirst();
  }

  hide(): void {
    this.panel.hidden = true;
    this.launcher.hidden = false;
    this.root.classList.remove("open");
    this.launcher.setAttribute("aria-expanded", "false");
    this.draw();
    this.launcher.focus();
  }

  // After a button of the log was pressed and can't be pressed again.
  focusComposer(): void {
    if (!this.composer.hidden) this.input.focus();
  }

  draw(): void {
    const { chat, texts } = this.client;
    const count = unread(chat);
    this.badge.hidden = count === 0;
    this.badge.textContent = count > 99 ? "99+" : String(count);
    setText(this.badgeText, count ? texts.unread(count) : "");
    if (this.panel.hidden) return;
    setText(this.status, this.statusText());
    this.drawBar();
    this.endButton.hidden = chat.phase === "none" || chat.phase === "ended";
    if (this.endButton.hidden) this.confirm.hidden = true;
    const formWasHidden = this.form.element.hidden;
    const filling = chat.phase === "in_flow" && chat.awaiting === "form";
    this.composer.hidden = filling || !this.mayWrite;
    this.form.show(filling && !chat.unsent.some((item) => item.frame.type === "form" && !item.failed));
    const wasOver = !this.over.hidden;
    this.over.hidden = chat.phase !== "ended";
    this.drawFiles();
    this.drawSend();
    this.log.draw();
    if (!wasOver && !this.over.hidden && this.focusIsLost()) this.over.querySelector("button")?.focus();
    if (this.form.element.hidden !== formWasHidden) this.focusFirst();
  }

  private get mayWrite(): boolean {
    return this.client.chat.phase !== "ended" && this.client.chat.connection !== "refused";
  }

  private statusText(): string {
    const { chat, texts } = this.client;
    switch (chat.phase) {
      case "queued": {
        if (!chat.position) return texts.queued;
        const place = texts.position(chat.position, Math.max(chat.waiting, chat.position));
        const minutes = Math.round(chat.estimatedWaitSeconds / 60);
        return chat.estimatedWaitSeconds ? `${place}, ${texts.wait(minutes)}` : place;
      }
      case "with_agent":
        return texts.withAgent(chat.agentName);
      case "ended":
        return texts.ended;
      default:
        return chat.connection === "connecting" ? texts.connecting : "";
    }
  }

  private drawBar(): void {
    const { chat, texts } = this.client;
    const lost = chat.connection === "waiting";
    const text =
      chat.connection === "refused" ? chat.refusal : lost ? `${texts.lost(chat.retryInSeconds)}. ${texts.kept}` : chat.notice;
    this.bar.hidden = !text;
    this.bar.classList.toggle("bad", !lost);
    this.barButton.hidden = !lost;
    // A screen reader hears that the line is lost once, not every second of the count-down.
    this.barText.setAttribute("role", lost ? "presentation" : "alert");
    setText(this.barText, text);
  }

  private drawFiles(): void {
    const { uploads, texts } = this.client;
    this.files.hidden = uploads.length === 0;
    this.files.replaceChildren(
      ...uploads.map((item) =>
        make(
          "li", {},
          make("span", {}, item.name),
          make("button", { type: "button", "aria-label": texts.remove(item.name), click: () => this.client.detach(item.id) }, icon("close", 16)),
          !item.attachment &&
            make("progress", { max: 100, value: item.percent, "aria-label": texts.uploading(item.name, item.percent) }),
        ),
      ),
    );
  }

  private drawSend(): void {
    const { uploads, chat } = this.client;
    const pending = uploads.some((item) => !item.attachment);
    this.sendButton.disabled = pending || (!this.input.value.trim() && !uploads.length);
    this.attachButton.disabled = chat.connection !== "online" || chat.phase === "none";
  }

  private typed(): void {
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight}px`;
    this.client.typed(this.input.value);
    this.drawSend();
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (!this.sendButton.disabled) this.submit(event);
    }
  }

  private paste(event: ClipboardEvent): void {
    const files = event.clipboardData?.files;
    if (files?.length && !this.attachButton.disabled) {
      event.preventDefault();
      this.client.attach(files);
    }
  }

  private submit(event: Event): void {
    event.preventDefault();
    if (this.client.say(this.input.value)) {
      this.input.value = "";
      this.typed();
      this.log.toEnd();
    }
    this.input.focus();
  }

  private askEnd(open: boolean): void {
    this.confirm.hidden = !open;
    (open ? this.confirm.querySelector("button") : this.endButton)?.focus();
  }

  private confirmEnd(): void {
    this.confirm.hidden = true;
    this.client.end();
  }

  // Keeps Tab inside the window while it is open; Escape closes it.
  private trap(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      event.stopPropagation();
      if (!this.confirm.hidden) this.askEnd(false);
      else this.client.hide();
      return;
    }
    if (event.key !== "Tab") return;
    const stops = [...this.panel.querySelectorAll<HTMLElement>("a[href], button, textarea, input, [tabindex='0']")].filter(
      (element) => !element.matches(":disabled, [tabindex='-1']") && element.getClientRects().length > 0,
    );
    const active = this.shadow.activeElement;
    const last = stops[stops.length - 1];
    if (event.shiftKey && active === stops[0]) {
      event.preventDefault();
      last?.focus();
    } else if (!event.shiftKey && active === last) {
      event.preventDefault();
      stops[0]?.focus();
    }
  }

  private focusFirst(): void {
    const target = [this.form.first, this.input, this.over.querySelector("button")].find(
      (element) => element && element.getClientRects().length > 0,
    );
    target?.focus();
  }

  private focusIsLost(): boolean {
    const active = this.shadow.activeElement;
    return !active || active.getClientRects().length === 0;
  }

  private get shadow(): ShadowRoot {
    return this.root.getRootNode() as ShadowRoot;
  }

  private mount(): void {
    const { options } = this.client;
    const shadow = this.host.attachShadow({ mode: "open" });
    this.root.classList.add(options.position);
    this.root.append(this.panel, this.launcher);
    shadow.append(make("style", {}, css), this.root);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const paint = () => {
      const isDark = options.theme === "dark" || (options.theme === "auto" && dark.matches);
      this.root.classList.toggle("dark", isDark);
      this.root.style.setProperty("--accent", options.color);
      this.root.style.setProperty("--on-accent", inkOn(options.color));
      // Coloured text and focus rings need contrast with the ground, whatever the accent is.
      this.root.style.setProperty("--action", isDark ? `color-mix(in srgb, ${options.color} 35%, white)` : `color-mix(in srgb, ${options.color} 80%, black)`);
      this.root.style.setProperty("--focus", isDark ? "#9db7ff" : "#1d4ed8");
    };
    paint();
    dark.addEventListener("change", paint);
    document.body.append(this.host);
  }
}

function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
