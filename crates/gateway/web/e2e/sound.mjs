// Ears and voices for browser scripts: a page says a steady tone into its microphone, and hears which tone arrives.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const RATE = 48_000;

/** A second of a tone as WAV: 16 bits, one channel; whole periods, so that it loops without a click. */
function toneFile(hertz) {
  const samples = Buffer.alloc(RATE * 2);
  for (let at = 0; at < RATE; at++) samples.writeInt16LE(Math.round(Math.sin((2 * Math.PI * hertz * at) / RATE) * 9_000), at * 2);
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + samples.length, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(RATE, 24);
  head.writeUInt32LE(RATE * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36);
  head.writeUInt32LE(samples.length, 40);
  const path = join(mkdtempSync(join(tmpdir(), "tone-")), `${hertz}.wav`);
  writeFileSync(path, Buffer.concat([head, samples]));
  return path;
}

/** A browser whose microphone says this tone for ever; `more` are further switches. */
export function launchWithTone(hertz, more = []) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      `--use-file-for-fake-audio-capture=${toneFile(hertz)}`,
      "--autoplay-policy=no-user-gesture-required",
      ...more,
    ],
  });
}

/** By which way the page's sound goes: "host", "srflx" or "prflx" directly, "relay udp" or "relay tcp" by a relay. */
export function way(page) {
  return page.evaluate(async () => {
    const peer = window.peers.findLast((each) => each.connectionState === "connected");
    const report = peer ? [...(await peer.getStats()).values()] : [];
    const pair = report.find((each) => each.type === "candidate-pair" && each.nominated && each.state === "succeeded");
    const own = report.find((each) => each.id === pair?.localCandidateId);
    return own ? [own.candidateType, ...(own.candidateType === "relay" ? [own.relayProtocol] : [])].join(" ") : "";
  });
}

/** Makes every page of the context listenable, and keeps noise suppression from eating the tone. */
export async function giveEars(context) {
  await context.addInitScript(() => {
    window.peers = [];
    const Peer = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Peer {
      constructor(...given) {
        super(...given);
        window.peers.push(this);
      }
    };
    const ask = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
    if (ask)
      navigator.mediaDevices.getUserMedia = () => ask({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
  });
}

/** How loud each tone is in what the page hears now, in dB. */
export function loudness(page, tones) {
  return page.evaluate(async (tones) => {
    const peer = window.peers.findLast((each) => each.connectionState === "connected");
    const track = peer?.getReceivers()[0]?.track;
    if (!track) return tones.map(() => -200);
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 8192;
    analyser.smoothingTimeConstant = 0;
    context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    await new Promise((resolve) => setTimeout(resolve, 400));
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    const width = context.sampleRate / analyser.fftSize;
    await context.close();
    const around = (hertz) => Math.max(...[-1, 0, 1].map((off) => bins[Math.round(hertz / width) + off]));
    return tones.map((hertz) => Math.max(-200, around(hertz)));
  }, tones);
}

/** Waits until the page hears this tone, and the other one far less. */
export async function expectTone(page, hertz, not, within = 15_000) {
  const end = Date.now() + within;
  for (;;) {
    const [wanted, other] = await loudness(page, [hertz, not]);
    if (wanted > -60 && wanted > other + 20) return;
    if (Date.now() > end) throw new Error(`${hertz} Hz is not heard: ${wanted} dB, beside ${not} Hz at ${other} dB`);
  }
}

/** Waits until the page hears every one of these tones, and none of the others. */
export async function expectTones(page, wanted, silent, within = 15_000) {
  const end = Date.now() + within;
  for (;;) {
    const heard = await loudness(page, [...wanted, ...silent]);
    const [loud, quiet] = [heard.slice(0, wanted.length), heard.slice(wanted.length)];
    if (loud.every((each) => each > -60) && quiet.every((each) => each < -75)) return;
    if (Date.now() > end) throw new Error(`heard ${wanted} Hz at ${loud.map(Math.round)} dB, and ${silent} Hz, which should be silent, at ${quiet.map(Math.round)} dB`);
  }
}
