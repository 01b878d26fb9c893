import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { ChunkIndex } from "../../src/node/blocks/content/chunk-index.ts";
import {
  decodeRecordLink,
  encodeLink,
  encodeRecordLink,
  type RecordLink,
} from "../../src/node/blocks/link.ts";
import { MapDraft } from "../../src/node/blocks/map-draft.ts";
import { PackWriter } from "../../src/node/blocks/pack.ts";
import { chunkBytes, encodeRecord } from "../../src/node/blocks/record.ts";
import { sealInto } from "../../src/node/blocks/seal-into.ts";
import { toHex, toUtf8 } from "../../src/node/core/bytes.ts";
import { CloudError } from "../../src/node/core/cloud-error.ts";
import type { BlockId } from "../../src/node/core/ids.ts";
import type { Part } from "../../src/node/history/children.ts";
import { encodeRevision } from "../../src/node/history/revision.ts";
import type { Tip } from "../../src/node/history/tip.ts";
import { walk } from "../../src/node/history/walk.ts";
import type { Edit } from "../../src/node/tree/edit.ts";
import { resolveTarget } from "../../src/node/tree/lookup.ts";
import { put } from "../../src/node/tree/put.ts";
import { walkAll } from "../support/walk-all.ts";
import { fakeLink } from "../tree/test-trees.ts";
import { changeAs, createTestSpace, type TestSpace } from "./test-spaces.ts";

const mtime = 1;
const mode = 0o644;

/** A file of `chunks` chunks and a byte, all chunks but the last the same block. */
function sealLarge({ sealer, blocks }: TestSpace, chunks: number): RecordLink {
  const whole = sealInto(sealer, blocks, "content", new Uint8Array(chunkBytes));
  const rest = sealInto(sealer, blocks, "content", Uint8Array.of(1));
  const index = new ChunkIndex((payload) => encodeLink(sealInto(sealer, blocks, "index", payload)));
  for (let i = 0; i < chunks; i++) index.add(encodeLink(whole));
  index.add(encodeLink(rest));
  const record = { size: chunks * chunkBytes + 1, mtime, mode, content: index.end() };
  return sealInto(sealer, blocks, "record", encodeRecord(record));
}

/** Records of one chunk each, packed. */
function sealPack({ sealer, blocks }: TestSpace, count: number): RecordLink[] {
  const links: RecordLink[] = [];
  const packs = new PackWriter(sealer.primitives, sealer.boundaryKey, (kind, payload) =>
    sealInto(sealer, blocks, kind, payload),
  );
  for (let i = 0; i < count; i++) {
    const chunk = toUtf8(i.toString().padStart(5000, "."));
    const content = [sealInto(sealer, blocks, "content", chunk)];
    const record = encodeRecord({ size: chunk.length, mtime, mode, content });
    packs.add(record, (link) => links.push(link));
  }
  packs.close();
  return links;
}

async function putAt(edit: Edit, path: string, link: RecordLink): Promise<void> {
  const target = await resolveTarget(edit.draft, path);
  await put(edit, target, { kind: "file", link: encodeRecordLink(link) });
}

/** Files in folders, over two changes, with packs and an index in them. */
async function sampleTip(space: TestSpace): Promise<Tip> {
  const packed = sealPack(space, 5);
  const first = await changeAs(space, undefined, "a", async (edit) => {
    for (const [i, link] of packed.entries()) await putAt(edit, `/${i.toString()}`, link);
  });
  return changeAs(space, first, "a", async (edit) => {
    await putAt(edit, "/large", sealLarge(space, 1025));
  });
}

const nameOf = ({ link, kind }: Part): string => `${kind} ${toHex(link.id)}`;

describe("a walk over what is retained", () => {
  it("meets the same, however many blocks it asks for at a time", async () => {
    const space = createTestSpace();
    const tip = await sampleTip(space);
    const one = await walkAll(space.sealer, tip.link, { content: true });
    const eight = await walkAll(space.sealer, tip.link, { content: true, concurrency: 8 });
    assert.deepEqual([one.damaged, eight.damaged], [[], []]);
    assert.deepEqual(eight.parts.map(nameOf).sort(), one.parts.map(nameOf).sort());
    const kinds = Map.groupBy(one.parts, ({ kind }) => kind);
    assert.deepEqual(
      ["revision", "state", "record", "pack", "index", "content"].map(
        (kind) => kinds.get(kind as Part["kind"])?.length,
      ),
      [1, 2, 1, 1, 2, 7], // of the large file: two blocks of the index, two different chunks
    );
    assert.equal(one.parts[0]?.kind, "revision");
    assert.equal(one.parts[1]?.kind, "state", "the newest state comes before what shows the past");
  });

  it("asks for as many blocks at a time as it may", async () => {
    const space = createTestSpace();
    const tip = await sampleTip(space);
    let reading = 0;
    let most = 0;
    const slow = {
      ...space.sealer,
      blocks: {
        get: async (id: BlockId) => {
          most = Math.max(most, ++reading);
          await nextTurn();
          reading--;
          return space.blocks.get(id);
        },
      },
    };
    for (const concurrency of [1, 3]) {
      most = 0;
      await walkAll(slow, tip.link, { content: true, concurrency });
      assert.equal(most, concurrency);
    }
  });

  it("names chunks without reading them", async () => {
    const space = createTestSpace();
    const tip = await sampleTip(space);
    const { parts } = await walkAll(space.sealer, tip.link, { content: true });
    const read: string[] = [];
    const noting = {
      ...space.sealer,
      blocks: {
        get: (id: BlockId) => {
          read.push(toHex(id));
          return space.blocks.get(id);
        },
      },
    };
    const named = await walkAll(noting, tip.link, { content: false });
    assert.deepEqual(named.parts.map(nameOf), parts.map(nameOf));
    const others = parts.filter(({ kind }) => kind !== "content");
    assert.deepEqual(
      read,
      others.map(({ link }) => toHex(link.id)),
    );
  });

  it("looks into the records of a pack that it was asked for, or into all", async () => {
    const space = createTestSpace();
    const [first, second] = sealPack(space, 3) as [RecordLink, RecordLink];
    const tip = await changeAs(space, undefined, "a", async (edit) => {
      await putAt(edit, "/first", first);
    });
    const chunksOf = async (packs: "whole" | "own"): Promise<number> => {
      const { parts } = await walkAll(space.sealer, tip.link, { content: false, packs });
      return parts.filter(({ kind }) => kind === "content").length;
    };
    assert.equal(await chunksOf("own"), 1);
    assert.equal(await chunksOf("whole"), 3);
    assert.notEqual(first.place, second.place);
  });

  it("tells of a link beyond the end of a pack, whichever of two was met first", async () => {
    for (const paths of [
      ["/a", "/b"],
      ["/b", "/a"],
    ] as const) {
      const space = createTestSpace();
      const [sound] = sealPack(space, 3) as [RecordLink];
      const tip = await changeAs(space, undefined, "a", async (edit) => {
        await putAt(edit, paths[0], sound);
        await putAt(edit, paths[1], { ...sound, place: 3 });
      });
      const { damaged } = await walkAll(space.sealer, tip.link, { content: true });
      const told = damaged.map(({ part, error }) => [toHex(part.link.id), error.message]);
      assert.deepEqual(told, [[toHex(sound.id), "a link points to record 3 of a pack of 3"]]);
    }
  });

  it("tells of an item that makes no sense, and goes through the others", async () => {
    const space = createTestSpace();
    const { sealer, blocks } = space;
    const tip = await sampleTip(space);
    const tags = new MapDraft(sealer, undefined);
    tags.set(toUtf8("not a tag"), new Uint8Array(1));
    const root = await tags.flush(blocks);
    const link = sealInto(
      sealer,
      blocks,
      "revision",
      encodeRevision({ ...tip.revision, tags: root }),
    );
    const sound = await walkAll(sealer, tip.link, { content: true });
    const { parts, damaged } = await walkAll(sealer, link, { content: true });
    assert.deepEqual(
      damaged.map(({ part, error }) => [part.kind, error.code]),
      [["mapNode", "damaged"]],
    );
    assert.equal(parts.length, sound.parts.length + 1);
  });

  it("passes over what is missing or too short, with the way to it", async () => {
    const space = createTestSpace();
    const { sealer, blocks } = space;
    const chunk = sealInto(sealer, blocks, "content", Uint8Array.of(1, 2, 3));
    const record = encodeRecord({ size: 5000, mtime, mode, content: [chunk] });
    const short = sealInto(sealer, blocks, "record", record);
    const tip = await changeAs(space, undefined, "a", async (edit) => {
      await putAt(edit, "/gone", decodeRecordLink(fakeLink("gone")));
      await putAt(edit, "/short", short);
    });
    const { damaged } = await walkAll(sealer, tip.link, { content: true });
    const told = damaged.map(({ part, error }) => [part.kind, error.code]);
    assert.deepEqual(told, [
      ["record", "not-found"],
      ["content", "damaged"],
    ]);
  });

  it("loses no error of several reads that end at once", async () => {
    const space = createTestSpace();
    const parts = Array.from({ length: 4 }, (_, i): Part => {
      const link = sealInto(space.sealer, space.blocks, "content", Uint8Array.of(i));
      return { kind: "content", link, size: 1, depth: 0, holder: undefined };
    });
    for (const failing of parts) {
      const refused = new CloudError("unavailable", "no more");
      const all = Promise.withResolvers<undefined>();
      let begun = 0;
      const walking = walk(
        space.sealer,
        parts,
        { enter: () => true, damaged: () => undefined, step: () => Promise.resolve() },
        {
          content: true,
          packs: "own",
          concurrency: 4,
          open: async (part) => {
            begun++;
            if (begun === parts.length) all.resolve(undefined);
            await all.promise;
            if (part === failing) throw refused;
            return Uint8Array.of(1);
          },
        },
      );
      await assert.rejects(walking, refused);
    }
  });

  it("ends with what the source of blocks throws, once nothing is being read", async () => {
    const space = createTestSpace();
    const tip = await sampleTip(space);
    let reading = 0;
    let reads = 0;
    const failing = {
      ...space.sealer,
      blocks: {
        get: async (id: BlockId) => {
          reading++;
          const read = ++reads;
          await nextTurn();
          if (read !== 8) await nextTurn();
          reading--;
          if (read === 8) throw new CloudError("storage", "the disk is gone");
          return space.blocks.get(id);
        },
      },
    };
    const from: Part[] = [{ kind: "revision", link: tip.link }];
    const visitor = {
      enter: () => true,
      damaged: (_: Part, error: Error) => assert.fail(error.message),
      step: () => Promise.resolve(),
    };
    await assert.rejects(
      walk(failing, from, visitor, { content: true, packs: "whole", concurrency: 4 }),
      /the disk is gone/,
    );
    assert.equal(reading, 0);
  });
});
