import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { CloudError } from "../../src/node/core/cloud-error.ts";
import { FrameReader } from "../../src/node/rpc/frame-stream.ts";
import { encodeFrame } from "../../src/node/rpc/framing.ts";

const stallMs = 30;
const frame = Buffer.concat(encodeFrame({ jsonrpc: "2.0", id: 1, method: "x", params: [] }, 1000));

/** A reader that pauses at its first message, and what it told. */
function readFrames(stream: PassThrough): {
  reader: FrameReader;
  frames: () => number;
  faults: CloudError[];
} {
  let count = 0;
  const faults: CloudError[] = [];
  const reader = new FrameReader(
    stream,
    { maxBytes: 1000, stallMs },
    {
      onFrame: () => {
        if (++count === 1) reader.pause();
      },
      onMalformed: (error) => faults.push(error),
    },
  );
  reader.listen(() => undefined);
  return { reader, frames: () => count, faults };
}

describe("a reader of frames", () => {
  it("takes nobody for stalled whom it makes wait itself", async () => {
    const stream = new PassThrough();
    const { reader, frames, faults } = readFrames(stream);
    stream.write(Buffer.concat([frame, frame.subarray(0, 10)]));
    await delay(0);
    stream.write(frame.subarray(10));
    await delay(3 * stallMs);
    assert.deepEqual([frames(), faults], [1, []]);
    reader.resume();
    await delay(0);
    assert.deepEqual([frames(), faults], [2, []]);
    reader.dispose();
  });

  it("does so again once it goes on reading", async () => {
    const stream = new PassThrough();
    const { reader, frames, faults } = readFrames(stream);
    stream.write(Buffer.concat([frame, frame.subarray(0, 10)]));
    await delay(0);
    reader.resume();
    await delay(3 * stallMs);
    assert.equal(frames(), 1);
    assert.deepEqual(
      faults.map(({ code }) => code),
      ["damaged"],
    );
    reader.dispose();
  });
});
