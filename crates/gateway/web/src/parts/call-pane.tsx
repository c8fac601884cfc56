// The open call: what it is about; the wrap-up when it is over.
import { Textarea } from "@mantine/core";
import { useState } from "react";
import { useDesk, useDeskState } from "../context";
import type { Item } from "../desk/model";
import { isWrapUp } from "../desk/model";
import { clock } from "../lib/time";
import { t } from "../strings";
import { Ago } from "./bits";
import styles from "./conversation.module.css";
import { Earlier } from "./earlier";
import { useNames } from "./names";
import { Message } from "./recordings";
import { WrapUp } from "./wrap-up";

/** A call-back about a message that the customer left: the recording of it. */
const MESSAGE = "voicemail";

const shownOf = (attributes: Record<string, string>) => Object.entries(attributes).filter(([key]) => key !== MESSAGE);

export function CallPane({ item }: { item: Item }) {
  const names = useNames();
  const known = useDeskState((state) => state.known[item.id]);
  const message = item.attributes[MESSAGE];
  const waited = item.queuedAt !== undefined && item.answeredAt !== undefined ? item.answeredAt - item.queuedAt : undefined;
  return (
    <div className={styles.pane}>
      <div className={styles.scroll} tabIndex={0} role="region" aria-label={t.call.title}>
        <Earlier customerId={known?.customerId} caseId={known?.caseId} except={item.id} />
        <div className={styles.log}>
          <dl className={styles.facts}>
            <div>
              <dt>{t.call.queue}</dt>
              <dd>{names.queue(item.queue)}</dd>
            </div>
            <div>
              <dt>{t.call.dialled}</dt>
              <dd>{names.entryPoint(item.entryPoint) || t.live.none}</dd>
            </div>
            <div>
              <dt>{t.call.waited}</dt>
              <dd className="sb-number">{waited === undefined ? t.live.none : clock(waited)}</dd>
            </div>
            <div>
              <dt>{t.interaction.started}</dt>
              <dd>
                <Ago at={item.queuedAt} />
              </dd>
            </div>
            {shownOf(item.attributes).map(([key, value]) => (
              <div key={key}>
                <dt>{key}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
          {message !== undefined && <Message recordingId={message} />}
        </div>
      </div>
      <div className={styles.foot}>{isWrapUp(item) ? <WrapUp item={item} /> : <Notepad id={item.id} />}</div>
    </div>
  );
}

/** What is noted while talking: it stands in the wrap-up's note when the call is over. */
function Notepad({ id }: { id: string }) {
  const desk = useDesk();
  const [note, setNote] = useState(() => desk.kept.form(id).note);
  return (
    <div style={{ maxWidth: 760, margin: "0 auto" }}>
      <Textarea
        id="composer"
        label={t.call.notes}
        placeholder={t.call.notesPlaceholder}
        autosize
        minRows={2}
        maxRows={6}
        maxLength={4000}
        value={note}
        onChange={(event) => {
          setNote(event.currentTarget.value);
          desk.kept.keepForm(id, { ...desk.kept.form(id), note: event.currentTarget.value });
        }}
      />
    </div>
  );
}
