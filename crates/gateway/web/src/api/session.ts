// Who is signed in. The access token lives in memory only; the refresh token in an HttpOnly cookie that the
// gateway sets and scripts never see.
import type { Client } from "@connectrpc/connect";
import { Code, ConnectError } from "@connectrpc/connect";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { SessionService, Session as WireSession } from "../gen/switchboard/directory/v1/service_pb";
import { Role } from "../gen/switchboard/directory/v1/types_pb";

export interface Session {
  tenant: string;
  user: string;
  name: string;
  roles: Role[];
  isAgent: boolean;
}

/** `loading` until the cookie has been tried, `ended` when a session that was there is over. */
export type SessionState =
  | { kind: "loading" }
  | { kind: "unreachable" }
  | { kind: "out"; ended: boolean }
  | { kind: "in"; session: Session };

const REFRESH_AHEAD_MS = 60_000;
const RETRY_MS = 3_000;

export class SessionKeeper {
  state: SessionState = { kind: "loading" };
  private token = "";
  private timer: ReturnType<typeof setTimeout> | undefined;
  private refreshing: Promise<boolean> | undefined;
  private readonly listeners = new Set<() => void>();
  private readonly client: Client<typeof SessionService>;

  constructor(client: Client<typeof SessionService>) {
    this.client = client;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  snapshot = (): SessionState => this.state;

  accessToken(): string {
    return this.token;
  }

  async signIn(tenant: string, login: string, password: string): Promise<void> {
    const response = await this.client.signIn({ tenantId: tenant, login, password });
    this.accept(response.session);
  }

  async signOut(): Promise<void> {
    clearTimeout(this.timer);
    this.token = "";
    try {
      await this.client.signOut({});
    } finally {
      this.become({ kind: "out", ended: false });
    }
  }

  /** Renews the access token; false when the session is over. Throws nothing: a line that is down is retried. */
  refresh(): Promise<boolean> {
    this.refreshing ??= this.renew().finally(() => {
      this.refreshing = undefined;
    });
    return this.refreshing;
  }

  private async renew(): Promise<boolean> {
    try {
      // Tabs share the cookie: one renews at a time.
      const response = await exclusively(() => this.client.refreshSession({}));
      this.accept(response.session);
      return true;
    } catch (error) {
      const code = ConnectError.from(error).code;
      if (code === Code.Unauthenticated || code === Code.PermissionDenied) {
        clearTimeout(this.timer);
        this.token = "";
        this.become({ kind: "out", ended: this.state.kind === "in" });
        return false;
      }
      if (this.state.kind === "loading") this.become({ kind: "unreachable" });
      this.schedule(RETRY_MS);
      return this.state.kind === "in";
    }
  }

  private accept(wire: WireSession | undefined) {
    if (!wire) throw new ConnectError("no session in the answer", Code.Internal);
    this.token = wire.accessToken;
    const expires = wire.accessExpiresAt ? timestampMs(wire.accessExpiresAt) : Date.now() + 5 * 60_000;
    const lasts = expires - Date.now();
    this.schedule(Math.max(5_000, Math.min(lasts - REFRESH_AHEAD_MS, lasts * 0.7)));
    this.become({
      kind: "in",
      session: {
        tenant: wire.tenantId,
        user: wire.userId,
        name: wire.name || wire.userId,
        roles: wire.roles,
        isAgent: wire.isAgent,
      },
    });
  }

  private schedule(inMs: number) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.refresh(), inMs);
  }

  private become(state: SessionState) {
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}

/** Whether the signed-in person may see what supervisors see. */
export function supervises(session: Session): boolean {
  return session.roles.some((role) =>
    [Role.SUPERVISOR, Role.ADMINISTRATOR, Role.QUALITY, Role.PLANNER, Role.AUDITOR].includes(role),
  );
}

/** May listen to live calls, and needs a telephone for it. */
export function oversees(session: Session): boolean {
  return session.roles.some((role) => role === Role.ADMINISTRATOR || role === Role.SUPERVISOR);
}

export function administers(session: Session): boolean {
  return session.roles.some((role) => role === Role.ADMINISTRATOR || role === Role.SUPERVISOR);
}

function exclusively<T>(work: () => Promise<T>): Promise<T> {
  // The browser offers locks on secure origins only; elsewhere a race costs one more sign-in.
  const locks = (globalThis.navigator as Navigator | undefined)?.locks;
  return locks ? (locks.request("switchboard-session", work) as Promise<T>) : work();
}
