import assert from "node:assert/strict";
import fc from "fast-check";
import { encodeCanonical } from "../../src/node/blocks/cbor.ts";
import type { BlockKey, Link } from "../../src/node/blocks/link.ts";
import {
  chunkBytes,
  chunkCount,
  decodeLinks,
  decodeRecord,
  encodeLinks,
  encodeRecord,
  indexDepth,
  indexFanout,
  maxFileBytes,
  maxInlineBytes,
  type VersionRecord,
} from "../../src/node/blocks/record.ts";
import { maxPayloadBytes } from "../../src/node/blocks/seal.ts";
import { asBlockId } from "../../src/node/core/ids.ts";
import { isLong } from "./random.ts";
import { refuses } from "./refuses.ts";
import { testKey } from "./test-maps.ts";

function links(count: number): Link[] {
  return Array.from({ length: count }, (_, i) => ({
    suite: 1,
    id: asBlockId(testKey(`id ${i.toString()}`)),
    key: testKey(`key ${i.toString()}`) as BlockKey,
  }));
}

/** Links at the top of a file's index: counted level by level. */
function linksAtTop(size: number): number {
  let count = Math.ceil(size / chunkBytes);
  while (count > indexFanout) count = Math.ceil(count / indexFanout);
  return count;
}

const mebibyte = 1024 * 1024;
const sizes = [
  [4097, 0, 1],
  [chunkBytes, 0, 1],
  [chunkBytes + 1, 0, 2],
  [256 * mebibyte, 0, 1024],
  [256 * mebibyte + 1, 1, 2],
  [256 * 1024 * mebibyte, 1, 1024],
  [256 * 1024 * mebibyte + 1, 2, 2],
  [2 ** 48, 2, 1024],
  [2 ** 48 + 1, 3, 2],
  [maxFileBytes, 3, 4],
] as const;

describe("a version record", () => {
  it("holds content of up to 4 KiB itself", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: maxInlineBytes }),
        fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
        fc.integer({ min: 0, max: 0o7777 }),
        (content, mtime, mode) => {
          const record = { size: content.length, mtime, mode, content };
          assert.deepEqual(decodeRecord(encodeRecord(record)), record);
        },
      ),
      { seed: 3, numRuns: isLong ? 20_000 : 300 },
    );
    const full = { size: 4096, mtime: 0, mode: 0, content: new Uint8Array(4096) };
    assert.deepEqual(decodeRecord(encodeRecord(full)), full);
  });

  for (const [size, depth, top] of sizes) {
    it(`of ${size.toString()} bytes has ${top.toString()} links, ${depth.toString()} levels above its chunks`, () => {
      assert.equal(indexDepth(size), depth);
      assert.equal(linksAtTop(size), top);
      const record: VersionRecord = { size, mtime: 5, mode: 0o644, content: links(top) };
      const payload = encodeRecord(record);
      assert.ok(payload.length <= maxPayloadBytes);
      assert.deepEqual(decodeRecord(payload), record);
    });
  }

  it("counts chunks", () => {
    assert.deepEqual([0, 1, chunkBytes, chunkBytes + 1, maxFileBytes].map(chunkCount), [
      0,
      1,
      1,
      2,
      2 ** 32,
    ]);
  });

  const bytes = new Uint8Array(2);
  const malformed: [string, unknown, RegExp][] = [
    ["more content than its size", [1, 1, 0, 0, bytes], /as much content/u],
    ["less content than its size", [1, 3, 0, 0, bytes], /as much content/u],
    ["content where links must stand", [1, 4097, 0, 0, new Uint8Array(4097)], /1 links/u],
    ["a link too many", [1, 4097, 0, 0, encodeLinks(links(2))], /1 links/u],
    ["a link too few", [1, 2 * chunkBytes, 0, 0, encodeLinks(links(1))], /2 links/u],
    ["a size beyond 2^50", [1, 2 ** 50 + 1, 0, 0, encodeLinks(links(4))], /the size/u],
    ["a size below zero", [1, -1, 0, 0, bytes], /the size/u],
    ["a mode beyond 0o7777", [1, 2, 0, 0o10000, bytes], /the mode/u],
    ["text for content", [1, 2, 0, 0, "ab"], /the content/u],
    ["a field too many", [1, 2, 0, 0, bytes, 0], /a list of 5/u],
    ["a field too few", [1, 2, 0, 0], /a list of 5/u],
    ["version 0", [0, 2, 0, 0, bytes], /version 1/u],
    ["a map for a list", { version: 1 }, /a list/u],
  ];
  for (const [name, value, message] of malformed) {
    it(`with ${name} is refused`, () =>
      refuses(
        () => decodeRecord(encodeCanonical(value as Parameters<typeof encodeCanonical>[0])),
        "damaged",
        message,
      ));
  }

  it("of a later version or suite needs a newer IPCloud", async () => {
    await refuses(() => decodeRecord(encodeCanonical([2, 2, 0, 0, bytes])), "newer");
    const later = encodeLinks(links(1).map((link) => ({ ...link, suite: 9 })));
    await refuses(() => decodeRecord(encodeCanonical([1, 4097, 0, 0, later])), "newer");
  });

  it("of a later version with other fields still says that it needs a newer IPCloud", () =>
    refuses(() => decodeRecord(encodeCanonical([2, 2, 0, 0, bytes, "more"])), "newer"));
});

describe("a block of the index", () => {
  it("is its links one after the other", async () => {
    const some = links(3);
    const payload = encodeLinks(some);
    assert.equal(payload.length, 195);
    assert.deepEqual(decodeLinks(payload, 3, "a block of the index"), some);
    await refuses(() => decodeLinks(payload, 2, "the block X"), "damaged", /X/u);
    await refuses(() => decodeLinks(payload.subarray(1), 3, "the block X"), "damaged", /X/u);
  });
});
