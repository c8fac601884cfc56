// The open call: what it is about; the wrap-up when it is over.
import { useDeskState } from "../context";
import type { Item } from "../desk/model";
import { isWrapUp } from "../desk/model";
import { clock } from "../lib/time";
import { t } from "../strings";
import { Ago } from "./bits";
import styles from "./conversation.module.css";
import { Earlier } from "./earlier";
import { useNames } from "./names";
import { WrapUp } from "./wrap-up";

export function CallPane({ item }: { item: Item }) {
  const names = useNames();
  const known = useDeskState((state) => state.known[item.id]);
  const waited = item.queuedAt !== undefined && item.answeredAt !== undefined ? item.answeredAt - item.queuedAt : undefined;
  return (
    <div className={styles.pane}>
      <div className={styles.scroll} tabIndex={0} role="region" aria-label={t.call.title}>
        <Earlier customerId={known?.customerId} caseId={known?.caseId} except={item.id} />
        <div className={styles.log}>
          <p className="sb-quiet" style={{ margin: "0 0 16px" }}>
            {t.call.noText}
          </p>
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
            {Object.entries(item.attributes).map(([key, value]) => (
              <div key={key}>
                <dt>{key}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </div>
      </div>
      {isWrapUp(item) && (
        <div className={styles.foot}>
          <WrapUp item={item} />
        </div>
      )}
    </div>
  );
}
