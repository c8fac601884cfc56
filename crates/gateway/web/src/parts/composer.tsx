// Where the agent writes. Enter sends; what is typed is kept per interaction until it is sent.
import { ActionIcon, Button, Loader, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconFile, IconPaperclip, IconX } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { sayError } from "../api/errors";
import { useApi, useDesk } from "../context";
import type { Draft } from "../desk/kept";
import { emptyDraft } from "../desk/kept";
import type { Item } from "../desk/model";
import { MAX_FILE_BYTES, uploadFile } from "../lib/files";
import { newId } from "../lib/id";
import { t } from "../strings";
import { Hint } from "./bits";
import styles from "./conversation.module.css";

const MAX_BYTES = 16 * 1024;
const encoder = new TextEncoder();

export function Composer({ item, who, closed }: { item: Item; who: string; closed: boolean }) {
  const api = useApi();
  const desk = useDesk();
  const [draft, setDraft] = useState<Draft>(() => desk.kept.draft(item.id));
  const [uploading, setUploading] = useState<string[]>([]);
  const picker = useRef<HTMLInputElement>(null);
  const excess = encoder.encode(draft.text).length - MAX_BYTES;
  const ready = !closed && excess <= 0 && uploading.length === 0 && (draft.text.trim() !== "" || draft.files.length > 0);

  const change = (make: (before: Draft) => Draft) =>
    setDraft((before) => {
      const next = make(before);
      desk.kept.keepDraft(item.id, next);
      return next;
    });

  // A refused message that is taken back lands in the draft.
  useEffect(() => {
    const onTaken = (event: Event) => {
      const text = (event as CustomEvent<string>).detail;
      setDraft((before) => {
        const next = { ...before, text: before.text === "" ? text : `${text}\n${before.text}` };
        desk.kept.keepDraft(item.id, next);
        return next;
      });
      document.getElementById("composer")?.focus();
    };
    window.addEventListener("switchboard:draft", onTaken);
    return () => window.removeEventListener("switchboard:draft", onTaken);
  }, [desk, item.id]);

  const send = () => {
    if (!ready) return;
    desk.say(item.id, { clientId: newId(), text: draft.text.trim(), files: draft.files, at: Date.now() });
    change(() => emptyDraft);
  };

  const attach = async (files: File[]) => {
    for (const file of files) {
      if (file.size > MAX_FILE_BYTES) {
        notifications.show({ color: "red", message: t.composer.tooBig(file.name) });
        continue;
      }
      setUploading((names) => [...names, file.name]);
      try {
        const stored = await uploadFile(api, item.id, file);
        change((before) => ({ ...before, files: [...before.files, stored] }));
      } catch (error) {
        notifications.show({ color: "red", message: t.composer.uploadFailed(file.name, sayError(error)) });
      } finally {
        setUploading((names) => names.filter((name) => name !== file.name));
      }
    }
  };

  return (
    <div
      className={styles.composer}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        void attach([...event.dataTransfer.files]);
      }}
    >
      {(draft.files.length > 0 || uploading.length > 0) && (
        <div className={styles.files}>
          {draft.files.map((file) => (
            <span key={file.id} className={styles.file}>
              <IconFile size={14} aria-hidden />
              <span>{file.name}</span>
              <ActionIcon
                size="xs"
                aria-label={t.composer.remove(file.name)}
                onClick={() => change((before) => ({ ...before, files: before.files.filter((each) => each.id !== file.id) }))}
              >
                <IconX size={13} aria-hidden />
              </ActionIcon>
            </span>
          ))}
          {uploading.map((name) => (
            <span key={name} className={styles.file} role="status">
              <Loader size={12} />
              <span>{t.composer.uploading(name)}</span>
            </span>
          ))}
        </div>
      )}
      <Textarea
        id="composer"
        variant="unstyled"
        autosize
        minRows={1}
        maxRows={8}
        aria-label={t.composer.label(who)}
        placeholder={closed ? t.composer.closed : t.composer.placeholder}
        value={draft.text}
        onChange={(event) => {
          const text = event.currentTarget.value;
          change((before) => ({ ...before, text }));
          if (!closed) desk.typing(item.id, text !== "");
        }}
        onBlur={() => desk.typing(item.id, false)}
        onPaste={(event) => {
          const files = [...event.clipboardData.files];
          if (files.length === 0) return;
          event.preventDefault();
          void attach(files);
        }}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.altKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      <div className={styles.tools}>
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          aria-label={t.composer.attach}
          data-testid="file"
          onChange={(event) => {
            void attach([...(event.currentTarget.files ?? [])]);
            event.currentTarget.value = "";
          }}
        />
        <Hint text={t.composer.attach}>
          <ActionIcon size="md" aria-label={t.composer.attach} disabled={closed} onClick={() => picker.current?.click()}>
            <IconPaperclip size={18} stroke={1.7} aria-hidden />
          </ActionIcon>
        </Hint>
        <span className="sb-quiet" style={{ fontSize: "0.75rem", flex: 1 }} role={excess > 0 ? "alert" : undefined}>
          {excess > 0 ? t.composer.tooLong(excess) : t.composer.hint}
        </span>
        <Button disabled={!ready} onClick={send}>
          {t.composer.send}
        </Button>
      </div>
    </div>
  );
}
