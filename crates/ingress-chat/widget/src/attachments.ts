// Files on their way to and from the centre.

import type { Attachment } from "./protocol";

export interface Upload {
  id: number;
  name: string;
  percent: number;
  attachment?: Attachment;
  cancel(): void;
}

export interface UploadTarget {
  server: string;
  interactionId: string;
  token: string;
}

let nextId = 1;

export function upload(target: UploadTarget, file: File, changed: (failed?: string) => void): Upload {
  const request = new XMLHttpRequest();
  const item: Upload = { id: nextId++, name: file.name, percent: 0, cancel: () => request.abort() };
  const query = new URLSearchParams({ interaction_id: target.interactionId, file_name: file.name });
  request.open("POST", `${target.server}/chat/v1/attachments?${query}`);
  request.setRequestHeader("authorization", `Bearer ${target.token}`);
  request.setRequestHeader("content-type", file.type || "application/octet-stream");
  request.upload.onprogress = (event) => {
    if (event.lengthComputable) item.percent = Math.floor((99 * event.loaded) / event.total);
    changed();
  };
  request.onload = () => {
    const answer = parse(request.responseText);
    if (request.status === 201 && "attachment_id" in answer) {
      item.attachment = answer as unknown as Attachment;
      item.percent = 100;
      changed();
    } else {
      changed(typeof answer["reason"] === "string" ? answer["reason"] : `error ${request.status}`);
    }
  };
  request.onerror = () => changed("no connection");
  request.send(file);
  return item;
}

// Fetches with the token in a header, never in an address that logs and histories keep.
export async function download(target: UploadTarget, attachment: Attachment): Promise<void> {
  const answer = await fetch(
    `${target.server}/chat/v1/attachments/${encodeURIComponent(attachment.attachment_id)}?` +
      new URLSearchParams({ interaction_id: target.interactionId }),
    { headers: { authorization: `Bearer ${target.token}` } },
  );
  if (!answer.ok) throw new Error(`error ${answer.status}`);
  const address = URL.createObjectURL(await answer.blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = attachment.file_name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
