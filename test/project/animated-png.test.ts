import assert from "node:assert/strict";
import { crc32, deflateSync, inflateSync } from "node:zlib";
import { animatedPng } from "../editor/picture/animated-png.ts";

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** One row of grey pixels, its data in two chunks. */
function png(pixels: readonly number[]): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(pixels.length, 0);
  header.writeUInt32BE(1, 4);
  header[8] = 8;
  const data = deflateSync(Buffer.from([0, ...pixels]));
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", data.subarray(0, 3)),
    chunk("IDAT", data.subarray(3)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunksOf(file: Buffer): { type: string; data: Buffer }[] {
  const found = [];
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    const body = file.subarray(at + 4, at + 8 + length);
    assert.equal(file.readUInt32BE(at + 8 + length), crc32(body));
    found.push({ type: body.toString("latin1", 0, 4), data: body.subarray(4) });
    at += length + 12;
  }
  return found;
}

describe("a moving picture", () => {
  it("holds every frame, in order, each with its time", () => {
    const frames = [
      { png: png([1, 2, 3]), ms: 500 },
      { png: png([4, 5, 6]), ms: 1500 },
    ];
    const chunks = chunksOf(animatedPng(frames));
    assert.deepEqual(
      chunks.map(({ type }) => type),
      ["IHDR", "acTL", "fcTL", "IDAT", "IDAT", "fcTL", "fdAT", "fdAT", "IEND"],
    );
    const dataOf = (type: string, skip: number): Buffer =>
      Buffer.concat(
        chunks.filter((each) => each.type === type).map(({ data }) => data.subarray(skip)),
      );
    assert.deepEqual([...inflateSync(dataOf("IDAT", 0))], [0, 1, 2, 3]);
    assert.deepEqual([...inflateSync(dataOf("fdAT", 4))], [0, 4, 5, 6]);
    const controls = chunks.filter(({ type }) => type === "fcTL").map(({ data }) => data);
    assert.deepEqual(
      controls.map((data) => [data.length, data.readUInt16BE(20), data.readUInt16BE(22)]),
      [
        [26, 500, 1000],
        [26, 1500, 1000],
      ],
    );
    const numbers = chunks.flatMap(({ type, data }) =>
      type === "fcTL" || type === "fdAT" ? [data.readUInt32BE(0)] : [],
    );
    assert.deepEqual(numbers, [0, 1, 2, 3]);
  });

  it("is of frames of one size, and of some", () => {
    assert.throws(() => animatedPng([]), /needs frames/u);
    const frames = [png([1]), png([1, 2])].map((each) => ({ png: each, ms: 1 }));
    assert.throws(() => animatedPng(frames), /Frame 1 is of another size/u);
  });
});
