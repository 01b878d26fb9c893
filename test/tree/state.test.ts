import assert from "node:assert/strict";
import fc from "fast-check";
import { type CborValue, encodeCanonical } from "../../src/node/blocks/cbor.ts";
import { decodeLink } from "../../src/node/blocks/link.ts";
import { compareBytes, concatBytes, toHex } from "../../src/node/core/bytes.ts";
import { IdMap } from "../../src/node/core/id-map.ts";
import { asWriterId, type WriterId } from "../../src/node/core/ids.ts";
import {
  DigestSum,
  decodeState,
  emptyState,
  encodeState,
  type State,
} from "../../src/node/tree/state.ts";
import {
  checkJump,
  covers,
  decodeVector,
  encodeVector,
  joinVectors,
  nextStamp,
  type VersionVector,
  vectorAtMost,
  withStamp,
} from "../../src/node/tree/version-vector.ts";
import { isLong } from "../blocks/random.ts";
import { refuses } from "../blocks/refuses.ts";
import { fakeLink } from "./test-trees.ts";

const runs = { seed: 9, numRuns: isLong ? 20_000 : 300 };
const digest = fc.uint8Array({ minLength: 32, maxLength: 32 });
const vector: fc.Arbitrary<VersionVector> = fc
  .array(fc.tuple(fc.nat({ max: 5 }), fc.integer({ min: 1, max: 9 })))
  .map((list) => new IdMap(list.map(([writer, counter]) => [writerOf(writer), counter])));

function writerOf(writer: number): WriterId {
  return asWriterId(new Uint8Array(16).fill(writer));
}

describe("the digest", () => {
  it("is a sum modulo 2^256, whatever the order", () => {
    fc.assert(
      fc.property(digest, fc.array(digest), fc.array(digest), (start, added, taken) => {
        const sum = new DigestSum(start);
        for (const term of added) sum.add(term);
        for (const term of taken) sum.subtract(term);
        const big = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes)}`);
        let expected = big(start);
        for (const term of added) expected += big(term);
        for (const term of taken) expected -= big(term);
        assert.equal(big(sum.value()), BigInt.asUintN(256, expected));
      }),
      runs,
    );
  });
});

describe("a version vector", () => {
  it("is read back in the order of its writers", () => {
    fc.assert(
      fc.property(vector, (value) => {
        const encoded = encodeVector(value);
        const sorted = [...value].sort(([a], [b]) => compareBytes(a, b));
        assert.deepEqual(decodeVector(encoded, "it"), new IdMap(sorted));
      }),
      runs,
    );
  });

  it("joins to the least that has seen what both have", () => {
    fc.assert(
      fc.property(vector, vector, (a, b) => {
        const joined = joinVectors(a, b);
        assert.ok(vectorAtMost(a, joined) && vectorAtMost(b, joined));
        assert.deepEqual(new Map([...joinVectors(b, a)].sort()), new Map([...joined].sort()));
        for (const [writer, counter] of joined) {
          assert.ok(a.get(writer) === counter || b.get(writer) === counter);
        }
        assert.equal(vectorAtMost(a, b), joinVectors(a, b).size === b.size && equal(joined, b));
      }),
      runs,
    );
    function equal(a: VersionVector, b: VersionVector): boolean {
      return [...a].every(([writer, counter]) => b.get(writer) === counter);
    }
  });

  it("gives its writer the next stamp, which it has not seen before it is in", () => {
    fc.assert(
      fc.property(vector, fc.nat({ max: 5 }), (value, writer) => {
        const stamp = nextStamp(value, asWriterId(new Uint8Array(16).fill(writer)));
        assert.ok(!covers(value, stamp));
        assert.ok([...value.values()].every((counter) => counter < stamp.counter));
        assert.ok(covers(withStamp(value, stamp), stamp));
      }),
      runs,
    );
  });

  it("is refused where its counters jump by more than 2^32", async () => {
    const known = new IdMap([[writerOf(1), 5]]);
    checkJump(known, new IdMap([[writerOf(2), 2 ** 32 + 5]]));
    await refuses(
      () => {
        checkJump(known, new IdMap([[writerOf(2), 2 ** 32 + 6]]));
      },
      "damaged",
      /2\^32/u,
    );
  });

  const writer = new Uint8Array(16);
  const malformed: [string, CborValue, RegExp][] = [
    ["a counter too few", [writer], /a counter in the vector/u],
    ["a counter of 0", [writer, 0], /a counter/u],
    ["a writer of 15 bytes", [writer.slice(1), 1], /16 bytes/u],
    ["a writer twice", [writer, 1, writer, 2], /writers in order/u],
    ["writers out of order", [writer.map(() => 1), 1, writer, 2], /writers in order/u],
    ["text for a writer", ["w", 1], /bytes/u],
  ];
  for (const [text, value, message] of malformed) {
    it(`with ${text} is refused`, () =>
      refuses(() => decodeVector(value, "the vector"), "damaged", message));
  }
});

describe("a state", () => {
  const link = decodeLink(fakeLink("root"));
  const state: State = {
    vv: new IdMap([[writerOf(1), 3]]),
    tree: link,
    removed: undefined,
    folders: link,
    loose: undefined,
    floor: new IdMap(),
    digest: new Uint8Array(32).fill(7),
  };
  const fields = {
    version: 1,
    vv: [new Uint8Array(16).fill(1), 3],
    tree: fakeLink("root"),
    removed: null,
    folders: fakeLink("root"),
    loose: null,
    floor: [],
    digest: new Uint8Array(32).fill(7),
  };

  it("is a map of its fields", () => {
    assert.deepEqual(encodeState(state), encodeCanonical(fields));
    assert.deepEqual(decodeState(encodeState(state)), state);
    assert.deepEqual(decodeState(encodeState(emptyState)), emptyState);
  });

  it("with a field or a version that is not known needs a newer IPCloud", async () => {
    const refused = (value: CborValue): Promise<void> =>
      refuses(() => decodeState(encodeCanonical(value)), "newer", /needs a newer IPCloud/u);
    await refused({ ...fields, more: 1 });
    await refused({ ...fields, version: 2 });
    await refused({ version: 2 });
    await refused({ ...fields, tree: concatBytes(Uint8Array.of(2), fakeLink("root").slice(1)) });
  });

  const malformed: [string, CborValue, RegExp][] = [
    ["no map", [], /a map of fields/u],
    ["version 0", { ...fields, version: 0 }, /version 1/u],
    ["text for a version", { ...fields, version: "1" }, /the version/u],
    ["a root of 64 bytes", { ...fields, tree: new Uint8Array(64) }, /the tree of a state/u],
    ["a number for a root", { ...fields, loose: 0 }, /the loose of a state/u],
    ["a digest of 31 bytes", { ...fields, digest: new Uint8Array(31) }, /32 bytes/u],
    ["a vector that is no list", { ...fields, vv: {} }, /the vv of a state/u],
  ];
  for (const [text, value, message] of malformed) {
    it(`with ${text} is refused`, () =>
      refuses(() => decodeState(encodeCanonical(value)), "damaged", message));
  }
  for (const field of Object.keys(fields)) {
    it(`without ${field} is refused`, () => {
      const rest = Object.fromEntries(Object.entries(fields).filter(([name]) => name !== field));
      return refuses(() => decodeState(encodeCanonical(rest)), "damaged", new RegExp(field, "u"));
    });
  }
});
