import { durationMs } from "@bufbuild/protobuf/wkt";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Api } from "../api/clients";
import { AHEAD_MS, PART_MS, placeOf, Player } from "./player";
import { outline } from "./wave";

/** An audio element without sound. */
class Sound {
  src = "";
  preload = "";
  currentTime = 0;
  playing = false;
  ontimeupdate: (() => void) | null = null;
  onended: (() => void) | null = null;
  play() {
    this.playing = true;
    return Promise.resolve();
  }
  pause() {
    this.playing = false;
  }
  removeAttribute() {
    this.src = "";
  }
  /** As far as this many milliseconds. */
  reach(within: number) {
    this.currentTime = within / 1_000;
    this.ontimeupdate?.();
  }
}

function playerOf(length: number, fail = () => false) {
  const asked: number[] = [];
  const sounds: Sound[] = [];
  const recordings = {
    async *streamRecording(wanted: { offset: Parameters<typeof durationMs>[0] }) {
      asked.push(durationMs(wanted.offset) / PART_MS);
      await Promise.resolve();
      if (fail()) throw new Error("away");
      yield { data: new Uint8Array([1, 2]) };
    },
  };
  const make = () => {
    const sound = new Sound();
    sounds.push(sound);
    return sound as unknown as HTMLAudioElement;
  };
  return { player: new Player({ recordings } as unknown as Api, "r1", length, make), asked, sounds };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

describe("a recording", () => {
  beforeEach(() => {
    URL.createObjectURL = vi.fn(() => "blob:part");
    URL.revokeObjectURL = vi.fn();
  });

  it("is played in parts", () => {
    expect(placeOf(0, 10_000)).toEqual({ part: 0, within: 0 });
    expect(placeOf(PART_MS + 1_500, 2 * PART_MS)).toEqual({ part: 1, within: 1_500 });
    expect(placeOf(99_999_999, 10_000)).toEqual({ part: 0, within: 9_999 });
    expect(placeOf(-5, 10_000)).toEqual({ part: 0, within: 0 });
  });

  it("has the next part there before the present one is over, and goes on in it at once", async () => {
    const { player, asked, sounds } = playerOf(2.5 * PART_MS);
    await player.play();
    sounds[0]?.reach(PART_MS - AHEAD_MS - 1);
    expect(asked).toEqual([0]);
    sounds[0]?.reach(PART_MS - AHEAD_MS + 1);
    sounds[0]?.reach(PART_MS - 5_000);
    await settled();
    expect(asked).toEqual([0, 1]);

    const loading = vi.fn();
    player.store.subscribe((state) => state.loading && loading());
    sounds[0]?.onended?.();

    expect(sounds[1]?.playing).toBe(true);
    expect(loading).not.toHaveBeenCalled();
    sounds[1]?.reach(2_000);
    expect(player.store.getState().at).toBe(PART_MS + 2_000);
    expect(URL.revokeObjectURL).toHaveBeenCalledTimes(1);
  });

  it("ends with its last part", async () => {
    const { player, asked, sounds } = playerOf(PART_MS + 10_000);
    await player.seek(PART_MS + 4_000);
    await player.play();
    expect(asked).toEqual([1]);
    expect(sounds[0]?.currentTime).toBe(4);

    sounds[0]?.onended?.();
    await settled();

    expect(asked).toEqual([1]);
    expect(player.store.getState()).toMatchObject({ playing: false, at: PART_MS + 10_000 });
  });

  it("asks again for what could not be fetched ahead", async () => {
    let away = false;
    const { player, asked, sounds } = playerOf(2 * PART_MS, () => away);
    await player.play();
    away = true;
    sounds[0]?.reach(PART_MS - 1_000);
    await settled();
    expect(player.store.getState().problem).toBeUndefined();
    away = false;

    sounds[0]?.onended?.();
    await settled();

    expect(asked).toEqual([0, 1, 1]);
    expect(sounds[1]?.playing).toBe(true);
  });

  it("lets go of everything when it is closed", async () => {
    const { player, sounds } = playerOf(2 * PART_MS);
    await player.play();
    sounds[0]?.reach(PART_MS - 1_000);
    await settled();

    player.close();

    expect(sounds.map((each) => [each.playing, each.src])).toEqual([
      [false, ""],
      [false, ""],
    ]);
    expect(URL.revokeObjectURL).toHaveBeenCalledTimes(2);
  });

  it("is drawn as one outline a side, silence as a line", () => {
    expect(outline(new Uint8Array([0, 255]), 20, -1)).toBe("M0 20L0 19L1 19L1 1L2 1L2 20Z");
    expect(outline(new Uint8Array([0]), 20, 1)).toBe("M0 20L0 21L1 21L1 20Z");
    expect(outline(new Uint8Array(), 20, 1)).toBe("");
  });
});
