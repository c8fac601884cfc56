// What came before in the same case, above the present conversation, in the order of time.
import { useCustomer } from "./customer-data";
import { Past } from "./past";
import { t } from "../strings";
import styles from "./conversation.module.css";
import list from "./customer.module.css";
import { ms } from "../lib/time";

const MAX_EARLIER = 10;

export function Earlier({ customerId, caseId, except }: { customerId?: string; caseId?: string; except: string }) {
  const { data } = useCustomer(customerId);
  const earlier = (data?.interactions ?? [])
    .filter((each) => caseId && each.caseId === caseId && each.interactionId !== except)
    .slice(0, MAX_EARLIER)
    .sort((a, b) => (ms(a.startedAt) ?? 0) - (ms(b.startedAt) ?? 0));
  if (earlier.length === 0) return null;
  return (
    <div className={styles.earlier}>
      <h3 className="sb-section">{t.conversation.earlier}</h3>
      <ul className={list.history}>
        {earlier.map((each) => (
          <Past key={each.interactionId} interaction={each} />
        ))}
      </ul>
    </div>
  );
}
