// The form for a message while nobody is there.

import type { Client } from "./client";
import { make } from "./dom";

export class Form {
  readonly element: HTMLFormElement;
  readonly first: HTMLInputElement;
  private readonly email: HTMLInputElement;
  private readonly text: HTMLTextAreaElement;
  private readonly emailWhy: HTMLElement;
  private readonly textWhy: HTMLElement;

  constructor(private readonly client: Client) {
    const { texts, options } = client;
    this.first = make("input", { name: "name", autocomplete: "name", maxlength: 200, value: options.name });
    this.email = make("input", {
      name: "email", type: "email", autocomplete: "email", maxlength: 254, value: options.email,
      required: true, "aria-describedby": "email-why",
    });
    this.text = make("textarea", { name: "text", rows: 4, required: true, "aria-describedby": "text-why" });
    this.emailWhy = make("p", { class: "why", id: "email-why", role: "alert", hidden: true }, texts.formEmailWrong);
    this.textWhy = make("p", { class: "why", id: "text-why", role: "alert", hidden: true }, texts.formTextMissing);
    this.element = make(
      "form", { class: "offline", hidden: true, novalidate: true, submit: (event: Event) => this.submit(event) },
      make("label", {}, texts.formName, this.first),
      make("label", {}, texts.formEmail, this.email),
      this.emailWhy,
      make("label", {}, texts.formText, this.text),
      this.textWhy,
      make("button", { class: "primary", type: "submit" }, texts.formSend),
    );
  }

  show(visible: boolean): void {
    this.element.hidden = !visible;
  }

  private submit(event: Event): void {
    event.preventDefault();
    const emailWrong = !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(this.email.value.trim());
    const textMissing = !this.text.value.trim();
    mark(this.email, this.emailWhy, emailWrong);
    mark(this.text, this.textWhy, textMissing);
    if (emailWrong) return this.email.focus();
    if (textMissing) return this.text.focus();
    this.client.leave(this.first.value.trim(), this.email.value.trim(), this.text.value.trim());
  }
}

function mark(input: HTMLElement, why: HTMLElement, wrong: boolean): void {
  why.hidden = !wrong;
  if (wrong) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
}
