// What survives a reload: who the visitor is, which conversation is open, what was typed and not yet confirmed.
// A browser without storage keeps it for the page only.

import type { Unsent } from "./state";

export interface Kept {
  token?: string;
  interactionId?: string;
  ended?: boolean;
  open?: boolean;
  draft?: string;
}

export class Storage {
  private readonly memory = new Map<string, string>();

  constructor(private readonly prefix: string) {}

  get kept(): Kept {
    return this.read<Kept>("chat") ?? {};
  }

  keep(change: Partial<Kept>): void {
    this.write("chat", { ...this.kept, ...change });
  }

  // Several tabs share this list: every change reads it again.
  get unsent(): Unsent[] {
    return this.read<Unsent[]>("unsent") ?? [];
  }

  addUnsent(item: Unsent): void {
    this.write("unsent", [...this.unsent, item].slice(-50));
  }

  dropUnsent(id: string): void {
    const rest = this.unsent.filter((item) => item.frame.client_message_id !== id);
    if (rest.length !== this.unsent.length) this.write("unsent", rest);
  }

  clearUnsent(): void {
    this.write("unsent", []);
  }

  private read<T>(key: string): T | undefined {
    const name = `${this.prefix}:${key}`;
    try {
      const text = this.memory.get(name) ?? localStorage.getItem(name);
      return text ? (JSON.parse(text) as T) : undefined;
    } catch {
      return undefined;
    }
  }

  private write(key: string, value: unknown): void {
    const name = `${this.prefix}:${key}`;
    const text = JSON.stringify(value);
    try {
      localStorage.setItem(name, text);
    } catch {
      this.memory.set(name, text);
    }
  }
}
