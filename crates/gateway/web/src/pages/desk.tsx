// The page agents live in: my work, the conversation, the customer. Each keeps its place whatever arrives.
import { IconCoffee, IconHeadset, IconMessages } from "@tabler/icons-react";
import { useEffect, useMemo, useRef } from "react";
import { useNavigate, useParams } from "react-router";
import { useDeskState } from "../context";
import type { Item } from "../desk/model";
import { isRinging, isText, isWrapUp } from "../desk/model";
import { AgentStatus } from "../gen/switchboard/router/v1/types_pb";
import { useShortcuts } from "../lib/hooks";
import { Empty } from "../parts/bits";
import { CallStrip } from "../parts/call";
import { CallPane } from "../parts/call-pane";
import { ChatPane, COMPOSER_ID } from "../parts/chat-pane";
import { CustomerPanel } from "../parts/customer";
import { ParkedCalls } from "../softphone/parked";
import { WorkList } from "../parts/work";
import { t } from "../strings";
import styles from "./desk.module.css";

export function DeskPage() {
  const { id } = useParams();
  const navigate = useNavigate();
  const items = useDeskState((state) => state.items);
  const order = useDeskState((state) => state.order);
  const gone = useDeskState((state) => state.gone);
  const agent = useDeskState((state) => state.agent);
  const refused = useDeskState((state) => state.line.kind === "refused");
  const known = useDeskState((state) => (id ? state.known[id] : undefined));

  const mine = useMemo(() => order.flatMap((each) => (items[each] && !isRinging(items[each]) ? [items[each]] : [])), [order, items]);
  const open = id ? items[id] : undefined;
  const shown = open && !isRinging(open) ? open : undefined;
  const call = mine.find((item) => !isText(item.channel) && !isWrapUp(item)) ?? mine.find((item) => !isText(item.channel));

  // The first piece of work opens by itself; later ones never take the place of what is open.
  const firstId = mine[0]?.id;
  useEffect(() => {
    if (!shown && firstId) void navigate(`/desk/${firstId}`, { replace: true });
    else if (id && !open && gone.includes(id)) void navigate("/desk", { replace: true });
  }, [shown, firstId, id, open, gone, navigate]);

  const focused = useRef("");
  useEffect(() => {
    if (!shown || focused.current === shown.id) return;
    focused.current = shown.id;
    if (document.activeElement === document.body || document.activeElement === null) document.getElementById(COMPOSER_ID)?.focus();
  }, [shown]);

  useShortcuts(
    useMemo(
      () => [
        ...mine.slice(0, 9).map((item, index) => ({ key: String(index + 1), alt: true, run: () => void navigate(`/desk/${item.id}`) })),
        { key: "m", alt: true, run: () => document.getElementById(COMPOSER_ID)?.focus() },
        { key: "w", alt: true, run: () => document.querySelector<HTMLElement>("[data-finish]")?.focus() },
      ],
      [mine, navigate],
    ),
  );

  const available = agent?.status === AgentStatus.AVAILABLE;
  return (
    <div className={styles.desk}>
      <section className={`${styles.column} ${styles.work}`} aria-label={t.work.title}>
        <WorkList items={mine} openId={shown?.id} available={available} />
        <ParkedCalls />
      </section>
      <section className={styles.column} aria-label={t.conversation.label}>
        {call && <CallStrip call={call} isOpen={call.id === shown?.id} />}
        {shown ? (
          <Pane key={shown.id} item={shown} />
        ) : (
          <Empty icon={available ? IconMessages : agent ? IconCoffee : IconHeadset} title={t.conversation.none}>
            {available ? t.conversation.noneReady : agent ? t.conversation.noneAway : refused ? t.conversation.noAgent : t.line.opening}
          </Empty>
        )}
      </section>
      <aside className={`${styles.column} ${styles.side}`} aria-label={t.customer.label} tabIndex={0}>
        <CustomerPanel customerId={known?.customerId} interactionId={shown?.id} fallback={shown} />
      </aside>
    </div>
  );
}

function Pane({ item }: { item: Item }) {
  return isText(item.channel) ? <ChatPane item={item} /> : <CallPane item={item} />;
}
