import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "mocha";
import type { SealedBlock } from "../../src/node/blocks/ports.ts";
import { equalBytes, toHex } from "../../src/node/core/bytes.ts";
import { showCid } from "../../src/node/core/cid.ts";
import type { BlockId } from "../../src/node/core/ids.ts";
import type { Store, StoredHead } from "../../src/node/store/store.ts";
import { blockOf, headNumber, onlyHead, seededBlock, spaceNumber, writerNumber } from "./blocks.ts";
import { putAll, refuses } from "./checks.ts";

/** A store to be tested, and what a test does to it from outside. */
export interface StoreFixture {
  /** The store as it is open now. */
  store(): Store;
  /** Changes the stored bytes of a block behind the store's back. */
  damage(id: BlockId, change: (bytes: Uint8Array) => Uint8Array): Promise<void>;
  /** Ends the store without a word, as a crash does, and opens it again. */
  reopen(): Promise<void>;
  dispose(): Promise<void>;
}

/** Sizes on both sides of every limit: none, one, inline, the largest inline, segments. */
const sizes = [0, 1, 1000, 16 * 1024, 16 * 1024 + 1, 300_000];
const blocks = sizes.map((size, i) => seededBlock(i, size));
const [empty, , small, , , large] = blocks as [
  SealedBlock,
  SealedBlock,
  SealedBlock,
  SealedBlock,
  SealedBlock,
  SealedBlock,
];

const flip = (bytes: Uint8Array): Uint8Array => bytes.map((byte, i) => (i === 7 ? byte ^ 4 : byte));

/** Checks that exactly these of the blocks can be read. */
async function holds(store: Store, present: readonly SealedBlock[]): Promise<void> {
  for (const block of blocks) {
    const expected = present.includes(block);
    assert.equal(store.has(block.id), expected, `has ${block.bytes.length.toString()}`);
    if (expected) assert.ok(equalBytes(await store.get(block.id), block.bytes));
    else await refuses("not-found", () => store.get(block.id), new RegExp(showCid(block.id)));
  }
}

/** What every {@link Store} does. */
export function storeSuite(name: string, open: () => Promise<StoreFixture>): void {
  describe(`${name}, as a store`, () => {
    let fixture: StoreFixture;
    let store: Store;
    const reopen = async (): Promise<void> => {
      await fixture.reopen();
      store = fixture.store();
    };
    const damage = async (
      block: SealedBlock,
      change: (bytes: Uint8Array) => Uint8Array = flip,
    ): Promise<void> => {
      await fixture.damage(block.id, change);
      store = fixture.store();
    };
    beforeEach(async () => {
      fixture = await open();
      store = fixture.store();
    });
    afterEach(async () => {
      await fixture.dispose();
    });

    it("gives back blocks of every size, also after it was opened again", async () => {
      await holds(store, []);
      await putAll(store, ...blocks);
      await holds(store, blocks);
      await reopen();
      await holds(store, blocks);
    });

    it("takes an empty commit", async () => {
      await store.begin().commit();
      assert.equal(store.usage().blocks, 0);
    });

    it("keeps the latest head of each writer of a space, apart from other spaces", async () => {
      const [one, other] = [spaceNumber(1), spaceNumber(2)];
      const first = headNumber(1, { space: one, writer: writerNumber(1) });
      const second = headNumber(2, { space: one, writer: writerNumber(1) });
      const beside = headNumber(1, { space: one, writer: writerNumber(2) });
      const elsewhere = headNumber(9, { space: other, writer: writerNumber(1) });
      assert.deepEqual(store.spaces(), []);
      for (const head of [beside, first, elsewhere, second]) {
        await store.begin().commit({ head: { ...head, keepFrom: head.seq } });
      }
      const check = () => {
        assert.deepEqual(store.spaces(), [one, other]);
        assert.deepEqual(store.heads(one), [second, beside]);
        assert.deepEqual(store.heads(other), [elsewhere]);
        assert.deepEqual(store.heads(spaceNumber(3)), []);
      };
      check();
      await reopen();
      check();
    });

    it("keeps the chain of a writer's heads as far as it is told, and no other's less", async () => {
      const beside = headNumber(1, { writer: writerNumber(2), bytes: Uint8Array.of(21) });
      const elsewhere = headNumber(1, { space: spaceNumber(8), bytes: Uint8Array.of(81) });
      const heads = [1, 2, 3, 4, 5].map((seq) => headNumber(seq));
      for (const head of [beside, elsewhere, ...heads.slice(0, 4)]) {
        await store.begin().commit({ head: { ...head, keepFrom: 0 } });
      }
      const kept = () =>
        [...heads, beside, elsewhere]
          .map(({ bytes }) => store.headRecord(blockOf(bytes).id))
          .flatMap((bytes) => (bytes === undefined ? [] : [...bytes]));
      assert.deepEqual(kept(), [1, 2, 3, 4, 21, 81]);
      await store.begin().commit({ head: { ...(heads[4] as StoredHead), keepFrom: 3 } });
      const check = () => {
        assert.deepEqual(kept(), [3, 4, 5, 21, 81]);
        assert.deepEqual(store.heads(spaceNumber(7)), [heads[4], beside]);
      };
      check();
      await reopen();
      check();
      // A record of the chain that comes late is none of the latest.
      await store.begin().commit({ head: { ...(heads[1] as StoredHead), keepFrom: 0 } });
      assert.deepEqual(kept(), [2, 3, 4, 5, 21, 81]);
      assert.deepEqual(store.heads(spaceNumber(7)), [heads[4], beside]);
    });

    it("takes a head in the place of another of the same seq", async () => {
      const told = headNumber(4, { bytes: Uint8Array.of(44) });
      for (const head of [headNumber(4), told]) {
        await store.begin().commit({ head: { ...head, keepFrom: 0 } });
      }
      assert.deepEqual(store.heads(told.space), [told]);
      assert.equal(store.headRecord(blockOf(Uint8Array.of(4)).id), undefined);
      assert.deepEqual(store.headRecord(blockOf(told.bytes).id), told.bytes);
    });

    it("keeps settings of the folder and of each space by their names", async () => {
      const [one, other] = [spaceNumber(1), spaceNumber(2)];
      const value = (byte: number) => Uint8Array.of(byte);
      await store.begin().commit({
        settings: [
          { name: "a", value: value(1) },
          { name: "b", value: value(2) },
          { name: "a", space: one, value: value(3) },
          { name: "a", space: other, value: value(4) },
        ],
      });
      await store.begin().commit({
        settings: [
          { name: "b", value: undefined },
          { name: "a", space: other, value: undefined },
          { name: "a", space: one, value: value(5) },
        ],
      });
      const check = () => {
        const found = [undefined, one, other].map((space) => store.setting("a", space));
        assert.deepEqual(found, [value(1), value(5), undefined]);
        assert.equal(store.setting("b"), undefined);
      };
      check();
      await reopen();
      check();
    });

    it("forgets a batch that was abandoned or never committed", async () => {
      const abandoned = store.begin();
      abandoned.put(small);
      abandoned.put(large);
      abandoned.abandon();
      const open = store.begin();
      open.put(large);
      await holds(store, []);
      await reopen();
      await holds(store, []);
    });

    it("refuses to go on with a batch that has ended", async () => {
      const batch = store.begin();
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
      const one = store.begin();
      const other = store.begin();
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
      await holds(store, blocks);
      assert.equal(store.usage().blocks, blocks.length);
      await reopen();
      await holds(store, blocks);
    });

    it("waits for its flushes when it commits", async () => {
      const batch = store.begin();
      const flushes: Promise<void>[] = [];
      for (const block of blocks) {
        batch.put(block);
        flushes.push(batch.flush());
      }
      await batch.commit();
      await Promise.all(flushes);
      await reopen();
      await holds(store, blocks);
    });

    it("takes over what another batch put, safe from any collection until the commit", async () => {
      await putAll(store, empty);
      const staged = store.begin();
      for (const block of blocks.slice(0, 4)) staged.put(block);
      const flush = staged.flush();
      for (const block of blocks.slice(3)) staged.put(block);
      const batch = store.begin();
      batch.put(small);
      await Promise.all([batch.absorb(staged), flush]);
      await refuses("usage", () => staged.commit());
      await refuses("usage", () => batch.absorb(staged));
      await refuses("usage", () => batch.absorb(batch));
      await store.collect().sweep();
      await batch.commit({ head: onlyHead(1) });
      await holds(store, blocks);
      await reopen();
      await holds(store, blocks);
      assert.equal(store.heads(spaceNumber(7)).length, 1);
    });

    it("tells how many blocks and bytes it holds and lists ids as they came", async () => {
      for (const block of blocks) await putAll(store, block, small);
      const bytes = sizes.reduce((sum, size) => sum + size, 0);
      const check = () => {
        const usage = store.usage();
        assert.deepEqual(
          [usage.blocks, usage.blockBytes, usage.quarantined],
          [sizes.length, bytes, 0],
        );
        assert.ok(usage.diskBytes >= bytes);
        assert.deepEqual(
          new Set([...store.ids()].map((id) => toHex(id))),
          new Set(blocks.map(({ id }) => toHex(id))),
        );
        assert.ok(equalBytes([...store.ids()].at(-1) as BlockId, large.id));
      };
      check();
      await reopen();
      check();
    });

    for (const [what, change] of [
      ["a flipped bit", flip],
      ["a cut end", (bytes: Uint8Array) => bytes.subarray(0, -1)],
      ["no bytes", () => new Uint8Array(0)],
      ["another block's bytes", () => seededBlock(99, 300_000).bytes],
    ] as const) {
      it(`never serves a block with ${what}, and takes it in again`, async () => {
        for (const block of [small, large]) {
          await putAll(store, ...blocks);
          await damage(block, change);
          await refuses("damaged", () => store.get(block.id), new RegExp(showCid(block.id)));
          assert.equal(store.has(block.id), false);
          await refuses("damaged", () => store.get(block.id), new RegExp(showCid(block.id)));
          assert.equal(store.usage().quarantined, 1);
          await reopen();
          assert.equal([...store.ids()].length, blocks.length);
          for (const { id, bytes } of blocks) {
            if (id !== block.id) assert.ok(equalBytes(await store.get(id), bytes));
          }
          await refuses("damaged", () => store.get(block.id));
          await putAll(store, block);
          await holds(store, blocks);
          assert.equal(store.usage().quarantined, 0);
          await reopen();
          await holds(store, blocks);
          const bytes = sizes.reduce((sum, size) => sum + size, 0);
          assert.deepEqual(
            [store.usage().blocks, store.usage().blockBytes],
            [blocks.length, bytes],
          );
        }
      });
    }

    it("checks every block, names the damaged ones and quarantines them", async () => {
      await putAll(store, ...blocks);
      await damage(small);
      await damage(large, (bytes) => bytes.subarray(1));
      const progress: number[] = [];
      const report = await store.check({ onProgress: (done) => progress.push(done) });
      assert.equal(report.blocks, blocks.length);
      assert.deepEqual(
        report.damaged.map(toHex).sort(),
        [small, large].map(({ id }) => toHex(id)).sort(),
      );
      assert.deepEqual(report.problems, []);
      assert.equal(progress.at(-1), blocks.length);
      assert.equal(store.has(small.id), false);
      assert.equal(store.usage().quarantined, 2);
      await damage(small, flip);
      const again = await store.check();
      assert.deepEqual(again.damaged.map(toHex), [toHex(large.id)], "what became right is let go");
      assert.ok(store.has(small.id));
    });

    it("stops a check when it is asked to", async () => {
      await putAll(store, ...blocks);
      await refuses("cancelled", () => store.check({ signal: AbortSignal.abort() }));
    });

    it("collects what was not marked, damaged blocks too", async () => {
      await putAll(store, ...blocks);
      await damage(small);
      await refuses("damaged", () => store.get(small.id));
      const run = store.collect();
      assert.equal(run.mark(large.id), true);
      assert.equal(run.mark(large.id), false);
      assert.equal(run.mark(empty.id), true);
      assert.equal(run.mark(seededBlock(77, 7).id), true);
      const freed = await run.sweep();
      const bytes = sizes.reduce((sum, size) => sum + size, 0) - large.bytes.length;
      assert.deepEqual(freed, { freedBlocks: blocks.length - 2, freedBytes: bytes });
      await holds(store, [empty, large]);
      await reopen();
      await holds(store, [empty, large]);
      assert.deepEqual([store.usage().blocks, store.usage().quarantined], [2, 0]);
      await putAll(store, ...blocks);
      await holds(store, blocks);
    });

    it("never collects what was put since the collection began or is in an open batch", async () => {
      await putAll(store, ...blocks);
      const before = store.begin();
      before.put(small);
      const run = store.collect();
      await putAll(store, large);
      assert.equal(run.mark(large.id), true, "a walk must still go on below a block that was put");
      const during = store.begin();
      during.put(empty);
      const fresh = seededBlock(50, 40_000);
      during.put(fresh);
      await during.flush();
      const freed = await run.sweep();
      assert.equal(freed.freedBlocks, blocks.length - 3);
      await Promise.all([before.commit(), during.commit()]);
      await holds(store, [empty, small, large]);
      assert.ok(equalBytes(await store.get(fresh.id), fresh.bytes));
      assert.equal((await store.collect().sweep()).freedBlocks, 4, "they are garbage for the next");
    });

    it("measures what a collection would free without touching it", async () => {
      await putAll(store, ...blocks);
      const batch = store.begin();
      batch.put(small);
      const run = store.collect();
      run.mark(large.id);
      const bytes = sizes.reduce((sum, size) => sum + size, 0);
      assert.deepEqual(await run.measure(), {
        freedBlocks: blocks.length - 2,
        freedBytes: bytes - large.bytes.length - small.bytes.length,
      });
      await refuses("usage", () => run.sweep());
      await holds(store, blocks);
    });

    it("collects what an abandoned batch left", async () => {
      await putAll(store, small);
      const batch = store.begin();
      for (const block of blocks) batch.put(block);
      await batch.flush();
      batch.abandon();
      const run = store.collect();
      run.mark(small.id);
      await run.sweep();
      await holds(store, [small]);
    });

    it("runs one collection at a time, and one that ends by itself frees the place", async () => {
      await putAll(store, ...blocks);
      const run = store.collect();
      await refuses("storage-busy", () => store.collect());
      run.abandon();
      await refuses("usage", () => run.sweep());
      const cancelled = store.collect();
      await refuses("cancelled", () => cancelled.sweep(AbortSignal.abort()));
      await holds(store, blocks);
      assert.equal((await store.collect().sweep()).freedBlocks, blocks.length);
      assert.equal(store.usage().blockBytes, 0);
    });

    it("keeps records by name and lists them by prefix", async () => {
      const value = Uint8Array.of(7);
      store.records.write(
        new Map([
          ["/a/b", value],
          ["/a", value],
          ["/A/b", value],
          ["/a%", value],
        ]),
      );
      const names = (prefix: string) => [...store.records.entries(prefix)].map(([name]) => name);
      assert.deepEqual(names(""), ["/A/b", "/a", "/a%", "/a/b"]);
      assert.deepEqual(names("/a/"), ["/a/b"]);
      assert.deepEqual(names("/a%"), ["/a%"]);
      store.records.write(
        new Map([
          ["/a", undefined],
          ["/n", value],
        ]),
      );
      await reopen();
      assert.equal(store.records.get("/a"), undefined);
      assert.deepEqual(store.records.get("/n"), value);
    });

    it("says that it was closed", async () => {
      await putAll(store, small);
      const batch = store.begin();
      await store.close();
      await store.close();
      await refuses("unavailable", () => store.get(small.id));
      await refuses("unavailable", () => store.has(small.id));
      await refuses("unavailable", () => store.begin());
      await assert.rejects(batch.commit());
    });
  });
}
