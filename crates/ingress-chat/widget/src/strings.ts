// Every text of the widget's own. A page may replace any of them with `window.switchboardChatTexts`.

const texts = {
  title: "Chat with us",
  open: "Open chat",
  close: "Close chat",
  unread: (count: number) => `${count} unread ${count === 1 ? "message" : "messages"}`,
  log: "Messages",
  write: "Write a message",
  send: "Send",
  attach: "Attach a file",
  remove: (name: string) => `Remove ${name}`,
  uploading: (name: string, percent: number) => `Uploading ${name}, ${percent} %`,
  tooLarge: (name: string, mib: number) => `${name} is larger than ${mib} MiB`,
  tooMany: (count: number) => `At most ${count} files go with one message`,
  uploadFailed: (name: string) => `${name} could not be uploaded. It was not sent`,
  tooLong: (bytes: number) => `That is too long: at most ${bytes} bytes fit in one message`,
  connecting: "Connecting…",
  lost: (seconds: number) =>
    seconds > 1 ? `Connection lost. Trying again in ${seconds} s` : "Connection lost. Trying again",
  kept: "What you write is kept.",
  tryNow: "Try now",
  position: (position: number, waiting: number) =>
    position === 1 ? "You are next" : `You are number ${position} of ${waiting}`,
  queued: "Waiting for somebody to join",
  wait: (minutes: number) => (minutes <= 1 ? "about a minute" : `about ${minutes} minutes`),
  withAgent: (name: string) => `You are chatting with ${name}`,
  typing: (name: string) => `${name || "Somebody"} is typing`,
  ended: "This chat has ended.",
  again: "Start a new chat",
  end: "End chat",
  endSure: "End this chat?",
  endYes: "End it",
  endNo: "Keep chatting",
  you: "You",
  sending: "Sending",
  sent: "Sent",
  delivered: "Delivered",
  seen: "Seen",
  failed: "Not sent",
  retry: "Try again",
  download: (name: string, size: string) => `Download ${name}, ${size}`,
  formName: "Your name",
  formEmail: "Your e-mail address",
  formText: "Your message",
  formSend: "Leave the message",
  formEmailWrong: "Enter an address like name@example.com, so that we can answer",
  formTextMissing: "Write what it is about",
  newMessages: "New messages below",
};

export type Texts = typeof texts;

export function load(): Texts {
  const own = (window as unknown as { switchboardChatTexts?: Partial<Texts> }).switchboardChatTexts;
  return { ...texts, ...own };
}
