import assert from "node:assert/strict";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SealedBlock } from "../../src/node/blocks/ports.ts";
import { equalBytes } from "../../src/node/core/bytes.ts";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import { IdSet } from "../../src/node/core/id-map.ts";
import { asBlockId } from "../../src/node/core/ids.ts";
import { openStore } from "../../src/node/store/open-store.ts";
import type { Store } from "../../src/node/store/store.ts";
import { inTemporaryFolder, onlyHead, seededBlock, spaceNumber, writerNumber } from "./blocks.ts";
import { withDatabase } from "./damage.ts";

const long = process.env["IPCLOUD_LONG"] === "1";
const pageBytes = 4096;
const options = { inlineBytes: 1500 };
/** What a check of such a store may take at most, where a sound one takes some 20 ms. */
const deadlineMs = 10_000;
const writers = 60;

/** Small ones, and every ninth so large that it goes to a segment. */
function blockNumber(number: number): SealedBlock {
  return seededBlock(number, number % 9 === 0 ? 3000 + number : 20 + ((number * 37) % 1200));
}

/** What a store of this test held at one time. */
interface Generation {
  readonly database: Uint8Array;
  readonly blocks: readonly SealedBlock[];
  /** The `seq` of each writer's head. */
  readonly seq: number;
}

/** Opens the store, changes it and closes it. */
async function changed(
  folder: string,
  change: (store: Store) => Promise<{ blocks: readonly SealedBlock[]; seq: number }>,
): Promise<Generation> {
  const store = await openStore(folder, options);
  const { blocks, seq } = await change(store);
  await store.close();
  return { database: await readFile(join(folder, "store.db")), blocks, seq };
}

async function putNumbers(store: Store, from: number, to: number, seq: number): Promise<void> {
  const each = Math.ceil((to - from) / writers);
  for (let writer = 0; writer < writers; writer++) {
    const batch = store.begin();
    for (let i = from + writer * each; i < Math.min(to, from + (writer + 1) * each); i++) {
      batch.put(blockNumber(i));
    }
    await batch.commit({ head: onlyHead(seq, { writer: writerNumber(writer) }) });
  }
}

/** Grows a store, collects in it, and grows it again. @returns it as it was after each step. */
async function generations(folder: string, count: number): Promise<Generation[]> {
  const numbers = Array.from({ length: 2 * count }, (_, i) => i);
  const first = await changed(folder, async (store) => {
    await putNumbers(store, 0, count, 1);
    return { blocks: numbers.slice(0, count).map(blockNumber), seq: 1 };
  });
  // The last ones go too, so that their rows are given out again.
  const kept = numbers.slice(0, count * 0.8).filter((number) => number % 3 !== 1);
  const second = await changed(folder, async (store) => {
    const run = store.collect();
    for (const number of kept) run.mark(blockNumber(number).id);
    await run.sweep();
    return { blocks: kept.map(blockNumber), seq: 1 };
  });
  const third = await changed(folder, async (store) => {
    await putNumbers(store, count, 2 * count, 2);
    return { blocks: [...kept, ...numbers.slice(count)].map(blockNumber), seq: 2 };
  });
  return [first, second, third];
}

/** Those of the blocks that a store gives back. */
async function readable(store: Store, blocks: readonly SealedBlock[]): Promise<SealedBlock[]> {
  const found: SealedBlock[] = [];
  for (const block of blocks) {
    const bytes = await store.get(block.id).catch(() => undefined);
    if (bytes !== undefined && equalBytes(bytes, block.bytes)) found.push(block);
  }
  return found;
}

/** Collects garbage, all being live; it has to end, and may end by finding the damage. */
async function collectNothing(store: Store, { blocks }: Generation): Promise<void> {
  const run = store.collect();
  try {
    for (const { id } of blocks) run.mark(id);
    await run.sweep(AbortSignal.timeout(deadlineMs));
  } catch (error) {
    run.abandon();
    assert.ok(isCloudError(error, "damaged"), String(error));
  }
}

/** Whether a store has all that it is to have, and nothing twice. */
async function isWhole(store: Store, { blocks, seq }: Generation): Promise<boolean> {
  if ((await readable(store, blocks)).length < blocks.length) return false;
  const heads = store.heads(spaceNumber(7));
  if (heads.length !== writers || heads.some((head) => head.seq !== seq)) return false;
  const listed = [...store.ids()].length;
  return listed === blocks.length && store.usage().blocks === blocks.length;
}

/** What a check comes to; it has to end, and to say no more than a person can read. */
async function isCalledSound(store: Store): Promise<boolean> {
  const aborter = new AbortController();
  const began = performance.now();
  const { damaged, problems } = await store.check({
    signal: aborter.signal,
    onProgress: () => {
      if (performance.now() - began > deadlineMs) aborter.abort();
    },
  });
  assert.ok(problems.length <= 101, `${problems.length.toString()} problems are listed`);
  return damaged.length === 0 && problems.length === 0;
}

/** How many of the blocks are in the table, whether or not an index leads there. */
function rowsOf(folder: string, { blocks }: Generation): number {
  const wanted = new IdSet(blocks.map(({ id }) => id));
  return withDatabase(folder, (database) => {
    let rows = 0;
    try {
      for (const row of database.prepare("SELECT hash FROM block NOT INDEXED").iterate()) {
        if (wanted.has(asBlockId(row["hash"] as Uint8Array))) rows++;
      }
    } catch {
      // No further: a page that makes no sense.
    }
    return rows;
  });
}

type Verdict = "refused" | "not sound" | "sound";

/** Opens the store in a folder and compares what a check says of it with what is true. */
async function judge(folder: string, truth: Generation): Promise<Verdict> {
  let store: Store;
  try {
    store = await openStore(folder, options);
  } catch (error) {
    assert.ok(isCloudError(error, "damaged"), String(error));
    return "refused";
  }
  try {
    const sound = await isCalledSound(store);
    const whole = await isWhole(store, truth).catch(() => false);
    assert.ok(whole || !sound, "it is called sound, and is not");
    const before = await readable(store, truth.blocks);
    await collectNothing(store, truth);
    const after = await readable(store, truth.blocks);
    assert.equal(after.length, before.length, "a collection took what could be read");
    return sound ? "sound" : "not sound";
  } finally {
    await store.close();
  }
}

/** Puts a page of `older` in the place of the same page of `newer`. */
function withStalePage(newer: Uint8Array, older: Uint8Array, page: number): Uint8Array {
  const stale = Uint8Array.from(newer);
  stale.set(older.subarray(page * pageBytes, (page + 1) * pageBytes), page * pageBytes);
  return stale;
}

/** The pages that two generations have both and that differ, but the first, which names the rest. */
function changedPages(newer: Uint8Array, older: Uint8Array): number[] {
  const pages = Math.min(newer.length, older.length) / pageBytes;
  return Array.from({ length: pages }, (_, page) => page).filter((page) => {
    const [start, end] = [page * pageBytes, (page + 1) * pageBytes];
    return page > 0 && !equalBytes(newer.subarray(start, end), older.subarray(start, end));
  });
}

describe("a store of which a page was never written", function () {
  this.timeout(long ? 3_600_000 : 120_000);

  it("is not called sound where rows are missing or old, nor loses more, whichever page it is", async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, "store.db");
      const all = await generations(folder, long ? 1500 : 300);
      const newest = all.at(-1) as Generation;
      const segments = join(folder, "segments");
      await cp(segments, join(folder, "kept"), { recursive: true });
      const verdicts: Record<Verdict, number> = { refused: 0, "not sound": 0, sound: 0 };
      const wrong: string[] = [];
      for (const [age, older] of all.slice(0, -1).entries()) {
        for (const page of changedPages(newest.database, older.database)) {
          await writeFile(path, withStalePage(newest.database, older.database, page));
          await rm(segments, { recursive: true });
          await cp(join(folder, "kept"), segments, { recursive: true });
          const before = rowsOf(folder, newest);
          try {
            verdicts[await judge(folder, newest)]++;
            assert.equal(rowsOf(folder, newest), before, "rows of live blocks are gone");
          } catch (error) {
            wrong.push(`page ${page.toString()} of generation ${age.toString()}: ${String(error)}`);
          }
        }
      }
      assert.deepEqual(wrong, []);
      assert.ok(verdicts["not sound"] > 20, JSON.stringify(verdicts));
    });
  });

  it("is called sound if the page is there", async () => {
    await inTemporaryFolder(async (folder) => {
      const newest = (await generations(folder, 300)).at(-1) as Generation;
      assert.equal(await judge(folder, newest), "sound");
    });
  });
});
