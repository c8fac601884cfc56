// The state of the line to the centre, and the banner while it is down.
import { Button } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useDesk, useDeskState } from "../context";
import { useNow } from "../lib/hooks";
import { t } from "../strings";
import styles from "./shell.module.css";

export function LineState() {
  const line = useDeskState((state) => state.line);
  const text = t.line[line.kind];
  return (
    <span className={styles.line} role="status" title={text} data-testid="line" data-line={line.kind}>
      <span className="sb-dot" data-tone={line.kind === "open" ? "good" : line.kind === "lost" ? "bad" : "warn"} aria-hidden />
      <span className={styles.lineText}>{text}</span>
    </span>
  );
}

/** Stands in the place of the search, which does not work meanwhile: nothing moves when the line breaks. */
export function LineBanner({ otherwise }: { otherwise: ReactNode }) {
  const desk = useDesk();
  const line = useDeskState((state) => state.line);
  const now = useNow();
  if (line.kind !== "lost") return otherwise;
  return (
    <div className={styles.banner} role="alert" data-testid="lost">
      <IconPlugConnectedX size={18} stroke={1.7} aria-hidden />
      <span title={t.line.lostLong}>{t.line.lostShort}</span>
      <span className="sb-number" aria-hidden>
        {t.line.retryIn(Math.ceil((line.retryAt - now) / 1000))}
      </span>
      <Button size="compact-xs" variant="default" onClick={() => desk.retryNow()}>
        {t.line.retry}
      </Button>
    </div>
  );
}
