// The frame of every page: rail, top bar, and below it the page.
import { IconAdjustmentsHorizontal, IconChartBar, IconHeadset, IconList } from "@tabler/icons-react";
import { Tooltip } from "@mantine/core";
import { useMemo, useState } from "react";
import { NavLink, Outlet } from "react-router";
import { administers, oversees, supervises } from "../api/session";
import { useMaybeDesk, useSession } from "../context";
import { useShortcuts } from "../lib/hooks";
import { t } from "../strings";
import { Account } from "./account";
import { LineBanner, LineState } from "./line";
import { Offers } from "./offers";
import { Search, SEARCH_ID } from "./search";
import { Shortcuts } from "./shortcuts";
import { DialButton } from "../softphone/dial";
import { Listening } from "../supervise/listening";
import { PhoneMenu } from "../softphone/phone-menu";
import { StatusControl } from "./status";
import styles from "./shell.module.css";

const focusOn = (id: string) => document.getElementById(id)?.focus();

export function Shell() {
  const session = useSession();
  const desk = useMaybeDesk();
  const [help, setHelp] = useState(false);
  useShortcuts(
    useMemo(
      () => [
        { key: "/", run: () => focusOn(SEARCH_ID) },
        { key: "?", run: () => setHelp(true) },
        { key: "s", alt: true, run: () => focusOn("my-status") },
      ],
      [],
    ),
  );

  const links = [
    { to: "/desk", name: t.nav.desk, icon: IconHeadset, shown: session.isAgent },
    { to: "/live", name: t.nav.live, icon: IconChartBar, shown: supervises(session) },
    { to: "/interactions", name: t.nav.interactions, icon: IconList, shown: supervises(session) || session.isAgent },
    { to: "/centre", name: t.nav.centre, icon: IconAdjustmentsHorizontal, shown: administers(session) },
  ].filter((link) => link.shown);

  return (
    <div className={styles.shell}>
      <a className="sb-skip" href="#main">
        {t.nav.skip}
      </a>
      <div className={styles.rail}>
        <img className={styles.logo} src="/icon.svg" alt={t.product} />
        <nav aria-label={t.nav.main}>
          {links.map(({ to, name, icon: Shape }) => (
            <Tooltip key={to} label={name} position="right">
              <NavLink className={styles.navLink ?? ""} to={to} aria-label={name}>
                <Shape size={20} stroke={1.7} aria-hidden />
              </NavLink>
            </Tooltip>
          ))}
        </nav>
        <Account onShortcuts={() => setHelp(true)} />
      </div>
      <header className={styles.top}>
        {desk ? <LineBanner otherwise={<Search />} /> : <Search />}
        <span className={styles.spacer} />
        {desk && (
          <>
            <LineState />
            <DialButton />
            <PhoneMenu />
            <StatusControl />
          </>
        )}
        {!desk && oversees(session) && <PhoneMenu />}
      </header>
      <main className={styles.main} id="main" tabIndex={-1}>
        <Outlet />
        {desk && <Offers />}
        {oversees(session) && <Listening />}
      </main>
      <Shortcuts opened={help} onClose={() => setHelp(false)} />
    </div>
  );
}
