// One WebRTC connection to the centre: our offer goes in, its answer comes back, audio flows.
import { Speaker } from "./audio";
import type { NoPath } from "./path";
import { isRelay, noPath } from "./path";
import type { Measured, Sample } from "./quality";
import { measure, sampleOf } from "./quality";

/** The centre may take this long to be reached, and to come back after a break. */
const CONNECT_MS = 8_000;
/** A relay that has not answered by then is silent. */
const RELAY_MS = 2_500;
const MEASURE_EVERY_MS = 2_000;
const KEY_MS = 120;
const PAUSE_MS = 80;

export interface LineEvents {
  /** Audio flows. */
  connected: () => void;
  /** It does not any more; or never did, and why. */
  broken: (why?: NoPath) => void;
  /** The centre said good-bye: the call is over, or goes on on another device. */
  released: () => void;
  measured: (measured: Measured) => void;
  /** The browser wants a click before it plays. */
  blocked: () => void;
}

export class Line {
  private readonly peer: RTCPeerConnection;
  private readonly speaker = new Speaker();
  private readonly events: LineEvents;
  private readonly measuring: ReturnType<typeof setInterval>;
  private patience: ReturnType<typeof setTimeout> | undefined;
  private last: Sample | undefined;
  private closed = false;
  private sounded = false;
  private readonly iceServers: RTCIceServer[];
  private readonly search = { relays: 0, relayed: 0, errors: [] as number[] };

  private constructor(microphone: MediaStream, iceServers: RTCIceServer[], events: LineEvents) {
    this.events = events;
    this.iceServers = iceServers;
    this.search.relays = iceServers.flatMap(({ urls }) => urls).filter(isRelay).length;
    this.peer = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    for (const track of microphone.getAudioTracks()) this.peer.addTrack(track, microphone);
    this.peer.ontrack = ({ track, streams }) => void this.hear(streams[0] ?? new MediaStream([track]));
    this.peer.onconnectionstatechange = () => this.changed();
    this.peer.onicecandidate = ({ candidate }) => void (candidate?.type === "relay" && this.search.relayed++);
    this.peer.onicecandidateerror = ({ errorCode }) => this.search.errors.push(errorCode);
    this.measuring = setInterval(() => void this.measure(), MEASURE_EVERY_MS);
  }

  /** `exchange` hands our description to the centre and returns its own. */
  static async open(
    microphone: MediaStream,
    iceServers: RTCIceServer[],
    exchange: (description: string) => Promise<string>,
    events: LineEvents,
  ): Promise<Line> {
    const line = new Line(microphone, iceServers, events);
    try {
      await line.peer.setLocalDescription(await line.peer.createOffer());
      const sdp = await exchange(line.peer.localDescription?.sdp ?? "");
      if (line.closed) return line;
      line.patience = setTimeout(() => void line.giveUp(), CONNECT_MS);
      await line.peer.setRemoteDescription({ type: "answer", sdp });
      line.watchGoodBye();
      return line;
    } catch (error) {
      line.close();
      throw error;
    }
  }

  /** Presses keys as telephone events (RFC 4733). False when the line takes none. */
  press(digits: string): boolean {
    const keys = this.peer.getSenders().find((sender) => sender.dtmf)?.dtmf;
    if (!keys?.canInsertDTMF) return false;
    keys.insertDTMF(keys.toneBuffer + digits, KEY_MS, PAUSE_MS);
    return true;
  }

  /** Goes on with another microphone. */
  async replace(microphone: MediaStream): Promise<void> {
    const track = microphone.getAudioTracks()[0] ?? null;
    await Promise.all(this.peer.getSenders().map((sender) => sender.replaceTrack(track)));
  }

  async chooseSpeaker(): Promise<void> {
    await this.speaker.choose();
  }

  close(): void {
    this.closed = true;
    clearInterval(this.measuring);
    clearTimeout(this.patience);
    this.speaker.stop();
    this.peer.close();
  }

  private async hear(stream: MediaStream): Promise<void> {
    if (!(await this.speaker.play(stream)) && !this.closed) this.events.blocked();
  }

  private changed(): void {
    if (this.closed) return;
    switch (this.peer.connectionState) {
      case "connected":
        clearTimeout(this.patience);
        this.patience = undefined;
        this.sounded = true;
        this.events.connected();
        break;
      case "disconnected":
        // It may come back by itself: a cable, a wireless cell.
        this.patience ??= setTimeout(() => this.fail(), CONNECT_MS / 4);
        break;
      case "failed":
        this.fail();
        break;
      default:
    }
  }

  /** Asks the relays once more, each by itself: a browser says what one answered only when it has heard of all, and a silent one takes long. */
  private async giveUp(): Promise<void> {
    if (this.search.relayed === 0) this.search.errors.push(...(await askRelays(this.iceServers)));
    if (!this.sounded) this.fail();
  }

  private fail(): void {
    if (this.closed) return;
    this.close();
    this.events.broken(this.sounded ? undefined : noPath(this.search));
  }

  private watchGoodBye(): void {
    const transport = this.peer.getSenders()[0]?.transport;
    if (!transport) return;
    transport.onstatechange = () => {
      if (this.closed || transport.state !== "closed") return;
      this.close();
      this.events.released();
    };
  }

  private async measure(): Promise<void> {
    if (this.peer.connectionState !== "connected") return;
    const report = await this.peer.getStats();
    if (this.closed) return;
    const sample = sampleOf(report.entries());
    this.events.measured(measure(this.last, sample));
    this.last = sample;
  }
}

/** What each relay answers to our credentials, as STUN error codes; none of one that lets us in or is silent. */
async function askRelays(iceServers: RTCIceServer[]): Promise<number[]> {
  const each = iceServers.flatMap(({ urls, ...proof }) => [urls].flat().filter(isRelay).map((url) => ({ urls: [url], ...proof })));
  const answers = await Promise.all(
    each.map(async (server) => {
      const peer = new RTCPeerConnection({ iceServers: [server], iceTransportPolicy: "relay" });
      const answer = new Promise<number | undefined>((resolve) => {
        peer.onicecandidateerror = ({ errorCode }) => resolve(errorCode);
        peer.onicecandidate = () => resolve(undefined);
        setTimeout(() => resolve(undefined), RELAY_MS);
      });
      peer.createDataChannel("relay");
      await peer.setLocalDescription();
      const code = await answer;
      peer.close();
      return code;
    }),
  );
  return answers.filter((code) => code !== undefined);
}
