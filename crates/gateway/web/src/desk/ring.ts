// Makes an offer heard and seen: a tone, the title of the tab, a notification.
import { t } from "../strings";

const LOUD_KEY = "switchboard.ring";
const RING_EVERY_MS = 2_400;
const FLASH_EVERY_MS = 900;

export interface Ringing {
  id: string;
  who: string;
  text: string;
}

class Bell {
  private audio: AudioContext | undefined;
  private tone: ReturnType<typeof setInterval> | undefined;
  private flash: ReturnType<typeof setInterval> | undefined;
  private readonly shown = new Map<string, Notification | undefined>();

  loud(): boolean {
    return localStorage.getItem(LOUD_KEY) !== "off";
  }

  setLoud(loud: boolean): void {
    localStorage.setItem(LOUD_KEY, loud ? "on" : "off");
    if (!loud) this.hush();
  }

  /** Rings for exactly these offers; none: silence. */
  ring(offers: Ringing[], open: (id: string) => void): void {
    for (const [id, notification] of this.shown)
      if (!offers.some((offer) => offer.id === id)) {
        notification?.close();
        this.shown.delete(id);
      }
    for (const offer of offers) if (!this.shown.has(offer.id)) this.shown.set(offer.id, notify(offer, () => open(offer.id)));

    const first = offers[0];
    if (!first) return this.hush();
    if (this.loud() && this.tone === undefined) {
      this.play();
      this.tone = setInterval(() => this.play(), RING_EVERY_MS);
    }
    clearInterval(this.flash);
    let lit = true;
    document.title = t.offer.title(first.who);
    this.flash = setInterval(() => {
      lit = !lit;
      document.title = lit ? t.offer.title(first.who) : t.product;
    }, FLASH_EVERY_MS);
  }

  private hush(): void {
    clearInterval(this.tone);
    clearInterval(this.flash);
    this.tone = undefined;
    this.flash = undefined;
    document.title = t.product;
  }

  /** Two soft notes, a fourth apart. */
  private play(): void {
    try {
      this.audio ??= new AudioContext();
      const audio = this.audio;
      void audio.resume();
      [659.25, 880].forEach((frequency, index) => {
        const start = audio.currentTime + index * 0.22;
        const tone = audio.createOscillator();
        const volume = audio.createGain();
        tone.type = "sine";
        tone.frequency.value = frequency;
        volume.gain.setValueAtTime(0, start);
        volume.gain.linearRampToValueAtTime(0.14, start + 0.02);
        volume.gain.exponentialRampToValueAtTime(0.001, start + 0.5);
        tone.connect(volume).connect(audio.destination);
        tone.start(start);
        tone.stop(start + 0.55);
      });
    } catch {
      // No sound device: title and notification remain.
    }
  }
}

function notify(offer: Ringing, open: () => void): Notification | undefined {
  if (!("Notification" in window) || Notification.permission !== "granted" || document.hasFocus()) return undefined;
  const notification = new Notification(offer.who, { body: offer.text, tag: offer.id, requireInteraction: true, icon: "/icon.svg" });
  notification.onclick = () => {
    window.focus();
    open();
  };
  return notification;
}

export const ringing = new Bell();
