// Works on a store in FOLDER, a disk of 4 MiB, until it is full and after space was made.
import assert from "node:assert/strict";
import { rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SealedBlock } from "../../src/node/blocks/ports.ts";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import { openStore } from "../../src/node/store/open-store.ts";
import type { Store } from "../../src/node/store/store.ts";
import { seededBlock, writerNumber } from "./blocks.ts";
import { putAll, refuses } from "./checks.ts";

const [folder = ""] = process.argv.slice(2);
const ballast = join(folder, "ballast");
const kept = [seededBlock(1, 3000), seededBlock(2, 100_000)];
const head = (byte: number) => ({ writer: writerNumber(1), bytes: Uint8Array.of(byte) });

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

async function checkKept(store: Store): Promise<void> {
  assert.deepEqual(store.heads(), [head(1)]);
  assert.equal(store.setting("s"), undefined);
  for (const { id, bytes } of kept) assert.deepEqual(await store.get(id), bytes);
}

await writeFile(ballast, new Uint8Array(1_000_000));
let store = await openStore(folder, { segmentBytes: 500_000 });
const first = store.begin();
for (const block of kept) first.put(block);
await first.commit({ head: head(1) });

for (const size of [200_000, 2000]) {
  await fill(store, (i) => seededBlock(size + i, size));
  const batch = store.begin();
  const large = seededBlock(size - 1, 900_000);
  batch.put(large);
  batch.put(seededBlock(size - 2, 1000));
  await refuses("storage-full", () =>
    batch.commit({ head: head(2), settings: new Map([["s", Uint8Array.of(1)]]) }),
  );
  const flushed = store.begin();
  for (let i = 0; i < 40; i++) flushed.put(seededBlock(size - 100 - i, 16_000));
  await refuses("storage-full", () => flushed.flush());
  await refuses("storage-full", () => flushed.commit({ head: head(2) }));
  assert.equal(store.has(large.id), false);
  await checkKept(store);
}

// Opened while the disk is full, it can still be read.
await store.close();
store = await openStore(folder, { segmentBytes: 500_000 });
await checkKept(store);
const fullReport = await store.check();
assert.deepEqual([fullReport.damaged, fullReport.problems], [[], []]);

// With some space, but too little for a large transaction, a collection makes more.
await truncate(ballast, 900_000);
const emergency = store.collect();
for (const { id } of kept) emergency.mark(id);
await emergency.sweep();
assert.equal(store.usage().blocks, kept.length);
await checkKept(store);
await putAll(store, seededBlock(999_999, 100_000));

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
