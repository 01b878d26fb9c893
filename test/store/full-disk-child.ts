// Works on a store in FOLDER, a disk of 6 MiB, until it is full and after space was made.
import assert from "node:assert/strict";
import { rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SealedBlock } from "../../src/node/blocks/ports.ts";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import { openStore } from "../../src/node/store/open-store.ts";
import type { Store } from "../../src/node/store/store.ts";
import { headNumber, onlyHead, seededBlock, seededBytes, spaceNumber } from "./blocks.ts";
import { putAll, refuses } from "./checks.ts";

const [folder = ""] = process.argv.slice(2);
const ballast = join(folder, "ballast");
const kept = [seededBlock(1, 3000), seededBlock(2, 100_000)];

/** Commits until the disk is full. */
async function fill(store: Store, blockAt: (i: number) => SealedBlock): Promise<void> {
  for (let i = 0; i < 10_000; i++) {
    const batch = store.begin();
    batch.put(blockAt(i));
    try {
      await batch.commit();
    } catch (error) {
      assert.ok(isCloudError(error, "storage-full"), String(error));
      assert.match(error.message, /the disk that holds the store in .* is full/);
      return;
    }
  }
  assert.fail("the disk never filled");
}

/** Leaves about so many bytes of the disk. */
async function leaveFree(bytes: number): Promise<void> {
  await rm(ballast);
  const { bavail, bsize } = await statfs(folder);
  await writeFile(ballast, new Uint8Array(bavail * bsize - bytes));
}

async function checkKept(store: Store): Promise<void> {
  assert.deepEqual(store.heads(spaceNumber(7)), [headNumber(1)]);
  assert.equal(store.setting("s"), undefined);
  for (const { id, bytes } of kept) assert.deepEqual(await store.get(id), bytes);
}

await writeFile(ballast, "");
let store = await openStore(folder, { segmentBytes: 500_000 });

// A log that takes up the last space is brought into the database and written anew.
const setTime = (i: number) =>
  store.begin().commit({ settings: [{ name: "time", value: seededBytes(i, 3000) }] });
await setTime(0);
await store.close();
store = await openStore(folder, { segmentBytes: 500_000 });
await leaveFree(500_000);
for (let i = 0; i < 200; i++) await setTime(i);
await leaveFree(3_000_000);

const first = store.begin();
for (const block of kept) first.put(block);
await first.commit({ head: onlyHead(1) });

for (const size of [2000, 200_000]) {
  await fill(store, (i) => seededBlock(size + i, size));
  const batch = store.begin();
  const large = seededBlock(size - 1, 900_000);
  batch.put(large);
  batch.put(seededBlock(size - 2, 1000));
  await refuses("storage-full", () =>
    batch.commit({ head: onlyHead(2), settings: [{ name: "s", value: Uint8Array.of(1) }] }),
  );
  const flushed = store.begin();
  for (let i = 0; i < 40; i++) flushed.put(seededBlock(size - 100 - i, 16_000));
  await refuses("storage-full", () => flushed.makeReadable());
  await refuses("storage-full", () => flushed.commit({ head: onlyHead(2) }));
  assert.equal(store.has(large.id), false);
  await checkKept(store);
}

// Opened while the disk is full, it can still be read.
await store.close();
await leaveFree(0);
store = await openStore(folder, { segmentBytes: 500_000 });
await checkKept(store);
const fullReport = await store.check();
assert.deepEqual([fullReport.damaged, fullReport.problems], [[], []]);

// With some space, a collection makes more.
await leaveFree(800_000);
const collection = store.collect();
for (const { id } of kept) collection.mark(id);
await collection.sweep();
assert.equal(store.usage().blocks, kept.length);
await checkKept(store);

// With space again it goes on as if nothing had been.
await rm(ballast);
await putAll(store, seededBlock(1_000_000, 100_000), seededBlock(1_000_001, 3000));
await checkKept(store);
const run = store.collect();
for (const { id } of kept) run.mark(id);
await run.sweep();
assert.equal(store.usage().blocks, kept.length);
await putAll(store, seededBlock(1_000_002, 900_000));
await checkKept(store);
await store.close();
store = await openStore(folder);
await checkKept(store);
const report = await store.check();
assert.deepEqual([report.damaged, report.problems], [[], []]);
await store.close();
