import assert from "node:assert/strict";
import type { SealedBlock } from "../../src/node/blocks/ports.ts";
import { compareBytes } from "../../src/node/core/bytes.ts";
import { openStore } from "../../src/node/store/open-store.ts";
import type { FilePlace, Store, StoreBatch } from "../../src/node/store/store.ts";
import { shuffled } from "../blocks/random.ts";
import { inTemporaryFolder, seededBlock, seededRandom } from "./blocks.ts";

/** Some blocks of few lengths, in no order. */
function blocksOf(lengths: readonly number[], count: number): SealedBlock[] {
  const blocks = Array.from({ length: count }, (_, i) =>
    seededBlock(i, lengths[i % lengths.length] ?? 0),
  );
  return shuffled(seededRandom(3), blocks);
}

async function stored(
  blocks: readonly SealedBlock[],
  look: (store: Store) => void,
  meanwhile: (batch: StoreBatch) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const store = await openStore(folder);
    const batch = store.begin();
    for (const block of blocks) {
      batch.put(block);
      await meanwhile(batch);
    }
    await batch.commit();
    assert.equal(store.usage().blocks, blocks.length);
    look(store);
    assert.deepEqual((await store.check()).problems, []);
    for (const { id, bytes } of blocks) assert.deepEqual(await store.get(id), bytes);
    await store.close();
  });
}

function placesOf(store: Store, blocks: readonly SealedBlock[]): FilePlace[] {
  return blocks.flatMap(({ id }) => store.locate(id) ?? []);
}

describe("the order of what one batch wrote", () => {
  it("is that of hashes in the table, whether or not it was flushed meanwhile", async () => {
    const blocks = blocksOf([300, 900, 5000, 20_000], 300);
    for (const flushes of [false, true]) {
      await stored(
        blocks,
        (store) => {
          const ids = [...store.ids()];
          assert.deepEqual(ids, [...ids].sort(compareBytes));
        },
        (batch) => (flushes ? batch.flush() : Promise.resolve()),
      );
    }
  });

  it("is that of lengths in a segment, and within one length that in which they came", async () => {
    const blocks = blocksOf([20_000, 40_000, 30_000], 60);
    await stored(blocks, (store) => {
      const places = placesOf(store, blocks);
      assert.equal(places.length, blocks.length);
      const found = [...places].sort((a, b) => a.offset - b.offset);
      const expected = [...places].sort((a, b) => a.length - b.length);
      assert.deepEqual(found, expected);
    });
  });

  it("has many small blocks follow one another in a segment, not in half-empty pages", async () => {
    const blocks = blocksOf([2000, 3000, 900], 900);
    await stored(blocks, (store) => {
      const places = placesOf(store, blocks);
      assert.equal(places.length, 600);
      const lengths = [...places].sort((a, b) => a.offset - b.offset).map(({ length }) => length);
      assert.deepEqual(
        lengths,
        [...lengths].sort((a, b) => a - b),
      );
      const { blockBytes, diskBytes } = store.usage();
      assert.ok(diskBytes < 1.6 * blockBytes, `${diskBytes.toString()} on disk`);
    });
  });
});
