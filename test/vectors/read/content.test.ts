import assert from "node:assert/strict";
import { toHex } from "../../../src/node/core/bytes.ts";
import type { CloudErrorCode } from "../../../src/node/core/cloud-error.ts";
import { followLinks } from "../../../src/node/core/follow-links.ts";
import { ContentReader } from "../../../src/node/blocks/content/content-reader.ts";
import { openChunk } from "../../../src/node/blocks/content/open-content.ts";
import { decodeRecordLink, encodeRecordLink } from "../../../src/node/blocks/link.ts";
import { nodePrimitives as primitives } from "../../../src/node/platform/primitives.ts";
import { refuses } from "../../blocks/refuses.ts";
import { MemoryBlocks } from "../../blocks/test-maps.ts";
import { bytesOf } from "../make/common.make.ts";
import { type BlockSpec, makeContent, portOf, sealSpec } from "../make/blocks/content.make.ts";
import { readVectors } from "../vector-file.ts";

interface Given {
  readonly name: string;
  readonly link: string;
  readonly blocks: readonly BlockSpec[];
}

describe("vectors of content", () => {
  const file = readVectors("content") as {
    readonly files: readonly (Given & {
      readonly reads: readonly { offset: number; length: number; bytes: number; sha256: string }[];
    })[];
    readonly refused: readonly (Given & { offset: number; length: number; code: CloudErrorCode })[];
    readonly standing: Readonly<Record<string, string | null>>;
    readonly ways: readonly { path: string; last: boolean; to?: string; code?: CloudErrorCode }[];
  };

  it("are what is written today", async () => {
    assert.deepEqual(file, await makeContent());
  });

  function readerOf({ link, blocks }: Given) {
    const memory = new MemoryBlocks();
    for (const spec of blocks) sealSpec(memory, spec);
    const reader = new ContentReader({ primitives, blocks: memory });
    const encoded = encodeRecordLink(decodeRecordLink(bytesOf(link)));
    const read = async (offset: number, length: number): Promise<Uint8Array> =>
      reader.read(await reader.record(encoded), offset, length);
    return { reader, memory, encoded, read };
  }

  for (const given of file.files) {
    it(`are read: ${given.name}`, async () => {
      const { read } = readerOf(given);
      for (const { offset, length, bytes, sha256 } of given.reads) {
        const found = await read(offset, length);
        assert.deepEqual([found.length, toHex(primitives.sha256(found))], [bytes, sha256]);
      }
    });
  }

  for (const given of file.refused) {
    it(`are refused: ${given.name}`, () =>
      refuses(() => readerOf(given).read(given.offset, given.length), given.code));
  }

  it("have chunks that are refused alone as well, and links one after the other", async () => {
    const given = file.files.find(({ name }) => name === "of seven chunks") ?? assert.fail();
    const { reader, memory, encoded } = readerOf(given);
    const links = await reader.chunkLinks(await reader.record(encoded), 2, 5);
    const [last] = links.slice(-1);
    assert.ok(last !== undefined);
    const sealed = await memory.get(last.id);
    assert.equal(toHex(openChunk(primitives, last, sealed, 5)), "0102030405");
    await refuses(() => openChunk(primitives, last, sealed, 6), "damaged");
  });

  for (const { path, last, to, code } of file.ways) {
    it(`lead ${last ? "to the end of" : "to"} ${path}`, async () => {
      const follow = (): Promise<string> => followLinks(portOf(file.standing), path, last);
      if (code === undefined) assert.equal(await follow(), to);
      else await refuses(follow, code);
    });
  }
});
