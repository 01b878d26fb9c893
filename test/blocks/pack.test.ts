import assert from "node:assert/strict";
import { encodeCanonical } from "../../src/node/blocks/cbor.ts";
import type { Link, RecordLink } from "../../src/node/blocks/link.ts";
import {
  decodePack,
  encodePack,
  maxPackBytes,
  PackWriter,
  recordAt,
} from "../../src/node/blocks/pack.ts";
import { type BlockKind, openBlock, sealBlock } from "../../src/node/blocks/seal.ts";
import { equalBytes } from "../../src/node/core/bytes.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { below, randomBytes, seeded } from "./random.ts";
import { refuses } from "./refuses.ts";
import { MemoryBlocks, testBoundaryKey, testContentKey } from "./test-maps.ts";

/** Packs records. @returns their links in order, and what was sealed. */
function pack(
  records: readonly Uint8Array[],
  blocks = new MemoryBlocks(),
): { links: RecordLink[]; sealed: { kind: BlockKind; payload: Uint8Array }[] } {
  const links: RecordLink[] = [];
  const sealed: { kind: BlockKind; payload: Uint8Array }[] = [];
  const writer = new PackWriter(nodePrimitives, testBoundaryKey, (kind, payload): Link => {
    const { link, block } = sealBlock(nodePrimitives, testContentKey, kind, payload, true);
    blocks.put(block);
    sealed.push({ kind, payload });
    return link;
  });
  records.forEach((record, i) => {
    writer.add(record, (link) => {
      assert.equal(links[i], undefined);
      links[i] = link;
    });
  });
  writer.close();
  return { links, sealed };
}

async function read(blocks: MemoryBlocks, link: RecordLink): Promise<Uint8Array> {
  const bytes = await blocks.get(link.id);
  const { place } = link;
  if (place === undefined) return openBlock(nodePrimitives, link, "record", bytes);
  return recordAt(decodePack(openBlock(nodePrimitives, link, "pack", bytes)), place);
}

function someRecords(seed: number, count: number, maxBytes: number): Uint8Array[] {
  const random = seeded(seed);
  return Array.from({ length: count }, () => randomBytes(random, 6 + below(random, maxBytes)));
}

describe("a pack of records", () => {
  it("gives back every record at the place that its link tells", async () => {
    const blocks = new MemoryBlocks();
    const records = someRecords(1, 1500, 900);
    const { links, sealed } = pack(records, blocks);
    for (const [i, record] of records.entries()) {
      assert.ok(equalBytes(await read(blocks, links[i] as RecordLink), record));
    }
    assert.ok(sealed.length < 60);
  });

  it("holds at most 64 KiB of records, and 16 KiB at least where a boundary closed it", () => {
    const { sealed } = pack(someRecords(2, 4000, 700));
    const sizes = sealed
      .filter(({ kind }) => kind === "pack")
      .map(({ payload }) => decodePack(payload).reduce((sum, { length }) => sum + length, 0));
    assert.ok(sizes.every((size) => size <= maxPackBytes));
    assert.ok(sizes.slice(0, -1).every((size) => size >= 16 * 1024));
    assert.ok(sizes.some((size) => size < 48 * 1024));
  });

  it("is mostly the same where one record of many is another", () => {
    const records = someRecords(3, 3000, 500);
    const before = new Set(pack(records).links.map(({ id }) => id.join()));
    const changed = records.map((record, i) => (i === 700 ? Uint8Array.of(1, 2, 3) : record));
    const fresh = pack(changed).links.filter(({ id }) => !before.has(id.join()));
    assert.ok(fresh.length > 0 && fresh.length < 600);
  });

  it("is not made of one record, nor of a large one", () => {
    const large = new Uint8Array(16 * 1024 + 1);
    const { links, sealed } = pack([large, Uint8Array.of(1)]);
    assert.deepEqual(
      sealed.map(({ kind }) => kind),
      ["record", "record"],
    );
    assert.deepEqual(
      links.map(({ place }) => place),
      [undefined, undefined],
    );
    const inPack = pack([large.subarray(1), Uint8Array.of(1)]);
    assert.deepEqual(
      inPack.sealed.map(({ kind }) => kind),
      ["pack"],
    );
  });

  it("is nothing when nothing was added", () => {
    assert.deepEqual(pack([]), { links: [], sealed: [] });
  });

  it("is refused when it is malformed", async () => {
    const cases: [Parameters<typeof encodeCanonical>[0], RegExp][] = [
      [[], /2 to 65,536 records/u],
      [[new Uint8Array(1)], /2 to 65,536 records/u],
      [new Array<Uint8Array>(65_537).fill(new Uint8Array(0)), /2 to 65,536 records/u],
      [[new Uint8Array(1), "text"], /bytes/u],
      [[new Uint8Array(1), 5], /bytes/u],
      [{ 0: new Uint8Array(1) }, /a list/u],
    ];
    for (const [value, message] of cases) {
      await refuses(() => decodePack(encodeCanonical(value)), "damaged", message);
    }
    assert.equal(
      decodePack(encodePack(new Array<Uint8Array>(65_536).fill(new Uint8Array(0)))).length,
      65_536,
    );
  });

  it("is refused by a link that points beyond its end", () =>
    refuses(
      () => recordAt([Uint8Array.of(1), Uint8Array.of(2)], 2),
      "damaged",
      /record 2 of a pack of 2/u,
    ));
});
