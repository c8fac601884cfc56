// Live calls and recordings of the centre in the page.
import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { ParticipantRole, RecordingState } from "../../src/gen/switchboard/interaction/v1/types_pb";
import type { CallTarget, SupervisionMode } from "../../src/gen/switchboard/interaction/v1/types_pb";
import type { Call } from "../../src/gen/switchboard/voice/v1/service_pb";
import { CallSchema, TrunkRegistration } from "../../src/gen/switchboard/voice/v1/service_pb";
import { ago } from "./live";

interface About {
  interactionId: string;
}

/** Does at once what is asked for; whoever is rung answers. */
export class FakeCalls {
  private readonly live = new Map<string, Call>();

  private of(id: string): Call {
    const known = this.live.get(id);
    if (known) return known;
    const agentId = id === "i-8" ? "gus" : "ann";
    const made = create(CallSchema, { interactionId: id, agentId, recording: RecordingState.RECORDING });
    this.live.set(id, made);
    return made;
  }

  private change(id: string, change: Partial<Call>): { call: Call } {
    const call = create(CallSchema, { ...this.of(id), ...change });
    this.live.set(id, call);
    return { call };
  }

  private ask(id: string, role: ParticipantRole, who?: CallTarget) {
    const { participants } = create(CallSchema, { participants: [{ participant: { participantId: "1", role, who }, answered: true }] });
    return this.change(id, { participants });
  }

  wishes() {
    return {
      getCall: ({ interactionId: id }: About) => ({ call: this.of(id) }),
      hold: ({ interactionId: id }: About) => this.change(id, { held: true }),
      resume: ({ interactionId: id }: About) => this.change(id, { held: false }),
      mute: ({ interactionId: id, muted }: About & { muted: boolean }) => this.change(id, { muted }),
      transfer: ({ interactionId: id }: About) => this.change(id, {}),
      consult: ({ interactionId: id, target }: About & { target?: CallTarget }) => this.ask(id, ParticipantRole.CONSULTED, target),
      completeTransfer: ({ interactionId: id }: About) => this.change(id, { participants: [] }),
      cancelConsult: ({ interactionId: id }: About) => this.change(id, { participants: [] }),
      conference: ({ interactionId: id, target }: About & { target?: CallTarget }) =>
        this.ask(id, ParticipantRole.MEMBER, target ?? this.of(id).participants[0]?.participant?.who),
      dropParticipant: ({ interactionId: id }: About) => this.change(id, { participants: [] }),
      park: ({ interactionId: id }: About) => this.change(id, { parked: true }),
      retrieve: ({ interactionId: id }: About) => this.change(id, { parked: false }),
      listParkedCalls: () => ({
        calls: [...this.live.values()].filter((call) => call.parked).map(({ interactionId }) => ({ interactionId, label: "Eve Ewing", queue: "billing", agentId: "bob", parkedAt: ago(75) })),
      }),
      listTrunks: () => ({
        instance: "voice-0",
        trunks: ["voice-0", "voice-1"].map((instance, at) => ({ name: "carrier", address: "sip.carrier.example:5060", up: at === 0, calls: 3 - at, maxCalls: 100, registration: TrunkRegistration.SIGNED_IN, instance })),
      }),
      leaveMessage: ({ interactionId: id }: About) => this.change(id, {}),
      sendDigits: ({ interactionId: id }: About) => this.change(id, {}),
      supervise: ({ interactionId: id, mode }: About & { mode: SupervisionMode }) => {
        const { supervisors } = create(CallSchema, { supervisors: [{ supervisorId: "sue", mode, answered: true }] });
        return this.change(id, { supervisors });
      },
      stopSupervision: ({ interactionId: id }: About) => this.change(id, { supervisors: [] }),
      pauseRecording: ({ interactionId: id }: About) => this.change(id, { recording: RecordingState.PAUSED }),
      resumeRecording: ({ interactionId: id }: About) => this.change(id, { recording: RecordingState.RECORDING }),
    };
  }
}

export const recording = (interactionId: string) => ({
  recordingId: `r-${interactionId}`,
  interactionId,
  agentId: "cy",
  queue: "billing",
  startedAt: ago(86_400),
  length: durationFromMs(318_000),
  keptUntil: ago(-86_400 * 89),
});

/** Speech comes and goes. */
export function peaks(columns: number, phase: number): Uint8Array {
  return Uint8Array.from({ length: columns }, (_, column) => {
    const speaks = Math.sin(column / 17 + phase * 3) > 0;
    return speaks ? 60 + Math.round(150 * Math.abs(Math.sin(column * 1.7 + phase) * Math.sin(column / 5))) : 4;
  });
}

/** A WAV file of so many seconds of nothing, 8 kHz stereo. */
export function silence(seconds: number): Uint8Array {
  const bytes = seconds * 32_000;
  const view = new DataView(new ArrayBuffer(44 + bytes));
  const word = (at: number, text: string) => [...text].forEach((letter, place) => view.setUint8(at + place, letter.charCodeAt(0)));
  word(0, "RIFF");
  view.setUint32(4, 36 + bytes, true);
  word(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 2, true);
  view.setUint32(24, 8_000, true);
  view.setUint32(28, 32_000, true);
  view.setUint16(32, 4, true);
  view.setUint16(34, 16, true);
  word(36, "data");
  view.setUint32(40, bytes, true);
  return new Uint8Array(view.buffer);
}
