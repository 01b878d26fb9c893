import assert from "node:assert/strict";
import { it } from "mocha";
import { equalBytes, toHex } from "../../../src/node/core/bytes.ts";
import type { BlockId } from "../../../src/node/core/ids.ts";
import { onlyHead, spaceNumber } from "../blocks.ts";
import { putAll, refuses } from "../checks.ts";
import { blocks, empty, holds, large, type StoreAtHand, sizes, small } from "./store-at-hand.ts";

/** Blocks, and the batches that bring them. */
export function keepsBlocks(at: StoreAtHand): void {
  it("gives back blocks of every size, also after it was opened again", async () => {
    await holds(at.store, []);
    await putAll(at.store, ...blocks);
    await holds(at.store, blocks);
    await at.reopen();
    await holds(at.store, blocks);
  });

  it("takes an empty commit", async () => {
    await at.store.begin().commit();
    assert.equal(at.store.usage().blocks, 0);
  });

  it("forgets a batch that was abandoned or never committed", async () => {
    const abandoned = at.store.begin();
    abandoned.put(small);
    abandoned.put(large);
    abandoned.abandon();
    const open = at.store.begin();
    open.put(large);
    await holds(at.store, []);
    await at.reopen();
    await holds(at.store, []);
  });

  it("refuses to go on with a batch that has ended", async () => {
    const batch = at.store.begin();
    await batch.commit();
    const sentence = /the batch has ended/;
    await refuses(
      "usage",
      () => {
        batch.put(small);
      },
      sentence,
    );
    await refuses("usage", () => batch.flush(), sentence);
    await refuses("usage", () => batch.commit(), sentence);
    batch.abandon();
  });

  it("takes blocks that were put twice, flushed, or put by several batches at once", async () => {
    const one = at.store.begin();
    const other = at.store.begin();
    for (const block of blocks) {
      one.put(block);
      one.put(block);
      other.put(block);
    }
    const flushes = [one.flush(), other.flush(), one.flush()];
    one.put(small);
    await Promise.all(flushes);
    for (const block of blocks) other.put(block);
    await Promise.all([one.commit(), other.commit()]);
    await holds(at.store, blocks);
    assert.equal(at.store.usage().blocks, blocks.length);
    await at.reopen();
    await holds(at.store, blocks);
  });

  it("waits for its flushes when it commits", async () => {
    const batch = at.store.begin();
    const flushes: Promise<void>[] = [];
    for (const block of blocks) {
      batch.put(block);
      flushes.push(batch.flush());
    }
    await batch.commit();
    await Promise.all(flushes);
    await at.reopen();
    await holds(at.store, blocks);
  });

  it("takes over what another batch put, safe from any collection until the commit", async () => {
    await putAll(at.store, empty);
    const staged = at.store.begin();
    for (const block of blocks.slice(0, 4)) staged.put(block);
    const flush = staged.flush();
    for (const block of blocks.slice(3)) staged.put(block);
    const batch = at.store.begin();
    batch.put(small);
    await Promise.all([batch.absorb(staged), flush]);
    await refuses("usage", () => staged.commit());
    await refuses("usage", () => batch.absorb(staged));
    await refuses("usage", () => batch.absorb(batch));
    await at.store.collect().sweep();
    await batch.commit({ head: onlyHead(1) });
    await holds(at.store, blocks);
    await at.reopen();
    await holds(at.store, blocks);
    assert.equal(at.store.heads(spaceNumber(7)).length, 1);
  });

  it("tells how many blocks and bytes it holds and lists ids as they came", async () => {
    for (const block of blocks) await putAll(at.store, block, small);
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    const check = () => {
      const usage = at.store.usage();
      assert.deepEqual(
        [usage.blocks, usage.blockBytes, usage.quarantined],
        [sizes.length, bytes, 0],
      );
      assert.ok(usage.diskBytes >= bytes);
      assert.deepEqual(
        new Set([...at.store.ids()].map((id) => toHex(id))),
        new Set(blocks.map(({ id }) => toHex(id))),
      );
      assert.ok(equalBytes([...at.store.ids()].at(-1) as BlockId, large.id));
    };
    check();
    await at.reopen();
    check();
  });

  it("says that it was closed", async () => {
    await putAll(at.store, small);
    const batch = at.store.begin();
    await at.store.close();
    await at.store.close();
    await refuses("unavailable", () => at.store.get(small.id));
    await refuses("unavailable", () => at.store.has(small.id));
    await refuses("unavailable", () => at.store.begin());
    await assert.rejects(batch.commit());
  });
}
