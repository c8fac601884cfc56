// An open chat: what was said, who is typing, the composer; the wrap-up below when it is over.
import { Button, Popover } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { sayError } from "../api/errors";
import { useDesk, useDeskState } from "../context";
import type { Item } from "../desk/model";
import { emptyChat, isParked, isWrapUp } from "../desk/model";
import { Party } from "../gen/switchboard/interaction/v1/types_pb";
import { t } from "../strings";
import { ChannelIcon, Face } from "./bits";
import { Composer } from "./composer";
import styles from "./conversation.module.css";
import { Earlier } from "./earlier";
import { Park, Parked, Transfer } from "./hand-over";
import { MessageList } from "./messages";
import { useNames } from "./names";
import { WrapUp } from "./wrap-up";

export const COMPOSER_ID = "composer";
const NEAR_END_PX = 60;

export function ChatPane({ item }: { item: Item }) {
  const desk = useDesk();
  const names = useNames();
  const chat = useDeskState((state) => state.chats[item.id]) ?? emptyChat;
  const pending = useDeskState((state) => state.pending[item.id]);
  const known = useDeskState((state) => state.known[item.id]);
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const [below, setBelow] = useState(false);
  const over = isWrapUp(item) || item.endedAt !== undefined;
  const last = chat.messages.length + (pending?.length ?? 0);

  // Follows the talk while its end is in sight; otherwise says that there is more and stays where it is.
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    if (atEnd.current) element.scrollTop = element.scrollHeight;
    else setBelow(true);
  }, [last, chat.customerTyping, over]);

  // The wrap-up takes room from below: the end stays in sight.
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      if (atEnd.current) element.scrollTop = element.scrollHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const tell = () => {
      if (document.visibilityState === "visible" && document.hasFocus() && atEnd.current) desk.seen(item.id);
    };
    tell();
    window.addEventListener("focus", tell);
    return () => window.removeEventListener("focus", tell);
  }, [desk, item.id, chat.complete, below]);

  const toEnd = () => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
    setBelow(false);
  };
  const who = item.label || t.unknownCustomer;
  return (
    <div className={styles.pane}>
      <div className={styles.head}>
        <Face name={who} size={34} />
        <div style={{ minWidth: 0, flex: 1 }}>
          <h2>{who}</h2>
          <div className={styles.sub}>
            <ChannelIcon channel={item.channel} size={14} named />
            {names.queue(item.queue)}
            {!over && chat.customerOnline !== undefined && (
              <>
                <span aria-hidden>·</span>
                <span className="sb-dot" data-tone={chat.customerOnline ? "good" : "off"} aria-hidden />
                {chat.customerOnline ? t.conversation.online : t.conversation.away}
              </>
            )}
          </div>
        </div>
        {!over && (
          <div className={styles.headActions}>
            {!isParked(item) && <Park item={item} />}
            {!isParked(item) && <Transfer item={item} />}
            <EndChat id={item.id} />
          </div>
        )}
      </div>
      <div style={{ position: "relative", flex: 1, minHeight: 0, display: "flex" }}>
        <div
          ref={box}
          className={styles.scroll}
          tabIndex={0}
          role="log"
          aria-label={t.conversation.label}
          onScroll={(event) => {
            const element = event.currentTarget;
            atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX;
            if (atEnd.current && below) setBelow(false);
          }}
        >
          <Earlier customerId={known?.customerId} caseId={known?.caseId} except={item.id} />
          <MessageList
            interactionId={item.id}
            messages={chat.messages}
            customerName={who}
            marks={over ? undefined : chat}
            pending={pending}
            onAgain={(clientId) => desk.again(item.id, clientId)}
            onTakeBack={(clientId) => {
              const taken = desk.takeBack(item.id, clientId);
              if (taken) window.dispatchEvent(new CustomEvent("switchboard:draft", { detail: taken.text }));
            }}
            loading={!chat.loaded && chat.messages.length === 0}
          />
          {over && chat.messages.at(-1)?.author !== Party.SYSTEM && <p className={styles.system} style={{ textAlign: "center" }}>{endText(item)}</p>}
          <div className={styles.typing} aria-live="polite">
            {chat.customerTyping && !over && (
              <>
                <span className={styles.dots} aria-hidden>
                  <i />
                  <i />
                  <i />
                </span>
                {t.conversation.typing(who)}
              </>
            )}
          </div>
        </div>
        {below && (
          <Button className={styles.jump ?? ""} radius="xl" size="compact-sm" onClick={toEnd}>
            {t.conversation.newMessages}
          </Button>
        )}
      </div>
      <div className={styles.foot}>{isWrapUp(item) ? <WrapUp item={item} /> : isParked(item) ? <Parked item={item} /> : <Composer item={item} closed={over} who={who} />}</div>
    </div>
  );
}

function endText(item: Item): string {
  if (item.endedBy === Party.CUSTOMER) return t.conversation.endedBy.customer;
  if (item.endedBy === Party.AGENT) return t.conversation.endedBy.agent;
  return t.conversation.endedBy.other;
}

function EndChat({ id }: { id: string }) {
  const desk = useDesk();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const end = async () => {
    setBusy(true);
    try {
      await desk.endChat(id);
      setAsking(false);
    } catch (error) {
      notifications.show({ color: "red", message: sayError(error) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <Popover opened={asking} onChange={setAsking} position="bottom-end" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default" data-finish onClick={() => setAsking(!asking)}>
          {t.conversation.end}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t.conversation.endAsk}>
        <p style={{ margin: "0 0 10px", fontSize: "0.8125rem" }}>{t.conversation.endAsk}</p>
        <Button loading={busy} onClick={() => void end()} mr={8} data-autofocus data-testid="end-chat">
          {t.conversation.endYes}
        </Button>
        <Button variant="default" onClick={() => setAsking(false)}>
          {t.conversation.endNo}
        </Button>
      </Popover.Dropdown>
    </Popover>
  );
}
