// Files that go along with messages.
import type { Api } from "../api/clients";
import type { Attachment } from "../gen/switchboard/interaction/v1/types_pb";

export const MAX_FILE_BYTES = 10 * 1024 * 1024;
const FILE_DEADLINE_MS = 60_000;

export function fileSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

export async function uploadFile(api: Api, interactionId: string, file: File): Promise<{ id: string; name: string; size: number }> {
  const content = new Uint8Array(await file.arrayBuffer());
  const { attachment } = await api.chat.uploadAttachment(
    { interactionId, fileName: file.name, contentType: file.type, content },
    { timeoutMs: FILE_DEADLINE_MS },
  );
  return { id: attachment?.attachmentId ?? "", name: attachment?.fileName ?? file.name, size: Number(attachment?.sizeBytes ?? file.size) };
}

/** Hands the file to the browser as a download: what a customer sent is never run as a page of ours. */
export async function fetchFile(api: Api, interactionId: string, attachment: Attachment): Promise<void> {
  const { content } = await api.chat.getAttachment(
    { interactionId, attachmentId: attachment.attachmentId },
    { timeoutMs: FILE_DEADLINE_MS },
  );
  const url = URL.createObjectURL(new Blob([content as Uint8Array<ArrayBuffer>], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = attachment.fileName || "file";
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
