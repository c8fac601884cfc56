// A list of messages, live or from history.
import { Button, Skeleton, VisuallyHidden } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconCheck, IconChecks, IconClock, IconFile, IconAlertCircle } from "@tabler/icons-react";
import { timestampMs } from "@bufbuild/protobuf/wkt";
import { Fragment } from "react";
import { sayError } from "../api/errors";
import { useApi } from "../context";
import type { Pending } from "../desk/kept";
import { fetchFile, fileSize } from "../lib/files";
import type { Attachment, Message } from "../gen/switchboard/interaction/v1/types_pb";
import { Party } from "../gen/switchboard/interaction/v1/types_pb";
import { day, exact, timeOfDay } from "../lib/time";
import { t } from "../strings";
import styles from "./conversation.module.css";

/** Up to where the customer has what the agent said. */
export interface Marks {
  delivered: number;
  seen: number;
}

export function MessageList(props: {
  interactionId: string;
  messages: Message[];
  customerName: string;
  marks?: Marks;
  pending?: Pending[];
  onAgain?: (clientId: string) => void;
  onTakeBack?: (clientId: string) => void;
  loading?: boolean;
}) {
  const { messages, marks, pending = [] } = props;
  if (props.loading)
    return (
      <div className={styles.log} role="status" aria-label={t.conversation.loading}>
        <Skeleton height={34} width="52%" radius="lg" mb={8} />
        <Skeleton height={34} width="38%" radius="lg" style={{ alignSelf: "flex-end" }} />
      </div>
    );
  const lastMine = messages.findLast((message) => message.author === Party.AGENT)?.sequence;
  return (
    <div className={styles.log}>
      {messages.map((message, index) => {
        const before = messages[index - 1];
        const newDay = dayOf(message) !== dayOf(before);
        const first = newDay || before?.author !== message.author || before?.authorId !== message.authorId;
        return (
          <Fragment key={String(message.sequence)}>
            {newDay && message.sentAt && <div className={styles.dayLine}>{dayOf(message)}</div>}
            <Row message={message} first={first} customerName={props.customerName} interactionId={props.interactionId}>
              {marks && message.sequence === lastMine && pending.length === 0 && <Mark sequence={Number(message.sequence)} marks={marks} />}
            </Row>
          </Fragment>
        );
      })}
      {pending.map((each) => (
        <div key={each.clientId} className={styles.bubbleRow} data-mine="true" data-first="true" data-testid="pending">
          {each.text !== "" && <div className={styles.bubble}>{each.text}</div>}
          {each.files.map((file) => (
            <span key={file.id} className={styles.file}>
              <IconFile size={14} aria-hidden />
              <span>{file.name}</span>
            </span>
          ))}
          {each.refused === undefined ? (
            <span className={styles.mark}>
              <IconClock size={13} aria-hidden /> {t.conversation.sending}
            </span>
          ) : (
            <span className={`${styles.mark} sb-error`} role="alert">
              <IconAlertCircle size={13} aria-hidden /> {t.conversation.refused}: {each.refused}
              <Button variant="subtle" size="compact-xs" onClick={() => props.onAgain?.(each.clientId)}>
                {t.conversation.again}
              </Button>
              <Button variant="subtle" size="compact-xs" onClick={() => props.onTakeBack?.(each.clientId)}>
                {t.conversation.takeBack}
              </Button>
            </span>
          )}
        </div>
      ))}
    </div>
  );
}

const dayOf = (message: Message | undefined): string => {
  if (!message?.sentAt) return "";
  const name = day(timestampMs(message.sentAt));
  return name === day(Date.now()) ? t.conversation.today : name;
};

function Row(props: { message: Message; first: boolean; customerName: string; interactionId: string; children: React.ReactNode }) {
  const { message, first } = props;
  if (message.author === Party.SYSTEM) return <p className={styles.system}>{message.text}</p>;
  const mine = message.author === Party.AGENT;
  const flow = message.author === Party.FLOW;
  const at = message.sentAt ? timestampMs(message.sentAt) : undefined;
  const author = message.authorName || (mine ? t.party.you : flow ? t.party.flow : props.customerName);
  return (
    <div className={styles.bubbleRow} data-mine={mine} data-flow={flow} data-first={first} data-testid="message" data-sequence={String(message.sequence)}>
      {first && (
        <span className={styles.author}>
          {author}
          {at !== undefined && (
            <>
              {" "}
              <time title={exact(at)} dateTime={new Date(at).toISOString()}>
                {timeOfDay(at)}
              </time>
            </>
          )}
        </span>
      )}
      {message.text !== "" && (
        <div className={styles.bubble} title={at === undefined ? undefined : exact(at)}>
          {message.text}
          {message.options.length > 0 && (
            <div className={styles.options}>
              {message.options.map((option) => (
                <span key={option.value} className={styles.option}>
                  {option.label}
                </span>
              ))}
            </div>
          )}
        </div>
      )}
      {message.attachments.map((attachment) => (
        <File key={attachment.attachmentId} attachment={attachment} interactionId={props.interactionId} />
      ))}
      {props.children}
    </div>
  );
}

function File({ attachment, interactionId }: { attachment: Attachment; interactionId: string }) {
  const api = useApi();
  const open = async () => {
    try {
      await fetchFile(api, interactionId, attachment);
    } catch (error) {
      notifications.show({ color: "red", title: t.attachment.failed, message: sayError(error) });
    }
  };
  const size = fileSize(Number(attachment.sizeBytes));
  return (
    <button type="button" className={styles.file} style={{ marginTop: 4 }} onClick={() => void open()}>
      <VisuallyHidden>{t.attachment.download}</VisuallyHidden>
      <IconFile size={15} stroke={1.7} aria-hidden />
      <span>{attachment.fileName}</span>
      <span className="sb-quiet">{size}</span>
    </button>
  );
}

function Mark({ sequence, marks }: { sequence: number; marks: Marks }) {
  const seen = marks.seen >= sequence;
  const delivered = seen || marks.delivered >= sequence;
  const text = seen ? t.conversation.seen : delivered ? t.conversation.delivered : t.conversation.sent;
  return (
    <span className={styles.mark} data-seen={seen} data-testid="mark">
      {delivered ? <IconChecks size={14} aria-hidden /> : <IconCheck size={14} aria-hidden />} {text}
    </span>
  );
}
