import assert from "node:assert/strict";
import type { EncodedRecordLink } from "../../src/node/blocks/link.ts";
import { createNodeCache } from "../../src/node/blocks/node-cache.ts";
import type { BlockPutter, SealedBlock } from "../../src/node/blocks/ports.ts";
import { joinTips } from "../../src/node/history/join.ts";
import { rebase } from "../../src/node/history/rebase.ts";
import type { Tip } from "../../src/node/history/tip.ts";
import type { Edit } from "../../src/node/tree/edit.ts";
import type { Target } from "../../src/node/tree/lookup.ts";
import { putAll } from "../../src/node/tree/put.ts";
import { isLong } from "../blocks/random.ts";
import { fakeLink } from "../tree/test-trees.ts";
import {
  changeAs,
  createTestSpace,
  putFile,
  putFolder,
  type TestSpace,
  writerOf,
} from "./test-spaces.ts";

const filesInFolder = 100;
const differing = 11;

/** A drive of `size` files, a hundred in a folder. */
async function fill(space: TestSpace, size: number): Promise<Tip> {
  return changeAs(space, undefined, "a", async (edit) => {
    const puts: { target: Target; content: { kind: "file"; link: EncodedRecordLink } }[] = [];
    for (let i = 0; i < size / filesInFolder; i++) {
      const { id } = await putFolder(edit, `/${i.toString()}`);
      for (let j = 0; j < filesInFolder; j++) {
        const link = fakeLink(`${i.toString()}/${j.toString()}`);
        const target = { parent: id, name: j.toString(), entry: undefined };
        puts.push({ target, content: { kind: "file", link } });
      }
    }
    await putAll(edit, puts);
  });
}

/** Writes some files, spread over the whole drive. */
async function writeSome(edit: Edit, size: number, offset: number): Promise<void> {
  for (let i = 0; i < differing; i++) {
    const at = Math.floor((size * (2 * i + offset)) / (2 * differing));
    const folder = Math.floor(at / filesInFolder).toString();
    await putFile(edit, `/${folder}/${(at % filesInFolder).toString()}`, `new ${at.toString()}`);
  }
}

interface Cost {
  readonly reads: number;
  readonly seals: number;
}

/** What joining costs with nothing in memory: nodes read and blocks sealed. */
async function measure(
  space: TestSpace,
  join: (cold: TestSpace["sealer"], putter: BlockPutter) => Promise<unknown>,
): Promise<Cost> {
  const before = space.blocks.reads;
  let seals = 0;
  const putter: BlockPutter = {
    put: (block: SealedBlock) => {
      seals++;
      space.blocks.put(block);
    },
  };
  await join({ ...space.sealer, cache: createNodeCache(2 ** 30) }, putter);
  return { reads: space.blocks.reads - before, seals };
}

describe("the cost of a join", function () {
  this.timeout(isLong ? 600_000 : 60_000);

  it("grows with what differs, and with the height of the maps, not with the drive", async () => {
    const costs: { size: number; join: Cost; rebase: Cost }[] = [];
    for (const size of isLong ? [1000, 10_000, 100_000] : [1000, 10_000]) {
      const space = createTestSpace();
      const base = await fill(space, size);
      const a = await changeAs(space, base, "a", (edit) => writeSome(edit, size, 0));
      const b = await changeAs(space, base, "b", (edit) => writeSome(edit, size, 1));
      const join = await measure(space, (cold, putter) => joinTips(cold, putter, a, b));
      const as = { writer: writerOf("a"), time: 1_000_000 };
      const rebased = await measure(space, (cold, putter) => rebase(cold, putter, a, b, as));
      costs.push({ size, join, rebase: rebased });
    }
    for (const [i, { size, join, rebase: rebased }] of costs.entries()) {
      const smaller = costs[i - 1];
      if (smaller === undefined) continue;
      // Ten times the drive is less than one level more of each map.
      const text = JSON.stringify(costs);
      for (const count of ["reads", "seals"] as const) {
        assert.ok(join[count] < 2 * smaller.join[count], `${size.toString()}: ${text}`);
        assert.ok(rebased[count] < 2 * smaller.rebase[count], `${size.toString()}: ${text}`);
      }
    }
    if (isLong) process.stdout.write(`${JSON.stringify(costs)}\n`);
  });

  it("is nothing where one has seen all that the other has", async () => {
    const space = createTestSpace();
    const base = await fill(space, 1000);
    const a = await changeAs(space, base, "a", (edit) => writeSome(edit, 1000, 0));
    const { reads, seals } = await measure(space, (cold, putter) =>
      joinTips(cold, putter, a, base),
    );
    assert.deepEqual({ reads, seals }, { reads: 0, seals: 0 });
  });
});
