// What must outlive a reload: drafts, and messages that were sent but not yet confirmed. Kept per person and interaction.
export interface PendingFile {
  id: string;
  name: string;
  size: number;
}

/** A message on its way. The same `clientId` is used for every try, so it appears once. */
export interface Pending {
  clientId: string;
  text: string;
  files: PendingFile[];
  at: number;
  /** Why it was refused for good; absent while it is being tried. */
  refused?: string;
}

export interface Draft {
  text: string;
  files: PendingFile[];
}

export const emptyDraft: Draft = { text: "", files: [] };
const MAX_KEPT_DRAFTS = 200;

export class Kept {
  private readonly prefix: string;
  private readonly storage: Storage;

  constructor(owner: string, storage: Storage) {
    this.prefix = `switchboard.${owner}.`;
    this.storage = storage;
  }

  draft(id: string): Draft {
    return this.read<Draft>(`draft.${id}`) ?? emptyDraft;
  }

  keepDraft(id: string, draft: Draft): void {
    if (draft.text === "" && draft.files.length === 0) this.forget(`draft.${id}`);
    else this.write(`draft.${id}`, draft);
  }

  pending(id: string): Pending[] {
    return this.read<Pending[]>(`pending.${id}`) ?? [];
  }

  keepPending(id: string, pending: Pending[]): void {
    if (pending.length === 0) this.forget(`pending.${id}`);
    else this.write(`pending.${id}`, pending);
  }

  /** Wrap-up form: disposition and note while they are being filled in. */
  form(id: string): { disposition: string; note: string } {
    return this.read<{ disposition: string; note: string }>(`form.${id}`) ?? { disposition: "", note: "" };
  }

  keepForm(id: string, form: { disposition: string; note: string }): void {
    if (form.disposition === "" && form.note === "") this.forget(`form.${id}`);
    else this.write(`form.${id}`, form);
  }

  /** The interaction is over for this agent. */
  drop(id: string): void {
    for (const kind of ["draft", "pending", "form"]) this.forget(`${kind}.${id}`);
  }

  /** Ids with unconfirmed messages: they are sent again after a reload. */
  idsWithPending(): string[] {
    const start = `${this.prefix}pending.`;
    return Object.keys(this.storage)
      .filter((key) => key.startsWith(start))
      .map((key) => key.slice(start.length));
  }

  private read<T>(key: string): T | undefined {
    try {
      const raw = this.storage.getItem(this.prefix + key);
      return raw === null ? undefined : (JSON.parse(raw) as T);
    } catch {
      return undefined;
    }
  }

  private write(key: string, value: unknown): void {
    const mine = Object.keys(this.storage).filter((each) => each.startsWith(this.prefix));
    const first = mine[0];
    if (mine.length > MAX_KEPT_DRAFTS && first) this.storage.removeItem(first);
    try {
      this.storage.setItem(this.prefix + key, JSON.stringify(value));
    } catch {
      // A full store costs the copy, not the text on the page.
    }
  }

  private forget(key: string): void {
    this.storage.removeItem(this.prefix + key);
  }
}
