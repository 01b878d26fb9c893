import assert from "node:assert/strict";
import * as dagCbor from "@ipld/dag-cbor";
import fc from "fast-check";
import { type CborValue, decodeCanonical, encodeCanonical } from "../../src/node/blocks/cbor.ts";
import { concatBytes, equalBytes, fromHex, toUtf8 } from "../../src/node/core/bytes.ts";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import { isLong } from "./random.ts";
import { refuses } from "./refuses.ts";

const runs = { seed: 1, numRuns: isLong ? 100_000 : 700 };

const text = fc.string({ unit: "binary" }).filter((value) => value.isWellFormed());
const key = fc.oneof(text, fc.constantFrom("__proto__", "constructor", "toString", ""));
const values = fc.letrec<{ value: CborValue; list: CborValue[]; map: CborValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", maxDepth: 4 },
    fc.maxSafeInteger(),
    fc.integer({ min: -300, max: 70_000 }),
    fc.boolean(),
    fc.constant(null),
    text,
    fc.uint8Array({ maxLength: 300 }),
    tie("list"),
    tie("map"),
  ),
  list: fc.array(tie("value"), { maxLength: 30 }),
  map: fc.array(fc.tuple(key, tie("value")), { maxLength: 30 }).map(fromPairs),
}));

function fromPairs(pairs: readonly (readonly [string, CborValue])[]): CborValue {
  const map: Record<string, CborValue> = {};
  for (const [name, value] of pairs) {
    Object.defineProperty(map, name, { value, enumerable: true, configurable: true });
  }
  return map;
}

const decode = (bytes: Uint8Array): CborValue => decodeCanonical(bytes, "the bytes");

function hex(digits: string): Uint8Array {
  return fromHex(digits.replaceAll(" ", "")) ?? assert.fail(`not hexadecimal: ${digits}`);
}

/** Bytes that are accepted are the one encoding of what they mean. */
function checkCanonical(bytes: Uint8Array): boolean {
  let value: CborValue;
  try {
    value = decode(bytes);
  } catch (error) {
    assert.ok(isCloudError(error, "damaged"), String(error));
    return false;
  }
  assert.deepEqual(encodeCanonical(value), bytes);
  return true;
}

describe("canonical dag-cbor", () => {
  it("is what @ipld/dag-cbor writes", () => {
    fc.assert(
      fc.property(values.value, (value) => {
        assert.deepEqual(encodeCanonical(value), new Uint8Array(dagCbor.encode(value)));
      }),
      runs,
    );
  });

  it("decodes to what was encoded", () => {
    fc.assert(
      fc.property(values.value, (value) => {
        assert.deepEqual(decode(encodeCanonical(value)), value);
      }),
      runs,
    );
  });

  it("is the only form that is accepted: what opens is encoded to the same bytes", () => {
    const change = fc.record({
      at: fc.nat(),
      cut: fc.nat({ max: 3 }),
      insert: fc.uint8Array({ maxLength: 3 }),
    });
    let accepted = 0;
    fc.assert(
      fc.property(values.value, fc.array(change, { minLength: 1, maxLength: 3 }), (value, list) => {
        let bytes = encodeCanonical(value);
        for (const { at, cut, insert } of list) {
          const start = at % (bytes.length + 1);
          bytes = concatBytes(bytes.subarray(0, start), insert, bytes.subarray(start + cut));
        }
        if (checkCanonical(bytes)) accepted++;
      }),
      { ...runs, numRuns: runs.numRuns * 4 },
    );
    assert.ok(accepted > 0);
  });

  it("is told from all short sequences of bytes", () => {
    const step = isLong ? 1 : 17;
    for (let a = 0; a < 256; a++) {
      checkCanonical(Uint8Array.of(a));
      for (let b = a % step; b < 256; b += step) {
        checkCanonical(Uint8Array.of(a, b));
        checkCanonical(Uint8Array.of(0x82, a, b));
        checkCanonical(Uint8Array.of(0xa1, 0x61, a, b));
      }
    }
  });

  it("ends at no earlier byte", async () => {
    const value = { list: [1, 300, 70_000, 2 ** 40, -5, "ü", new Uint8Array(30)], yes: true };
    const bytes = encodeCanonical(value);
    for (let end = 0; end < bytes.length; end++) {
      await refuses(() => decode(bytes.subarray(0, end)), "damaged", /the bytes .* ends early/u);
    }
  });

  const malformed: [string, string, RegExp][] = [
    ["nothing", "", /ends early/u],
    ["two values", "0000", /left over/u],
    ["a one-byte number in two", "1817", /longer than it needs/u],
    ["a two-byte number in three", "1900ff", /longer than it needs/u],
    ["a three-byte number in five", "1a0000ffff", /longer than it needs/u],
    ["a five-byte number in nine", "1b00000000ffffffff", /longer than it needs/u],
    ["2^53", "1b0020000000000000", /beyond 2\^53 - 1/u],
    ["2^64 - 1", "1bffffffffffffffff", /beyond 2\^53 - 1/u],
    ["-2^53", "3b001fffffffffffff", /below -\(2\^53 - 1\)/u],
    ["a long head of bytes", "580161", /longer than it needs/u],
    ["bytes of indefinite length", "5f4161ff", /indefinite/u],
    ["text of indefinite length", "7f6161ff", /indefinite/u],
    ["a list of indefinite length", "9f00ff", /indefinite/u],
    ["a map of indefinite length", "bf616100ff", /indefinite/u],
    ["a reserved length", "1c", /reserved/u],
    ["a half float", "f93c00", /float/u],
    ["a float", "fa3f800000", /float/u],
    ["a double", "fb3ff0000000000000", /float/u],
    ["undefined", "f7", /simple value/u],
    ["another simple value", "f0", /simple value/u],
    ["a break", "ff", /simple value/u],
    ["a tag", "c100", /tag/u],
    ["a CID", "d82a450001550000", /tag/u],
    ["a byte that begins no UTF-8", "61ff", /UTF-8/u],
    ["UTF-8 of half a surrogate pair", "63eda080", /UTF-8/u],
    ["UTF-8 longer than it needs to be", "62c080", /UTF-8/u],
    ["a map key that is a number", "a10000", /key that is not text/u],
    ["a map key that is bytes", "a1416100", /key that is not text/u],
    ["map keys out of order", "a2616200616100", /out of order/u],
    ["a longer map key before a shorter", "a262616100616200", /out of order/u],
    ["a map key twice", "a2616100616101", /out of order/u],
    ["__proto__ twice", "a2695f5f70726f746f5f5f00695f5f70726f746f5f5f01", /out of order/u],
  ];
  for (const [name, digits, message] of malformed) {
    it(`is not ${name}`, () => refuses(() => decode(hex(digits)), "damaged", message));
  }

  it("gives __proto__ no power", () => {
    const value = decode(hex("a1 69 5f5f70726f746f5f5f a1 61 78 01"));
    assert.equal(Object.getPrototypeOf(value), Object.prototype);
    assert.deepEqual(Object.keys(value as object), ["__proto__"]);
    assert.equal((value as { x?: unknown }).x, undefined);
  });

  it("keeps a byte order mark as a character", () => {
    const value = "\uFEFFa";
    assert.deepEqual(decode(encodeCanonical(value)), value);
  });

  it("nests 8 deep and no deeper, scalars not counted", async () => {
    const nest = (depth: number): CborValue => (depth === 0 ? 7 : [nest(depth - 1)]);
    assert.deepEqual(decode(encodeCanonical(nest(8))), nest(8));
    await refuses(() => decode(encodeCanonical(nest(9))), "damaged", /nested too deep/u);
  });

  it("is refused in time when it nests 100,000 deep", async () => {
    const lists = new Uint8Array(100_001).fill(0x81);
    lists[100_000] = 0x80;
    await refuses(() => decode(lists), "damaged", /nested too deep/u);
    const maps = concatBytes(...Array.from({ length: 100_000 }, () => hex("a16161")), hex("a0"));
    await refuses(() => decode(maps), "damaged", /nested too deep/u);
  });

  it("holds 100,000 values and no more, counting map keys", async () => {
    const list = (length: number): Uint8Array => encodeCanonical(new Array<number>(length).fill(0));
    assert.equal((decode(list(99_999)) as unknown[]).length, 99_999);
    await refuses(() => decode(list(100_000)), "damaged", /too many values/u);
    const wide = fromPairs(Array.from({ length: 50_000 }, (_, i) => [i.toString(), 0]));
    await refuses(() => decode(encodeCanonical(wide)), "damaged", /too many values/u);
  });

  it("is refused without making room for lengths that it does not have", async () => {
    for (const major of [2, 3, 4, 5]) {
      for (const length of ["1a7fffffff", "1b001fffffffffffff", "19ffff"]) {
        const head = hex(length);
        head[0] = (head[0] as number) | (major << 5);
        await refuses(() => decode(concatBytes(head, toUtf8("aaaa"))), "damaged", /ends early/u);
      }
    }
  });

  it("is whole however large the value is", () => {
    // Twice as large as anything encoded before, so that the room for encoding grows.
    for (const size of [70_000, 300_000, 1_200_000, 5_000_000]) {
      const bytes = encodeCanonical([7, new Uint8Array(size).fill(1), "end"]);
      assert.deepEqual(bytes, new Uint8Array(dagCbor.encode(dagCbor.decode(bytes))));
      assert.equal(bytes.length, 1 + 1 + (size < 0x1_0000 ? 3 : 5) + size + 4);
    }
  });

  it("can't be made of a number that is not a safe integer", async () => {
    for (const value of [0.5, 2 ** 53, -(2 ** 53), Number.NaN, Number.POSITIVE_INFINITY]) {
      await refuses(() => encodeCanonical([value]), "unexpected", /safe integer/u);
    }
    assert.ok(equalBytes(encodeCanonical(-0), Uint8Array.of(0)));
  });
});
