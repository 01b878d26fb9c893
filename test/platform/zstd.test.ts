import assert from "node:assert/strict";
import { constants, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { concatBytes, toUtf8 } from "../../src/node/core/bytes.ts";
import {
  chooseZstd,
  zstdByCalls,
  zstdByContexts,
  zstdCompress,
  zstdDecompress,
} from "../../src/node/platform/zstd.ts";
import { measureZstdFrame } from "../../src/node/platform/zstd-frame.ts";
import { randomBytes, seeded } from "../blocks/random.ts";

const random = seeded(21);
const text = toUtf8("the same words, the same words again; ".repeat(400));

/** A frame whose header does not tell the size of its content. */
function frameWithoutSize(data: Uint8Array): Uint8Array {
  const { ZSTD_c_contentSizeFlag } = constants;
  return Uint8Array.from(zstdCompressSync(data, { params: { [ZSTD_c_contentSizeFlag]: 0 } }));
}

describe("zstd", () => {
  it("gives back what was compressed, at every size", () => {
    for (const size of [0, 1, 2, 100, 255, 256, 257, 65_791, 65_792, 131_072, 262_144]) {
      const data = size < 1000 ? randomBytes(random, size) : new Uint8Array(size).fill(size & 255);
      const frame = zstdCompress(data);
      assert.deepEqual(measureZstdFrame(frame), { frameBytes: frame.length, contentBytes: size });
      assert.deepEqual(zstdDecompress(frame, size), data);
    }
  });

  it("refuses content beyond the bound, whether the header tells its size or not", () => {
    const tells = zstdCompress(text);
    const hides = frameWithoutSize(text);
    assert.equal(measureZstdFrame(hides)?.contentBytes, undefined);
    for (const frame of [tells, hides]) {
      assert.deepEqual(zstdDecompress(frame, text.length), text);
      assert.equal(zstdDecompress(frame, text.length - 1), undefined);
      assert.equal(zstdDecompress(frame, 0), undefined);
    }
  });

  it("refuses a header that lies about the size", () => {
    const frame = zstdCompress(text);
    const lying = frame.slice();
    assert.equal((frame[4] ?? 0) >> 6, 1, "two bytes of size follow the descriptor");
    lying[5] = (lying[5] ?? 0) ^ 0xff;
    assert.equal(zstdDecompress(lying, 1 << 20), undefined);
  });

  it("refuses a second frame, a skippable one, and bytes left over", () => {
    const frame = zstdCompress(text);
    const skippable = Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 9);
    const bound = 1 << 20;
    assert.equal(zstdDecompress(concatBytes(frame, frame), bound), undefined);
    assert.equal(zstdDecompress(concatBytes(frame, skippable), bound), undefined);
    assert.equal(zstdDecompress(concatBytes(skippable, frame), bound), undefined);
    assert.equal(zstdDecompress(concatBytes(frame, Uint8Array.of(0)), bound), undefined);
    assert.equal(zstdDecompress(new Uint8Array(0), bound), undefined);
  });

  it("refuses a frame cut at any place", () => {
    const frame = zstdCompress(text);
    for (let length = 0; length < frame.length; length++) {
      assert.equal(measureZstdFrame(frame.subarray(0, length)), undefined);
      assert.equal(zstdDecompress(frame.subarray(0, length), 1 << 20), undefined);
    }
  });

  it("reads a frame with a checksum, and refuses it if that does not hold", () => {
    const { ZSTD_c_checksumFlag } = constants;
    const frame = Uint8Array.from(zstdCompressSync(text, { params: { [ZSTD_c_checksumFlag]: 1 } }));
    assert.deepEqual(zstdDecompress(frame, text.length), text);
    const altered = frame.slice();
    altered[frame.length - 1] = (altered[frame.length - 1] ?? 0) ^ 1;
    assert.equal(zstdDecompress(altered, text.length), undefined);
  });

  it("refuses a window that would take more memory than 8 MiB", () => {
    const withWindowLog = (log: number): Uint8Array => {
      const frame = frameWithoutSize(text);
      frame[5] = (log - 10) << 3;
      return frame;
    };
    const small = withWindowLog(23);
    const large = withWindowLog(24);
    assert.deepEqual(zstdDecompress(small, text.length), text);
    assert.equal(zstdDecompress(large, text.length), undefined);
  });

  it("keeps no more memory alive than its result has", () => {
    const content = zstdDecompress(zstdCompress(text.subarray(0, 300)), 1 << 20);
    assert.equal(content?.buffer.byteLength, 300);
  });

  it("is the same by contexts that are used again as by Node's calls, also after failures", () => {
    const contexts = zstdByContexts();
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 3000 }),
      fc.nat(300_000).map((length) => new Uint8Array(length).fill(length & 255)),
      fc.nat(10_000).map((length) => text.subarray(0, length)),
    );
    fc.assert(
      fc.property(piece, fc.nat(), fc.nat(), (data, at, less) => {
        const frame = zstdByCalls.compress(data);
        assert.deepEqual(contexts.compress(data), frame);
        const altered = frame.slice();
        altered[at % frame.length] = at & 255;
        for (const [from, bound] of [
          [altered, data.length],
          [frame, data.length - (less % (data.length + 1))],
          [frame.subarray(0, less % frame.length), data.length],
          [frame, data.length],
        ] as const) {
          if (measureZstdFrame(from)?.frameBytes !== from.length) continue;
          assert.deepEqual(contexts.decompress(from, bound), zstdByCalls.decompress(from, bound));
        }
      }),
      { seed: 2, numRuns: 400 },
    );
  });

  it("never throws, whatever it is given", () => {
    const frame = zstdCompress(text);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(frame.length - 1), (bytes, at) => {
        const altered = concatBytes(frame.subarray(0, at), bytes);
        const content = zstdDecompress(altered, text.length);
        assert.ok(content === undefined || content.length <= text.length);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it("falls back on the documented calls in a Node that was not tried, and where the other way errs", () => {
    const contexts = zstdByContexts();
    const choose = (version: string, other = contexts) => chooseZstd(version, () => other);
    assert.equal(choose("24.21.0"), contexts);
    assert.equal(choose("99.0.0"), zstdByCalls);
    const never = (): never => assert.fail("it was asked for");
    assert.equal(chooseZstd("99.0.0", never), zstdByCalls);
    const otherFrames = { ...contexts, compress: (data: Uint8Array) => data };
    assert.equal(choose("24.21.0", otherFrames), zstdByCalls);
    const noBound = {
      ...contexts,
      decompress: (frame: Uint8Array) => contexts.decompress(frame, 1 << 20),
    };
    assert.equal(choose("24.21.0", noBound), zstdByCalls);
    const throwing = { ...contexts, compress: () => assert.fail("other inner parts") };
    assert.equal(choose("24.21.0", throwing), zstdByCalls);
  });
});
