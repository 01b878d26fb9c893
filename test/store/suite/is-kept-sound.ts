import assert from "node:assert/strict";
import { it } from "mocha";
import { equalBytes, toHex } from "../../../src/node/core/bytes.ts";
import { showCid } from "../../../src/node/core/cid.ts";
import { seededBlock } from "../blocks.ts";
import { putAll, refuses } from "../checks.ts";
import {
  blocks,
  empty,
  flip,
  holds,
  large,
  type StoreAtHand,
  sizes,
  small,
} from "./store-at-hand.ts";

/** Damage, checks and collections. */
export function isKeptSound(at: StoreAtHand): void {
  for (const [what, change] of [
    ["a flipped bit", flip],
    ["a cut end", (bytes: Uint8Array) => bytes.subarray(0, -1)],
    ["no bytes", () => new Uint8Array(0)],
    ["another block's bytes", () => seededBlock(99, 300_000).bytes],
  ] as const) {
    it(`never serves a block with ${what}, and takes it in again`, async () => {
      for (const block of [small, large]) {
        await putAll(at.store, ...blocks);
        await at.damage(block, change);
        await refuses("damaged", () => at.store.get(block.id), new RegExp(showCid(block.id)));
        assert.equal(at.store.has(block.id), false);
        await refuses("damaged", () => at.store.get(block.id), new RegExp(showCid(block.id)));
        assert.equal(at.store.usage().quarantined, 1);
        await at.reopen();
        assert.equal([...at.store.ids()].length, blocks.length);
        for (const { id, bytes } of blocks) {
          if (id !== block.id) assert.ok(equalBytes(await at.store.get(id), bytes));
        }
        await refuses("damaged", () => at.store.get(block.id));
        await putAll(at.store, block);
        await holds(at.store, blocks);
        assert.equal(at.store.usage().quarantined, 0);
        await at.reopen();
        await holds(at.store, blocks);
        const bytes = sizes.reduce((sum, size) => sum + size, 0);
        assert.deepEqual(
          [at.store.usage().blocks, at.store.usage().blockBytes],
          [blocks.length, bytes],
        );
      }
    });
  }

  it("checks every block, names the damaged ones and quarantines them", async () => {
    await putAll(at.store, ...blocks);
    await at.damage(small);
    await at.damage(large, (bytes) => bytes.subarray(1));
    const progress: number[] = [];
    const report = await at.store.check({ onProgress: (done) => progress.push(done) });
    assert.equal(report.blocks, blocks.length);
    assert.deepEqual(
      report.damaged.map(toHex).sort(),
      [small, large].map(({ id }) => toHex(id)).sort(),
    );
    assert.deepEqual(report.problems, []);
    assert.equal(progress.at(-1), blocks.length);
    assert.equal(at.store.has(small.id), false);
    assert.equal(at.store.usage().quarantined, 2);
    await at.damage(small, flip);
    const again = await at.store.check();
    assert.deepEqual(again.damaged.map(toHex), [toHex(large.id)], "what became right is let go");
    assert.ok(at.store.has(small.id));
  });

  it("lets a block go whose bytes are right again when it is read", async () => {
    await putAll(at.store, ...blocks);
    for (const block of [small, large]) {
      await at.damage(block, flip);
      await refuses("damaged", () => at.store.get(block.id));
      await at.damage(block, flip);
      assert.deepEqual(await at.store.get(block.id), block.bytes);
      assert.ok(at.store.has(block.id));
      assert.equal(at.store.usage().quarantined, 0);
      await at.reopen();
      assert.ok(at.store.has(block.id));
    }
  });

  it("stops a check when it is asked to", async () => {
    await putAll(at.store, ...blocks);
    await refuses("cancelled", () => at.store.check({ signal: AbortSignal.abort() }));
  });

  it("collects what was not marked, damaged blocks too", async () => {
    await putAll(at.store, ...blocks);
    await at.damage(small);
    await refuses("damaged", () => at.store.get(small.id));
    const run = at.store.collect();
    assert.equal(run.mark(large.id), true);
    assert.equal(run.mark(large.id), false);
    assert.equal(run.mark(empty.id), true);
    assert.equal(run.mark(seededBlock(77, 7).id), true);
    const freed = await run.sweep();
    const bytes = sizes.reduce((sum, size) => sum + size, 0) - large.bytes.length;
    assert.deepEqual(freed, { freedBlocks: blocks.length - 2, freedBytes: bytes });
    await holds(at.store, [empty, large]);
    await at.reopen();
    await holds(at.store, [empty, large]);
    assert.deepEqual([at.store.usage().blocks, at.store.usage().quarantined], [2, 0]);
    await putAll(at.store, ...blocks);
    await holds(at.store, blocks);
  });

  it("never collects what was put since the collection began or is in an open batch", async () => {
    await putAll(at.store, ...blocks);
    const before = at.store.begin();
    before.put(small);
    const run = at.store.collect();
    await putAll(at.store, large);
    assert.equal(run.mark(large.id), true, "a walk must still go on below a block that was put");
    const during = at.store.begin();
    during.put(empty);
    const fresh = seededBlock(50, 40_000);
    during.put(fresh);
    await during.flush();
    const freed = await run.sweep();
    assert.equal(freed.freedBlocks, blocks.length - 3);
    await Promise.all([before.commit(), during.commit()]);
    await holds(at.store, [empty, small, large]);
    assert.ok(equalBytes(await at.store.get(fresh.id), fresh.bytes));
    assert.equal(
      (await at.store.collect().sweep()).freedBlocks,
      4,
      "they are garbage for the next",
    );
  });

  it("measures what a collection would free without touching it", async () => {
    await putAll(at.store, ...blocks);
    const batch = at.store.begin();
    batch.put(small);
    const run = at.store.collect();
    run.mark(large.id);
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    assert.deepEqual(await run.measure(), {
      freedBlocks: blocks.length - 2,
      freedBytes: bytes - large.bytes.length - small.bytes.length,
    });
    await refuses("usage", () => run.sweep());
    await holds(at.store, blocks);
  });

  it("collects what an abandoned batch left", async () => {
    await putAll(at.store, small);
    const batch = at.store.begin();
    for (const block of blocks) batch.put(block);
    await batch.flush();
    batch.abandon();
    const run = at.store.collect();
    run.mark(small.id);
    await run.sweep();
    await holds(at.store, [small]);
  });

  it("runs one collection at a time, and one that ends by itself frees the place", async () => {
    await putAll(at.store, ...blocks);
    const run = at.store.collect();
    await refuses("storage-busy", () => at.store.collect());
    run.abandon();
    await refuses("usage", () => run.sweep());
    const cancelled = at.store.collect();
    await refuses("cancelled", () => cancelled.sweep(AbortSignal.abort()));
    await holds(at.store, blocks);
    assert.equal((await at.store.collect().sweep()).freedBlocks, blocks.length);
    assert.equal(at.store.usage().blockBytes, 0);
  });
}
