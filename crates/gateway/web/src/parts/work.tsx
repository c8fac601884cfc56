// My work, in the order it came: what is live, what is being wrapped up, what is parked.
import { Link } from "react-router";
import { IconInbox } from "@tabler/icons-react";
import { useDesk, useDeskState } from "../context";
import type { Item } from "../desk/model";
import { isParked, isText, isWrapUp, unread } from "../desk/model";
import { Party } from "../gen/switchboard/interaction/v1/types_pb";
import { WorkState } from "../gen/switchboard/router/v1/types_pb";
import { t } from "../strings";
import styles from "../pages/desk.module.css";
import { Ago, ChannelIcon, Empty, Running } from "./bits";
import { useNames } from "./names";

export function WorkList({ items, openId, available }: { items: Item[]; openId: string | undefined; available: boolean }) {
  const live = items.filter((item) => !isWrapUp(item) && !isParked(item));
  const parked = items.filter(isParked);
  const wrapUps = items.filter(isWrapUp);
  return (
    <>
      <div className={styles.heading}>
        <h1>{t.work.title}</h1>
        {items.length > 0 && <span className="sb-quiet sb-number">{items.length}</span>}
      </div>
      {items.length === 0 ? (
        <Empty icon={IconInbox}>{available ? t.work.emptyReady : t.work.emptyAway}</Empty>
      ) : (
        <div className={styles.list}>
          <ul className={styles.rows} aria-label={t.work.live}>
            {live.map((item) => (
              <WorkRow key={item.id} item={item} open={item.id === openId} />
            ))}
          </ul>
          {wrapUps.length > 0 && (
            <>
              <div className={styles.group}>{t.work.wrapUp}</div>
              <ul className={styles.rows} aria-label={t.work.wrapUp}>
                {wrapUps.map((item) => (
                  <WorkRow key={item.id} item={item} open={item.id === openId} />
                ))}
              </ul>
            </>
          )}
          {parked.length > 0 && (
            <>
              <div className={styles.group}>{t.handOver.parked}</div>
              <ul className={styles.rows} aria-label={t.handOver.parked}>
                {parked.map((item) => (
                  <WorkRow key={item.id} item={item} open={item.id === openId} />
                ))}
              </ul>
            </>
          )}
        </div>
      )}
    </>
  );
}

function WorkRow({ item, open }: { item: Item; open: boolean }) {
  const desk = useDesk();
  const names = useNames();
  const chat = useDeskState((state) => state.chats[item.id]);
  const skew = useDeskState((state) => state.skew);
  const count = unread(chat);
  const text = isText(item.channel);
  const last = chat?.messages.at(-1);
  const draft = text && !open ? desk.kept.draft(item.id).text : "";
  return (
    <li>
      <Link className={styles.item} to={`/desk/${item.id}`} aria-current={open} data-testid="work">
        <span className={styles.badge} data-live={!text && !isWrapUp(item)}>
          <ChannelIcon channel={item.channel} named />
        </span>
        <span className={styles.name}>{item.label || t.unknownCustomer}</span>
        <span className={styles.when}>
          {text && !isWrapUp(item) ? (
            <Ago short at={item.answeredAt ?? item.queuedAt} />
          ) : (
            <Running from={isWrapUp(item) ? item.endedAt : item.answeredAt} skew={skew} />
          )}
        </span>
        <span className={styles.last}>
          {draft !== "" ? (
            <>
              <em>{t.work.draft}</em> {draft}
            </>
          ) : chat?.customerTyping && item.endedAt === undefined ? (
            t.conversation.typing(item.label || t.party.customer)
          ) : last && text ? (
            `${last.author === Party.AGENT ? `${t.party.you}: ` : ""}${last.text || last.attachments[0]?.fileName || ""}`
          ) : item.state === WorkState.ASSIGNED && !text ? (
            t.work.connecting
          ) : isWrapUp(item) ? (
            names.queue(item.queue)
          ) : (
            `${text ? "" : `${t.work.onCall} · `}${names.queue(item.queue)}`
          )}
        </span>
        {count > 0 && (
          <span className={styles.unread} role="img" aria-label={t.work.unread(count)} data-testid="unread">
            {count}
          </span>
        )}
      </Link>
    </li>
  );
}
