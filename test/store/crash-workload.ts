import assert from "node:assert/strict";
import { closeSync, openSync, writeSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { SealedBlock } from "../../src/node/blocks/ports.ts";
import { concatBytes, equalBytes, fromUtf8, toUtf8 } from "../../src/node/core/bytes.ts";
import { openStore } from "../../src/node/store/open-store.ts";
import type { Reservation, Store, StoreBatch } from "../../src/node/store/store.ts";
import type { OnWritePoint } from "../../src/node/store/write-point.ts";
import { onlyHead, seededBlock, spaceNumber } from "./blocks.ts";
import { withDatabase } from "./damage.ts";

/** Small, so that little work makes several segments. */
export const options = { inlineBytes: 1024, segmentBytes: 100_000, leastMovedBytes: 1 };
const commits = 8;
const collectAfter = 4;

/** What commit `number` puts: small blocks, large ones (few in every fourth), and one that all share. */
function blocksOf(number: number): SealedBlock[] {
  const own = [0, 100, 1024, 5000, number % 4 === 1 ? 17_000 : 70_000].map((size, i) =>
    seededBlock(10 * number + i, size + i),
  );
  return [...own, seededBlock(0, 3000)];
}

/** Whether the collection of the workload marks what a commit put. */
function isKept(number: number): boolean {
  return number % 2 === 0 || number > collectAfter;
}

/**
 * Commits, flushes, abandons, collects and closes, in a fixed order; the setting `commit` holds the
 * number of the last commit.
 * @param acknowledge - told each commit's number when it resolved.
 */
export async function runWorkload(
  folder: string,
  onWritePoint: OnWritePoint,
  acknowledge: (number: number) => void,
): Promise<void> {
  let store = await openStore(folder, { ...options, onWritePoint });
  for (let number = 1; number <= commits; number++) {
    const batch = store.begin();
    const blocks = blocksOf(number);
    if (number % 4 === 2) (await fillRoom(batch, blocks, 1))?.written();
    for (const [i, block] of blocks.entries()) {
      batch.put(block);
      if (number % 3 === 0 && i % 2 === 0) await batch.flush();
    }
    const bytes = toUtf8(number.toString());
    const head = onlyHead(number, { bytes });
    await batch.commit({ head, settings: [{ name: "commit", value: bytes }] });
    acknowledge(number);
    if (number % 3 === 1) await abandonSome(store, number);
    if (number === collectAfter) await collect(store);
    if (number === 6) {
      await store.close();
      store = await openStore(folder, { ...options, onWritePoint });
    }
  }
  await store.close();
}

async function abandonSome(store: Store, number: number): Promise<void> {
  const batch = store.begin();
  batch.put(seededBlock(1000 + number, 700));
  batch.put(seededBlock(2000 + number, 7000));
  await batch.flush();
  const room = await fillRoom(batch, [seededBlock(3000 + number, 80_000)], 0.5);
  room?.lost(new Error("its process ended"));
  batch.abandon();
}

async function collect(store: Store): Promise<void> {
  const run = store.collect();
  for (let number = 1; number <= collectAfter; number++) {
    if (!isKept(number)) continue;
    for (const { id } of blocksOf(number)) run.mark(id);
  }
  await run.sweep();
}

/** Writes the large blocks as another process would, or a part of their bytes. */
async function fillRoom(
  batch: StoreBatch,
  blocks: readonly SealedBlock[],
  part: number,
): Promise<Reservation | undefined> {
  const held = blocks.filter(({ bytes }) => bytes.length > options.inlineBytes);
  const room = await batch.reserve(held.map(({ id, bytes }) => ({ id, length: bytes.length })));
  if (room === undefined) return undefined;
  const parts = Array.from(room.wanted, (i) => (held[i] as SealedBlock).bytes);
  for (const { path, offset, blocks: count } of room.rooms) {
    const bytes = concatBytes(...parts.splice(0, count));
    const file = openSync(path, "r+");
    writeSync(file, bytes, 0, Math.floor(part * bytes.length), offset);
    closeSync(file);
  }
  return room;
}

/**
 * Opens what a crash left and checks that every acknowledged commit is whole, that the next one is
 * whole or absent, and that nothing is left over.
 */
export async function checkAfterCrash(folder: string, acknowledged: number): Promise<void> {
  const store = await openStore(folder, options);
  try {
    const last = Number(fromUtf8(store.setting("commit") ?? toUtf8("0")));
    assert.ok(last === acknowledged || last === acknowledged + 1, `${last.toString()} is there`);
    const heads = store.heads(spaceNumber(7)).map(({ bytes }) => fromUtf8(bytes));
    assert.deepEqual(heads, last === 0 ? [] : [last.toString()]);
    for (let number = 1; number <= last; number++) {
      if (!isKept(number) && last >= collectAfter) continue;
      for (const { id, bytes } of blocksOf(number)) {
        assert.ok(equalBytes(await store.get(id), bytes));
      }
    }
    const report = await store.check();
    assert.deepEqual([report.damaged, report.problems], [[], []]);
    assert.equal(store.usage().blocks, report.blocks);
    const batch = store.begin();
    for (const block of blocksOf(99)) batch.put(block);
    await batch.commit();
  } finally {
    await store.close();
  }
  await checkNothingLeftOver(folder);
}

/** Every segment ends with a block, and every file is one that a store has. */
async function checkNothingLeftOver(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    assert.ok(["store.db", "store.mark", "segments"].includes(name), name);
  const ends = withDatabase(folder, (database) =>
    database
      .prepare("SELECT segment, max(offset + length) AS end FROM extent GROUP BY segment")
      .all()
      .map((row) => [Number(row["segment"]), Number(row["end"])]),
  );
  const sizes: number[][] = [];
  for (const name of (await readdir(join(folder, "segments"))).sort()) {
    sizes.push([Number.parseInt(name, 10), (await stat(join(folder, "segments", name))).size]);
  }
  assert.deepEqual(sizes, ends);
}
