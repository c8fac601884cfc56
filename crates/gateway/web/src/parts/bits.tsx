// Small pieces that every page uses.
import { Button, Tooltip } from "@mantine/core";
import type { Icon } from "@tabler/icons-react";
import {
  IconBrandWhatsapp,
  IconDeviceMobileMessage,
  IconMail,
  IconMessage,
  IconPhone,
  IconPrinter,
  IconQuestionMark,
  IconVideo,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { sayError } from "../api/errors";
import { Channel } from "../gen/switchboard/interaction/v1/types_pb";
import { useNow } from "../lib/hooks";
import { age, ago, clock, exact } from "../lib/time";
import { t } from "../strings";

const icons: Record<Channel, Icon> = {
  [Channel.UNSPECIFIED]: IconQuestionMark,
  [Channel.VOICE]: IconPhone,
  [Channel.CHAT]: IconMessage,
  [Channel.EMAIL]: IconMail,
  [Channel.SMS]: IconDeviceMobileMessage,
  [Channel.SOCIAL]: IconBrandWhatsapp,
  [Channel.VIDEO]: IconVideo,
  [Channel.FAX]: IconPrinter,
};

export const channelName = (channel: Channel): string => t.channel[channel] ?? t.channel[0] ?? "";

export function ChannelIcon({ channel, size = 16, named = false }: { channel: Channel; size?: number; named?: boolean }) {
  const Shape = icons[channel] ?? IconQuestionMark;
  const name = channelName(channel);
  return named ? <Shape size={size} stroke={1.7} role="img" aria-label={name} /> : <Shape size={size} stroke={1.7} aria-hidden />;
}

export type Tone = "good" | "warn" | "bad" | "off" | "accent";

export function Pill({ tone = "off", dot = false, children }: { tone?: Tone; dot?: boolean; children: ReactNode }) {
  return (
    <span className="sb-pill" data-tone={tone}>
      {dot && <span className="sb-dot" data-tone={tone} aria-hidden />}
      {children}
    </span>
  );
}

/** `4m ago`, exact on hover. */
export function Ago({ at, short = false }: { at: number | undefined; short?: boolean }) {
  const now = useNow();
  if (at === undefined) return <span className="sb-quiet">{t.live.none}</span>;
  return (
    <time dateTime={new Date(at).toISOString()} title={exact(at)}>
      {short ? age(now - at) : ago(now - at)}
    </time>
  );
}

/** A clock that runs from a moment, or stands when it has an end. `skew` is the server's clock minus ours. */
export function Running({ from, until, skew = 0 }: { from: number | undefined; until?: number; skew?: number }) {
  const now = useNow();
  if (from === undefined) return <span className="sb-quiet">{t.live.none}</span>;
  return (
    <time className="sb-number" title={exact(from)}>
      {clock((until ?? now + skew) - from)}
    </time>
  );
}

export function Empty({ icon: Shape, title, children }: { icon?: Icon; title?: string; children: ReactNode }) {
  return (
    <div className="sb-empty">
      {Shape && <Shape size={30} stroke={1.4} aria-hidden />}
      {title && <strong>{title}</strong>}
      <span>{children}</span>
    </div>
  );
}

export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  return (
    <div className="sb-empty" role="alert">
      <strong>{t.errors.load}</strong>
      <span>{sayError(error)}</span>
      {retry && (
        <Button variant="default" mt={8} onClick={retry}>
          {t.errors.retry}
        </Button>
      )}
    </div>
  );
}

/** One or two letters in a colour that stays with the name. */
export function Face({ name, size = 28 }: { name: string; size?: number }) {
  const letters = name
    .split(/[\s.@+-]+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => word[0]?.toUpperCase())
    .join("");
  const initials = /\p{L}/u.test(letters) ? letters : "#";
  const hue = [...name].reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360, 7);
  return (
    <span
      aria-hidden
      className="sb-face"
      data-letters={initials}
      style={{
        width: size,
        height: size,
        flex: "none",
        borderRadius: "50%",
        display: "inline-grid",
        placeItems: "center",
        fontSize: size * 0.38,
        fontWeight: 600,
        background: `light-dark(hsl(${hue} 55% 89%), hsl(${hue} 30% 26%))`,
        color: `light-dark(hsl(${hue} 60% 25%), hsl(${hue} 65% 84%))`,
      }}
    />
  );
}

export function Hint({ text, children }: { text: string; children: React.ReactElement }) {
  return <Tooltip label={text}>{children}</Tooltip>;
}
