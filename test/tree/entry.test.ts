import assert from "node:assert/strict";
import fc from "fast-check";
import { type CborValue, encodeCanonical } from "../../src/node/blocks/cbor.ts";
import { concatBytes, toUtf8 } from "../../src/node/core/bytes.ts";
import { asEntryId, asWriterId, rootId } from "../../src/node/core/ids.ts";
import { compareStamps, encodeStamp, type Stamp } from "../../src/node/core/stamp.ts";
import {
  decodeEntry,
  decodeFolder,
  type Entry,
  encodeEntry,
  encodeFolder,
  entryKey,
  entryKinds,
  isRoot,
  namePrefix,
} from "../../src/node/tree/entry.ts";
import { isLong } from "../blocks/random.ts";
import { refuses } from "../blocks/refuses.ts";
import { fakeLink, testId } from "./test-trees.ts";

const idOf = fc.uint8Array({ minLength: 16, maxLength: 16 });
const id = idOf.map(asEntryId);
const ownId = id.filter((bytes) => !isRoot(bytes));
const stamp: fc.Arbitrary<Stamp> = fc
  .tuple(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), idOf)
  .map(([counter, writer]) => ({ counter, writer: asWriterId(writer) }));
const stamps = fc
  .uniqueArray(stamp, { maxLength: 3, selector: (value) => encodeStamp(value).join() })
  .map((list) => list.sort(compareStamps));
const name = fc
  .string({ unit: "binary", minLength: 1, maxLength: 60 })
  .filter((text) => text.isWellFormed() && !/[/\0]/u.test(text) && text !== "." && text !== "..");
const entry: fc.Arbitrary<Entry> = fc
  .record({
    id: ownId,
    kind: fc.constantFrom(...entryKinds),
    parent: id,
    name,
    at: stamp,
    content: stamps.map((list) =>
      list.map((one, i) => ({ stamp: one, link: fakeLink(String(i)) })),
    ),
    live: stamps,
    gone: stamps,
  })
  .map(({ gone, ...rest }): Entry => (gone.length === 0 ? rest : { ...rest, gone }));

const runs = { seed: 6, numRuns: isLong ? 20_000 : 400 };

describe("an entry", () => {
  it("is read back from its key and its value, wherever it stands", () => {
    fc.assert(
      fc.property(entry, (made) => {
        for (const standsIn of [made.parent, rootId]) {
          const key = entryKey(standsIn, made.name, made.id);
          assert.deepEqual(decodeEntry(key, encodeEntry(made, standsIn)), made);
        }
      }),
      runs,
    );
  });

  it("has a key of parent, name, a zero and id", () => {
    fc.assert(
      fc.property(id, name, id, (parent, text, own) => {
        const prefix = concatBytes(parent, toUtf8(text), Uint8Array.of(0));
        assert.deepEqual(namePrefix(parent, text), prefix);
        assert.deepEqual(entryKey(parent, text, own), concatBytes(prefix, own));
      }),
      runs,
    );
  });

  const [parent, own] = [testId("parent"), testId("own")];
  const key = entryKey(parent, "name", own);
  const bytesOf = (counter: number): Uint8Array =>
    encodeStamp({ counter, writer: asWriterId(new Uint8Array(16)) });
  const [one, two] = [bytesOf(1), bytesOf(2)];
  const link = fakeLink("link");
  const malformed: [string, CborValue, RegExp][] = [
    ["of a negative kind", [-1, one, [], null, null, null], /the kind/u],
    ["with a field too many", [0, one, [], null, null, null, null], /a list of 6/u],
    ["with a stamp too short", [0, one.slice(1), [], null, null, null], /24 bytes/u],
    ["with a counter of 0", [0, bytesOf(0), [], null, null, null], /counter from 1/u],
    ["with a counter beyond 2^53 - 1", [0, bytesOf(2 ** 53), [], null, null, null], /2\^53 - 1/u],
    ["with its own parent written out", [0, one, [], parent, null, null], /only where it differs/u],
    ["neither in its parent nor in the root", [0, one, [], own, null, null], /or in the root/u],
    ["with a link of suite 0", [0, one, [one, link.with(0, 0)], null, null, null], /never was/u],
    ["with a parent of 15 bytes", [0, one, [], parent.slice(1), null, null], /16 bytes/u],
    [
      "with its life written out where it is its place",
      [0, one, [], null, [one], null],
      /differs/u,
    ],
    ["with a life out of order", [0, one, [], null, [two, one], null], /stamps in order/u],
    ["with a stamp twice", [0, one, [], null, [two, two], null], /stamps in order/u],
    [
      "with a stamp without a link",
      [0, one, [one], null, null, null],
      /a link in the content.*expected bytes/u,
    ],
    ["with a link of 64 bytes", [0, one, [one, link.slice(1)], null, null, null], /65 or 67/u],
    ["with contents out of order", [0, one, [two, link, one, link], null, null, null], /in order/u],
    ["with a stamp for its removals", [0, one, [], null, null, one], /a list/u],
    ["with an empty list of removals", [0, one, [], null, null, []], /removals or none/u],
    ["with removals out of order", [0, one, [], null, null, [two, one]], /stamps in order/u],
  ];
  for (const [text, value, message] of malformed) {
    it(`${text} is refused`, () =>
      refuses(() => decodeEntry(key, encodeCanonical(value)), "damaged", message));
  }

  const newer: [string, CborValue][] = [
    ["of a kind that is not known", [4, one, [], null, null, null]],
    [
      "with a link of a suite that is not known",
      [0, one, [one, link.with(0, 2)], null, null, null],
    ],
  ];
  for (const [text, value] of newer) {
    it(`${text} needs a newer IPCloud`, () =>
      refuses(() => decodeEntry(key, encodeCanonical(value)), "newer", /needs a newer IPCloud/u));
  }

  const atRoot = entryKey(rootId, "name", own);
  const misplaced: [string, "tree" | "removed", Uint8Array, CborValue][] = [
    ["a dead file in the tree", "tree", key, [0, one, [], null, [], [two]]],
    ["a living file among the removed", "removed", key, [0, one, [one, link], null, null, null]],
    ["a removed one away from its parent", "removed", atRoot, [1, one, [], parent, [], [two]]],
  ];
  for (const [text, map, where, value] of misplaced) {
    it(`is refused where it can't stand: ${text}`, () =>
      refuses(() => decodeEntry(where, encodeCanonical(value), map), "damaged"));
  }

  const keys: [string, Uint8Array, RegExp][] = [
    ["without a name", concatBytes(parent, Uint8Array.of(0), own), /1 to 255/u],
    ["with the root's id", entryKey(parent, "name", rootId), /the root's/u],
    ["without a zero", concatBytes(parent, toUtf8("name"), own), /a parent, a name/u],
    ["that is short", new Uint8Array(16), /a parent, a name/u],
    ["with a slash in it", concatBytes(parent, toUtf8("a/b\0"), own), /neither a slash/u],
    ["with a NUL in it", concatBytes(parent, toUtf8("a\0b\0"), own), /nor a NUL/u],
    ["of two dots", concatBytes(parent, toUtf8("..\0"), own), /stands for a folder/u],
    ["of bytes that are no UTF-8", concatBytes(parent, Uint8Array.of(0xff, 0), own), /UTF-8/u],
    ["of 256 bytes", entryKey(parent, "n".repeat(256), own), /1 to 255/u],
  ];
  for (const [text, bad, message] of keys) {
    it(`under a key ${text} is refused`, () => {
      const value = encodeCanonical([0, one, [], null, null, null]);
      return refuses(() => decodeEntry(bad, value), "damaged", message);
    });
  }
});

describe("a folder's place", () => {
  it("is read back, and refused where it is malformed", async () => {
    const place = {
      parent: testId("parent"),
      name: "näme",
      at: { counter: 3, writer: asWriterId(new Uint8Array(16)) },
    };
    assert.deepEqual(decodeFolder(encodeFolder(place)), place);
    const at = encodeStamp(place.at);
    const named = ["", ".", "a/b", "a/../\0", "n".repeat(256)];
    const bad: CborValue[] = [
      [],
      [place.parent, 5, at],
      [place.parent, "n", 1],
      ...named.map((text) => [place.parent, text, at]),
    ];
    for (const value of bad) {
      await refuses(() => decodeFolder(encodeCanonical(value)), "damaged", /a folder's place/u);
    }
  });
});
