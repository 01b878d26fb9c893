import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { CloudError } from "../../src/node/core/cloud-error.ts";
import { FrameReader } from "../../src/node/rpc/frame-reader.ts";
import { encodeFrame } from "../../src/node/rpc/framing.ts";

const stallMs = 30;
const frame = Buffer.concat(encodeFrame({ jsonrpc: "2.0", id: 1, method: "x", params: [] }, 1000));

/** A reader that has room for its first frame alone until it is told otherwise, and what it told. */
function readFrames(stream: PassThrough): {
  reader: FrameReader;
  makeRoom: () => void;
  frames: () => number;
  given: () => number;
  faults: CloudError[];
} {
  let [count, given, asked] = [0, 0, 0];
  const faults: CloudError[] = [];
  const room = Promise.withResolvers<() => void>();
  const giveBack = (): number => ++given;
  const reader = new FrameReader(
    stream,
    { maxBytes: 1000, maxTextBytes: 500, stallMs },
    {
      takeRoom: () => (++asked === 2 ? room.promise : giveBack),
      onFrame: (_, back) => {
        count++;
        back();
      },
      onMalformed: (error) => faults.push(error),
    },
  );
  reader.listen(() => undefined);
  const makeRoom = (): void => {
    room.resolve(giveBack);
  };
  return { reader, makeRoom, frames: () => count, given: () => given, faults };
}

describe("a reader of frames", () => {
  it("takes nobody for stalled whom it makes wait itself", async () => {
    const stream = new PassThrough();
    const { reader, makeRoom, frames, given, faults } = readFrames(stream);
    stream.write(Buffer.concat([frame, frame.subarray(0, 10)]));
    await delay(0);
    stream.write(Buffer.concat([frame.subarray(10), frame]));
    await delay(3 * stallMs);
    assert.deepEqual([frames(), faults], [1, []]);
    makeRoom();
    await delay(5);
    assert.deepEqual([frames(), given(), faults], [3, 3, []]);
    reader.dispose();
  });

  it("does so again once it goes on reading", async () => {
    const stream = new PassThrough();
    const { makeRoom, frames, given, faults } = readFrames(stream);
    stream.write(Buffer.concat([frame, frame.subarray(0, 10)]));
    await delay(0);
    makeRoom();
    await delay(3 * stallMs);
    assert.equal(frames(), 1);
    assert.equal(given(), 2, "also of the frame that did not come");
    assert.deepEqual(
      faults.map(({ code }) => code),
      ["damaged"],
    );
  });

  it("drops who sends on and on, too slowly for the frame to come to an end", async () => {
    const stream = new PassThrough();
    const { faults } = readFrames(stream);
    const long = Buffer.concat([Buffer.from([0, 0, 0x03, 0xe0, 0, 0, 0, 1]), Buffer.alloc(900)]);
    for (let at = 0; at < 400 && faults.length === 0; at++) {
      stream.write(long.subarray(at, at + 1));
      await delay(1);
    }
    assert.match(faults[0]?.message ?? "", /did not come in time/);
  });

  it("asks for room before it takes memory, and gives back what a dropped connection held", async () => {
    const stream = new PassThrough();
    const { reader, makeRoom, frames, given } = readFrames(stream);
    stream.write(Buffer.concat([frame, frame]));
    await delay(0);
    reader.dispose();
    makeRoom();
    await delay(0);
    assert.deepEqual([frames(), given()], [1, 2]);
  });

  it("refuses a text that is too long by its length alone", async () => {
    for (const [length, text] of [
      [996, 501],
      [100, 97],
      [4, 0],
    ] as const) {
      const stream = new PassThrough();
      const { faults, given } = readFrames(stream);
      const header = Buffer.alloc(8);
      header.writeUInt32BE(length);
      header.writeUInt32BE(text, 4);
      stream.write(header);
      await delay(0);
      assert.deepEqual([faults[0]?.code, given()], ["damaged", 0]);
    }
  });
});
