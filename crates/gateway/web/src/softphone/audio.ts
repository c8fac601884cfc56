// Microphone and speaker: asking for them, choosing them, watching how loud one is.
import { w } from "./words";

const MIC_KEY = "switchboard.microphone";
const SPEAKER_KEY = "switchboard.speaker";

export interface Devices {
  microphones: MediaDeviceInfo[];
  speakers: MediaDeviceInfo[];
}

/** Why there is no sound, for people. */
export class AudioProblem extends Error {}

export const chosen = {
  microphone: () => localStorage.getItem(MIC_KEY) ?? "",
  speaker: () => localStorage.getItem(SPEAKER_KEY) ?? "",
  keepMicrophone: (id: string) => localStorage.setItem(MIC_KEY, id),
  keepSpeaker: (id: string) => localStorage.setItem(SPEAKER_KEY, id),
};

/** The chosen microphone, or the system's when that one is unplugged. */
export async function openMicrophone(): Promise<MediaStream> {
  // Typed as always there; missing on pages without https.
  const media = navigator.mediaDevices as MediaDevices | undefined;
  if (!media) throw new AudioProblem(w.problems.insecure);
  const wished = chosen.microphone();
  const audio: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
  try {
    return await media.getUserMedia({ audio: wished ? { ...audio, deviceId: { ideal: wished } } : audio });
  } catch (error) {
    throw new AudioProblem(sayProblem(error));
  }
}

export function sayProblem(error: unknown): string {
  switch (error instanceof DOMException ? error.name : "") {
    case "NotAllowedError":
    case "SecurityError":
      return w.problems.denied;
    case "NotFoundError":
    case "OverconstrainedError":
      return w.problems.missing;
    case "NotReadableError":
    case "AbortError":
      return w.problems.busy;
    default:
      return w.problems.other(error instanceof Error ? error.message : String(error));
  }
}

export async function listDevices(): Promise<Devices> {
  const media = navigator.mediaDevices as MediaDevices | undefined;
  const all = (await media?.enumerateDevices().catch(() => [])) ?? [];
  const real = (kind: MediaDeviceKind) => all.filter((device) => device.kind === kind && device.deviceId !== "" && device.deviceId !== "default");
  return { microphones: real("audioinput"), speakers: real("audiooutput") };
}

/** Plays a stream on the chosen speaker. */
export class Speaker {
  private readonly element = new Audio();

  constructor() {
    this.element.autoplay = true;
  }

  /** False when the browser wants a click first. */
  async play(stream: MediaStream): Promise<boolean> {
    await this.choose();
    this.element.srcObject = stream;
    return this.element.play().then(
      () => true,
      (error: unknown) => !(error instanceof DOMException && error.name === "NotAllowedError"),
    );
  }

  async choose(): Promise<void> {
    if (!("setSinkId" in this.element)) return;
    // A speaker that is unplugged: the system's own is better than silence.
    await this.element.setSinkId(chosen.speaker()).catch(() => undefined);
  }

  stop(): void {
    this.element.pause();
    this.element.srcObject = null;
  }
}

/** Tells how loud a stream is, 0 to 1, about twenty times a second, until it is stopped. */
export function watchLevel(stream: MediaStream, tell: (level: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  const source = context.createMediaStreamSource(stream);
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const loud = Math.sqrt(samples.reduce((sum, each) => sum + each * each, 0) / samples.length);
    // From -60 dB to 0 dB.
    tell(Math.min(1, Math.max(0, 1 + Math.log10(Math.max(loud, 1e-6)) / 3)));
  }, 50);
  return () => {
    clearInterval(timer);
    source.disconnect();
    void context.close();
  };
}
