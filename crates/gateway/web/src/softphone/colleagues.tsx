// Colleagues who may be called: by name or extension, with what they do now.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ask } from "../api/clients";
import { useApi, useSession } from "../context";
import type { AgentState } from "../gen/switchboard/router/v1/types_pb";
import { useCentre } from "../parts/names";
import { toneOfState } from "../parts/status";
import { t } from "../strings";
import styles from "./softphone.module.css";
import { w } from "./words";

const LOOK_EVERY_MS = 4_000;
const PAGE = 1_000;
/** Most rows at once: who wants another one writes more of the name. */
const SHOWN = 50;

export interface Colleague {
  key: string;
  name: string;
  extension: string;
  /** Unknown while the centre has not said. */
  state: AgentState | undefined;
}

/** Everybody but this person, by name; what they do is asked for while it is looked at. */
export function useColleagues(): Colleague[] {
  const api = useApi();
  const { user } = useSession();
  const { data: centre } = useCentre();
  const found = useQuery({
    queryKey: ["colleagues"],
    queryFn: async () => (await api.router.listAgents({ pageSize: PAGE }, ask)).agents,
    refetchInterval: LOOK_EVERY_MS,
    retry: false,
  });
  return useMemo(() => {
    const states = new Map(found.data?.map((agent) => [agent.agentId, agent.state]));
    return (centre?.agents ?? [])
      .filter((agent) => agent.key !== user)
      .map((agent) => ({ key: agent.key, name: agent.name || agent.key, extension: agent.extension, state: states.get(agent.key) }))
      .sort((a, b) => a.name.localeCompare(b.name));
  }, [centre, found.data, user]);
}

/** Whom the text means: everybody when there is none, else by extension or a part of the name. */
export function meant(all: Colleague[], text: string): Colleague[] {
  const wanted = text.trim().toLowerCase();
  return all.filter(({ name, key, extension }) => (extension !== "" && extension.startsWith(wanted)) || name.toLowerCase().includes(wanted) || key.includes(wanted));
}

/** The one colleague whom the text names: by their whole extension, or as the first of those whose name is like it. */
export function theOne(all: Colleague[], text: string): Colleague | undefined {
  const wanted = text.trim();
  if (wanted === "") return undefined;
  if (/^[+\d]/.test(wanted)) return all.find(({ extension }) => extension === wanted);
  return meant(all, wanted)[0];
}

export function ColleagueList({ colleagues, disabled, onCall }: { colleagues: Colleague[]; disabled: boolean; onCall: (colleague: Colleague) => void }) {
  if (colleagues.length === 0) return null;
  return (
    <div>
      <p className={styles.hint} id="colleagues">
        {w.colleague.list}
      </p>
      <ul className={styles.colleagues} aria-labelledby="colleagues" tabIndex={0}>
        {colleagues.slice(0, SHOWN).map((each) => (
          <li key={each.key}>
            <button type="button" className={styles.colleague} disabled={disabled} data-testid="colleague" onClick={() => onCall(each)}>
              <span className="sb-dot" data-tone={toneOfState(each.state)} aria-hidden />
              <span className={styles.colleagueName}>{each.name}</span>
              <span className="sb-quiet">{t.agentState[each.state ?? 0]}</span>
              <span className={`sb-quiet sb-number ${styles.extension ?? ""}`}>{each.extension}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
