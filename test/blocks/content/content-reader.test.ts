import assert from "node:assert/strict";
import { ChunkIndex } from "../../../src/node/blocks/content/chunk-index.ts";
import { ContentReader } from "../../../src/node/blocks/content/content-reader.ts";
import { sealContent } from "../../../src/node/blocks/content/seal-content.ts";
import {
  type BlockKey,
  encodeLink,
  encodeRecordLink,
  type Link,
  type RecordLink,
} from "../../../src/node/blocks/link.ts";
import { PackWriter } from "../../../src/node/blocks/pack.ts";
import {
  chunkBytes,
  encodeLinks,
  encodeRecord,
  indexFanout,
  type VersionRecord,
} from "../../../src/node/blocks/record.ts";
import { sealInto } from "../../../src/node/blocks/seal-into.ts";
import { nodePrimitives } from "../../../src/node/platform/primitives.ts";
import { refuses } from "../refuses.ts";
import { MemoryBlocks, testBoundaryKey, testContentKey, testKey } from "../test-maps.ts";

const sealer = { primitives: nodePrimitives, contentKey: testContentKey };

/** A reader over memory, and what seals into it. */
function create() {
  const blocks = new MemoryBlocks();
  return {
    blocks,
    reader: new ContentReader({ primitives: nodePrimitives, blocks }),
    fresh: () => new ContentReader({ primitives: nodePrimitives, blocks }),
    seal: (kind: Parameters<typeof sealInto>[2], payload: Uint8Array) =>
      sealInto(sealer, blocks, kind, payload),
  };
}

/** Bytes of which no two stretches are alike. */
function numbered(length: number): Uint8Array {
  const numbers = new Uint32Array(Math.ceil(length / 4));
  for (let i = 0; i < numbers.length; i++) numbers[i] = Math.imul(i, 2_654_435_761);
  return new Uint8Array(numbers.buffer, 0, length);
}

function recordOf(size: number, content: VersionRecord["content"]): VersionRecord {
  return { size, mtime: 0, mode: 0o644, content };
}

/** The record of a file of chunks of zeros, each sealed once, but for some. */
function zeros(
  { blocks, seal }: ReturnType<typeof create>,
  size: number,
  others: ReadonlyMap<number, Uint8Array>,
): VersionRecord {
  const count = Math.ceil(size / chunkBytes);
  const whole = encodeLink(seal("content", new Uint8Array(chunkBytes)));
  const rest = encodeLink(seal("content", new Uint8Array(size - (count - 1) * chunkBytes)));
  const index = new ChunkIndex((payload) => encodeLink(sealInto(sealer, blocks, "index", payload)));
  for (let i = 0; i < count; i++) {
    const other = others.get(i);
    if (other !== undefined) index.add(encodeLink(seal("content", other)));
    else index.add(i === count - 1 ? rest : whole);
  }
  return recordOf(size, index.end());
}

describe("a reader of content", () => {
  it("reads any stretch of a file, and only the chunks that it lies in", async () => {
    const test = create();
    const bytes = numbered(3 * chunkBytes + 1234);
    const { size, content } = sealContent(sealer, test.blocks, bytes);
    const record = recordOf(size, content);
    for (const [offset, length] of [
      [0, size],
      [chunkBytes - 1, 2],
      [chunkBytes, chunkBytes],
      [3 * chunkBytes + 1233, 10],
      [size, 1],
      [size + 5, 7],
      [17, 0],
    ] as const) {
      const read = await test.reader.read(record, offset, length);
      assert.deepEqual(
        read,
        bytes.slice(offset, offset + length),
        `${offset.toString()} ${length.toString()}`,
      );
    }
    test.blocks.reads = 0;
    await test.fresh().read(record, 2 * chunkBytes - 5, 5);
    assert.equal(test.blocks.reads, 1);
  });

  it("goes down one computed step for each level of the index", async () => {
    for (const depth of [1, 2]) {
      const test = create();
      const count = indexFanout ** depth + 1;
      const size = (count - 1) * chunkBytes + 3;
      const marked = new Uint8Array(chunkBytes).fill(7);
      const last = new Uint8Array(3).fill(9);
      const at = indexFanout ** depth - 1;
      const record = zeros(
        test,
        size,
        new Map([
          [at, marked],
          [count - 1, last],
        ]),
      );
      test.blocks.reads = 0;
      const read = await test.reader.read(record, at * chunkBytes + chunkBytes - 2, 100);
      assert.deepEqual([...read], [7, 7, 9, 9, 9]);
      // The two chunks lie below different blocks on every level.
      assert.equal(test.blocks.reads, 2 * (depth + 1));
      const links = await test.reader.chunkLinks(record, at, 2);
      assert.deepEqual(links.length, 2);
    }
  });

  it("refuses chunks and index blocks that are not as long as their place calls for", async () => {
    const test = create();
    const size = chunkBytes + 5;
    const short = test.seal("content", new Uint8Array(chunkBytes - 1));
    const rest = test.seal("content", new Uint8Array(5));
    await refuses(
      () => test.reader.read(recordOf(size, [short, rest]), 0, 1),
      "damaged",
      /length/u,
    );
    // The same block is right at one place and wrong at another, whether or not it is held already.
    const whole = test.seal("content", new Uint8Array(chunkBytes));
    await test.reader.read(recordOf(size, [whole, rest]), 0, size);
    await refuses(() => test.reader.read(recordOf(size, [whole, whole]), chunkBytes, 1), "damaged");
    const large = (indexFanout + 1) * chunkBytes;
    const top = [
      test.seal("index", encodeLinks([whole])),
      test.seal("index", encodeLinks([whole])),
    ];
    await refuses(() => test.reader.read(recordOf(large, top), 0, 1), "damaged", /1024 links/u);
    assert.equal((await test.reader.read(recordOf(large, top), large - 1, 9)).length, 1);
  });

  it("takes a block for what a link says it is, and opens it to nobody else", async () => {
    const test = create();
    const payload = encodeRecord(recordOf(3, new Uint8Array(3)));
    const link = test.seal("record", payload);
    const foreign: Link = { ...link, key: testKey("another key") as BlockKey };
    for (const reader of [test.reader, test.fresh()]) {
      if (reader === test.reader) await reader.record(encodeRecordLink(link));
      await refuses(() => reader.record(encodeRecordLink(foreign)), "damaged", /another key/u);
      await refuses(() => reader.recordPayload({ ...link, place: 0 }), "damaged", /pack/u);
      const asContent = recordOf(chunkBytes + payload.length, [link, link]);
      await refuses(() => reader.read(asContent, chunkBytes, 1), "damaged", /content block/u);
    }
  });

  it("opens a pack once for all of its records, and a record that it was told of not at all", async () => {
    const test = create();
    const links: RecordLink[] = [];
    const packs = new PackWriter(nodePrimitives, testBoundaryKey, test.seal);
    for (let i = 0; i < 5; i++) {
      packs.add(encodeRecord(recordOf(1, Uint8Array.of(i))), (link) => links.push(link));
    }
    packs.close();
    test.blocks.reads = 0;
    for (const [i, link] of links.entries()) {
      const { content } = await test.reader.record(encodeRecordLink(link));
      assert.deepEqual(content, Uint8Array.of(i));
    }
    assert.equal(test.blocks.reads, 1);
    await refuses(
      () => test.reader.recordPayload({ ...(links[0] as RecordLink), place: 5 }),
      "damaged",
    );
    const known = encodeRecord(recordOf(2, new Uint8Array(2)));
    const link = sealInto(sealer, new MemoryBlocks(), "record", known);
    test.reader.remember(link, known);
    assert.equal((await test.reader.record(encodeRecordLink(link))).size, 2);
  });
});
