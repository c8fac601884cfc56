// A call from any web page, by one script:
//
//   <script src="https://centre.example/call/v1/button.js" data-number="+15550100" data-title="Harbour Supply" async></script>
//
// then switchboardCall.open() from any button, or data-button="Call us" for one of its own in the corner.
// The line is a WebSocket: closing it, or the page, hangs up.
(() => {
  "use strict";
  const script = document.currentScript;
  if (!script || window.switchboardCall) return;
  const { number = "", title = "", color = "#2f6b4f", button = "" } = script.dataset;
  const server = new URL("connect", script.src);
  server.protocol = server.protocol === "https:" ? "wss:" : "ws:";
  const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
  /** How long the audio may take to come. */
  const CONNECT_MS = 12_000;

  const words = {
    call: title ? `Call ${title}` : "Call us",
    why: "You speak through this page. Your browser asks whether it may use your microphone; it is used during the call only.",
    name: "Your name (optional)",
    start: "Start the call",
    cancel: "Not now",
    close: "Close",
    asking: "Allow the microphone in your browser",
    connecting: "Connecting",
    talking: "Connected",
    ended: "The call has ended.",
    lost: "The connection was lost. The call has ended.",
    again: "Call again",
    hangUp: "Hang up",
    mute: "Mute",
    unmute: "Unmute",
    keypad: "Keypad",
    key: (digit) => `Press ${digit}`,
    insecure: "Calls work on pages with https only.",
    denied: "The browser may not use your microphone. Allow it in the address bar, then try again.",
    missing: "No microphone was found. Plug one in, then try again.",
    busyMic: "Your microphone is used by another program. Close it there, then try again.",
    noAudio: "No sound could be connected: your network may block calls. Try another network, or telephone us.",
    refused: {
      unknown_number: "This number is not in service.",
      too_many: "Too many calls from your connection. Wait a minute, then try again.",
      busy: "All lines are busy. Try again in a moment.",
      off: "Calls from web pages are not taken here.",
    },
    failed: "The call could not be made. Try again in a moment.",
  };

  const style = `
    :host { all: initial; }
    * { box-sizing: border-box; font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
    .corner { position: fixed; left: 20px; bottom: 20px; z-index: 2147483000; border-radius: 26px; padding: 13px 20px; }
    button { border: 1px solid #8886; border-radius: 9px; padding: 9px 14px; background: Canvas; color: CanvasText; cursor: pointer; }
    button.main { background: var(--color); border-color: var(--color); color: #fff; font-weight: 600; }
    button.end { background: #b3261e; border-color: #b3261e; color: #fff; font-weight: 600; }
    :focus-visible { outline: 3px solid var(--color); outline-offset: 2px; }
    dialog { border: 1px solid #8886; border-radius: 14px; padding: 20px; width: min(340px, 92vw); background: Canvas; color: CanvasText; color-scheme: light dark; }
    dialog::backdrop { background: #0006; }
    h2 { margin: 0 0 8px; font-size: 18px; font-weight: 650; }
    p { margin: 0 0 14px; } label { display: block; margin: 0 0 14px; }
    input { display: block; width: 100%; margin-top: 4px; padding: 8px 10px; border: 1px solid #8888; border-radius: 8px; background: Field; color: FieldText; }
    .row { display: flex; gap: 8px; flex-wrap: wrap; }
    .keys { display: grid; grid-template-columns: repeat(3, 1fr); gap: 6px; margin: 0 0 14px; }
    [hidden] { display: none !important; }`;

  const host = document.createElement("switchboard-call");
  const root = host.attachShadow({ mode: "open" });
  host.style.setProperty("--color", color);

  const make = (tag, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  };
  const act = (text, run, className = "") => {
    const element = make("button", { type: "button", textContent: text, className });
    element.addEventListener("click", run);
    return element;
  };

  const heading = make("h2", { id: "title", textContent: words.call });
  const status = make("p");
  status.setAttribute("role", "status");
  const name = make("input", { type: "text", maxLength: 100, autocomplete: "name" });
  const nameField = make("label", { textContent: words.name });
  nameField.append(name);
  const keys = make("div", { className: "keys" });
  keys.setAttribute("role", "group");
  keys.setAttribute("aria-label", words.keypad);
  for (const digit of KEYS) {
    const key = act(digit, () => line?.press(digit));
    key.setAttribute("aria-label", words.key(digit));
    keys.append(key);
  }
  const start = act(words.start, () => void call(), "main");
  const cancel = act(words.cancel, () => close());
  const mute = act(words.mute, () => line?.mute());
  const pad = act(words.keypad, () => {
    keys.hidden = !keys.hidden;
    pad.setAttribute("aria-expanded", String(!keys.hidden));
  });
  const end = act(words.hangUp, () => line?.end(words.ended), "end");
  const dialog = make("dialog", {}, heading, status, nameField, keys, make("div", { className: "row" }, start, cancel, mute, pad, end));
  dialog.setAttribute("aria-labelledby", "title");
  dialog.addEventListener("keydown", (event) => {
    if (line && event.target !== name && KEYS.includes(event.key)) line.press(event.key);
  });
  dialog.addEventListener("cancel", (event) => {
    // Esc must not hang up by accident.
    if (line) event.preventDefault();
  });
  root.append(make("style", { textContent: style }), dialog);
  if (button) root.append(act(button, () => open(), "corner main"));

  let line;
  let clock;

  /** What is shown: `ask` before a call, `wait` while it is made, `talk` in it, `done` after it. */
  const show = (stage, text) => {
    status.textContent = text;
    dialog.dataset.stage = stage;
    nameField.hidden = stage !== "ask";
    keys.hidden = true;
    pad.setAttribute("aria-expanded", "false");
    start.hidden = stage === "wait" || stage === "talk";
    cancel.hidden = stage === "wait" || stage === "talk";
    end.hidden = !cancel.hidden;
    mute.hidden = pad.hidden = stage !== "talk";
    start.textContent = stage === "done" ? words.again : words.start;
    cancel.textContent = stage === "done" ? words.close : words.cancel;
    clearInterval(clock);
    (stage === "ask" ? name : stage === "done" ? start : end).focus();
  };

  const open = () => {
    if (!dialog.open) dialog.showModal();
    if (!line) show("ask", words.why);
  };
  const close = () => dialog.close();

  const sayMicrophone = (error) => {
    if (error?.name === "NotAllowedError" || error?.name === "SecurityError") return words.denied;
    if (error?.name === "NotFoundError" || error?.name === "OverconstrainedError") return words.missing;
    if (error?.name === "NotReadableError" || error?.name === "AbortError") return words.busyMic;
    return words.failed;
  };

  const call = async () => {
    if (!navigator.mediaDevices) return show("done", words.insecure);
    const mine = (line = new Line());
    show("wait", words.asking);
    try {
      await mine.begin();
    } catch (error) {
      mine.end(typeof error === "string" ? error : sayMicrophone(error));
    }
  };

  class Line {
    over = false;
    async begin() {
      this.microphone = await navigator.mediaDevices.getUserMedia({
        audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
      });
      if (this.over) return this.release();
      show("wait", words.connecting);
      this.socket = new WebSocket(server);
      this.patience = setTimeout(() => this.end(words.noAudio), CONNECT_MS);
      this.socket.onmessage = ({ data }) => void this.hear(JSON.parse(data)).catch(() => this.end(words.failed));
      this.socket.onclose = () => this.end(this.talking ? words.lost : words.failed);
    }
    async hear(said) {
      switch (said.type) {
        case "hello":
          await this.offer(said.ice_servers);
          break;
        case "answer":
          await this.peer.setRemoteDescription({ type: "answer", sdp: said.answer });
          break;
        case "refused":
          this.end(words.refused[said.code] ?? words.failed);
          break;
        case "ended":
          this.end(words.ended);
          break;
      }
    }
    async offer(iceServers) {
      this.peer = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
      this.speaker = new Audio();
      this.peer.ontrack = ({ streams, track }) => {
        this.speaker.srcObject = streams[0] ?? new MediaStream([track]);
        void this.speaker.play().catch(() => undefined);
      };
      this.peer.onconnectionstatechange = () => {
        if (this.over) return;
        if (this.peer.connectionState === "connected") this.talk();
        if (this.peer.connectionState === "failed") this.end(this.talking ? words.lost : words.noAudio);
      };
      for (const track of this.microphone.getAudioTracks()) this.peer.addTrack(track, this.microphone);
      await this.peer.setLocalDescription(await this.peer.createOffer());
      this.socket.send(JSON.stringify({ type: "call", to: number, name: name.value, offer: this.peer.localDescription.sdp }));
    }
    talk() {
      clearTimeout(this.patience);
      if (this.talking) return;
      this.talking = true;
      const began = Date.now();
      show("talk", words.talking);
      clock = setInterval(() => {
        const seconds = Math.floor((Date.now() - began) / 1000);
        const shown = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
        // Read out once, not every second.
        heading.textContent = `${words.call} ${shown}`;
      }, 1000);
    }
    press(digit) {
      const tones = this.peer?.getSenders().find((sender) => sender.dtmf)?.dtmf;
      if (tones?.canInsertDTMF) tones.insertDTMF(tones.toneBuffer + digit, 120, 80);
    }
    mute() {
      const [track] = this.microphone.getAudioTracks();
      track.enabled = !track.enabled;
      mute.textContent = track.enabled ? words.mute : words.unmute;
      mute.setAttribute("aria-pressed", String(!track.enabled));
    }
    release() {
      this.microphone?.getTracks().forEach((track) => track.stop());
    }
    end(text) {
      if (this.over) return;
      this.over = true;
      clearTimeout(this.patience);
      if (this.socket?.readyState === WebSocket.OPEN) this.socket.send('{"type":"hang_up"}');
      this.socket?.close();
      this.speaker?.pause();
      this.peer?.close();
      this.release();
      mute.textContent = words.mute;
      heading.textContent = words.call;
      if (line === this) {
        line = undefined;
        show("done", text);
      }
    }
  }

  window.addEventListener("pagehide", () => line?.end(words.ended));
  const attach = () => document.body.append(host);
  if (document.body) attach();
  else document.addEventListener("DOMContentLoaded", attach, { once: true });
  window.switchboardCall = { open, hangUp: () => line?.end(words.ended) };
})();
