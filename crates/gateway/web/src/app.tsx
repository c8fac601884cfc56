// The whole app: looks, data, who is signed in, and the pages.
import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "@fontsource-variable/inter";
import "./app.css";
import { Button, Loader, MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { Code, ConnectError } from "@connectrpc/connect";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Component, useEffect, useMemo, useState } from "react";
import { createBrowserRouter, createRoutesFromElements, Link, Navigate, Route, RouterProvider } from "react-router";
import type { Api } from "./api/clients";
import type { Session } from "./api/session";
import { administers, oversees, supervises } from "./api/session";
import { ApiContext, DeskContext, SessionContext, useApi, useSessionState } from "./context";
import { Desk } from "./desk/desk";
import { Kept } from "./desk/kept";
import { CentrePage } from "./pages/centre";
import { CustomerPage } from "./pages/customer";
import { DeskPage } from "./pages/desk";
import { EditPage } from "./pages/edit";
import { InteractionPage } from "./pages/interaction";
import { InteractionsPage } from "./pages/interactions";
import { LivePage } from "./pages/live";
import { SignInPage } from "./pages/sign-in";
import { Empty } from "./parts/bits";
import { Shell } from "./parts/shell";
import { SoftphoneContext } from "./softphone/context";
import { Softphone } from "./softphone/softphone";
import { t } from "./strings";
import { theme, variables } from "./theme";

export function App({ api }: { api: Api }) {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <Notifications position="top-center" autoClose={6000} />
      <Fence>
        <ApiContext value={api}>
          <Door />
        </ApiContext>
      </Fence>
    </MantineProvider>
  );
}

function Door() {
  const { session } = useApi();
  const state = useSessionState();
  useEffect(() => {
    if (session.snapshot().kind === "loading") void session.refresh();
  }, [session]);
  switch (state.kind) {
    case "loading":
      return <Waiting />;
    case "unreachable":
      return (
        <main style={{ height: "100%", display: "grid", placeItems: "center" }}>
          <Empty>{t.signIn.unreachable}</Empty>
        </main>
      );
    case "out":
      return <SignInPage ended={state.ended} />;
    case "in":
      return <SignedIn key={`${state.session.tenant}/${state.session.user}`} session={state.session} />;
  }
}

function Waiting() {
  return (
    <main style={{ height: "100%", display: "grid", placeItems: "center" }} aria-busy>
      <Loader size="sm" aria-label={t.line.opening} />
    </main>
  );
}

/** Refusals are answers; only a line that failed is worth another try. */
const worthRetrying = (count: number, error: unknown): boolean =>
  count < 2 && [Code.Unavailable, Code.Unknown, Code.DeadlineExceeded].includes(ConnectError.from(error).code);

function SignedIn({ session }: { session: Session }) {
  const api = useApi();
  const queries = useMemo(
    () => new QueryClient({ defaultOptions: { queries: { retry: worthRetrying, staleTime: 2_000, refetchOnWindowFocus: true } } }),
    [],
  );
  const desk = useMemo(
    () => (session.isAgent ? new Desk(api, session.user, new Kept(`${session.tenant}.${session.user}`, localStorage)) : undefined),
    [api, session.isAgent, session.tenant, session.user],
  );
  useEffect(() => desk?.start(), [desk]);
  const softphone = useMemo(() => (desk || oversees(session) ? new Softphone(api) : undefined), [api, desk, session]);
  useEffect(() => {
    if (!softphone) return;
    const stop = softphone.start();
    const unfollow = desk?.store.subscribe((state) => softphone.follow(state));
    return () => {
      unfollow?.();
      stop();
    };
  }, [desk, softphone]);
  // The roles of a session never change: losing one ends it.
  const [router] = useState(() => createBrowserRouter(routesOf(session)));
  return (
    <SessionContext value={session}>
      <DeskContext value={desk}>
        <SoftphoneContext value={softphone}>
          <QueryClientProvider client={queries}>
            <RouterProvider router={router} />
          </QueryClientProvider>
        </SoftphoneContext>
      </DeskContext>
    </SessionContext>
  );
}

/** The pages that a person may see. */
function routesOf(session: Session) {
  const home = session.isAgent ? "/desk" : "/live";
  return createRoutesFromElements(
    <Route element={<Shell />}>
      <Route index element={<Navigate to={home} replace />} />
      {session.isAgent && (
        <>
          <Route path="desk" element={<DeskPage />} />
          <Route path="desk/:id" element={<DeskPage />} />
        </>
      )}
      {supervises(session) && <Route path="live" element={<LivePage />} />}
      <Route path="interactions" element={<InteractionsPage />} />
      <Route path="interactions/:id" element={<InteractionPage />} />
      <Route path="customers/:id" element={<CustomerPage />} />
      {administers(session) && (
        <>
          <Route path="centre" element={<CentrePage />} />
          <Route path="centre/:tab/:key" element={<EditPage />} />
        </>
      )}
      <Route path="*" element={<NotFound />} />
    </Route>,
  );
}

function NotFound() {
  return (
    <Empty title={t.notFound.title}>
      {t.notFound.text}{" "}
      <Link className="sb-link" to="/">
        {t.notFound.home}
      </Link>
    </Empty>
  );
}

/** A page that fails says so, instead of going blank. */
class Fence extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <main style={{ height: "100%", display: "grid", placeItems: "center" }}>
        <Empty title={t.crashed.title}>
          {t.crashed.text}
          <br />
          <Button mt={12} onClick={() => globalThis.location.reload()}>
            {t.crashed.reload}
          </Button>
        </Empty>
      </main>
    );
  }
}
