import assert from "node:assert/strict";
import fc from "fast-check";
import {
  compareAsUtf8,
  compareBytes,
  concatBytes,
  equalBytes,
  fromHex,
  fromUtf8,
  readUint64,
  startsWithBytes,
  toBinaryString,
  toHex,
  toUtf8,
  uint64Bytes,
} from "../../src/node/core/bytes.ts";

const bytes = fc.uint8Array({ maxLength: 40 });
const runs = { seed: 1, numRuns: 500 };

describe("bytes", () => {
  it("order texts as their UTF-8", () => {
    const near = fc.constantFrom("a", "b", "\u07ff", "\ud7ff", "\ue000", "\uffff", "😀", "😁", "𐀀");
    const text = fc.string({ unit: fc.oneof(near, fc.string({ unit: "binary", maxLength: 1 })) });
    fc.assert(
      fc.property(text, text, fc.string({ unit: near, maxLength: 3 }), (a, b, head) => {
        const [x, y] = [head + a, head + b];
        const order = Buffer.compare(Buffer.from(x), Buffer.from(y));
        assert.equal(Math.sign(compareAsUtf8(x, y)), order);
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  it("compare as Buffers do, and their binary strings alike", () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        const order = Buffer.compare(a, b);
        assert.equal(Math.sign(compareBytes(a, b)), order);
        const [x, y] = [toBinaryString(a), toBinaryString(b)];
        assert.equal(x < y ? -1 : x > y ? 1 : 0, order);
        assert.equal(equalBytes(a, b), order === 0);
        assert.equal(startsWithBytes(concatBytes(a, b), a), true);
        assert.equal(startsWithBytes(a, b), equalBytes(a.subarray(0, b.length), b));
      }),
      runs,
    );
  });

  it("have one binary string at any length", () => {
    for (const length of [0, 1, 255, 4095, 4096, 4097, 100_000]) {
      const long = Uint8Array.from({ length }, (_, i) => i * 7);
      assert.equal(toBinaryString(long), Buffer.from(long).toString("latin1"));
    }
  });

  it("are numbers of up to 2^53 - 1, most significant first", () => {
    fc.assert(
      fc.property(fc.nat({ max: Number.MAX_SAFE_INTEGER }), (value) => {
        const expected = Buffer.alloc(8);
        expected.writeBigUInt64BE(BigInt(value));
        assert.deepEqual(uint64Bytes(value), new Uint8Array(expected));
        assert.equal(readUint64(concatBytes(toUtf8("xy"), uint64Bytes(value)), 2), value);
      }),
      runs,
    );
    for (const value of [0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1]) {
      assert.equal(readUint64(uint64Bytes(value)), value);
    }
  });

  it("are hexadecimal and UTF-8, and nothing that is not", () => {
    fc.assert(
      fc.property(bytes, (value) => {
        assert.deepEqual(fromHex(toHex(value)), value);
        assert.deepEqual(fromHex(toHex(value).toUpperCase()), value);
      }),
      runs,
    );
    for (const text of ["a", "0g", "0x", " 00"]) assert.equal(fromHex(text), undefined);
    assert.equal(fromUtf8(toUtf8("\uFEFFñ😀")), "\uFEFFñ😀");
    for (const bad of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80]]) {
      assert.equal(fromUtf8(Uint8Array.from(bad)), undefined);
    }
  });
});
