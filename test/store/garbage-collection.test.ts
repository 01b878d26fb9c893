import assert from "node:assert/strict";
import { readdir, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { SealedBlock } from "../../src/node/blocks/ports.ts";
import { equalBytes } from "../../src/node/core/bytes.ts";
import { openStore } from "../../src/node/store/open-store.ts";
import { Segments } from "../../src/node/store/segments.ts";
import type { Store } from "../../src/node/store/store.ts";
import { inTemporaryFolder, seededBlock } from "./blocks.ts";
import { putAll, refuses } from "./checks.ts";
import { damageBlock } from "./damage.ts";

const options = { segmentBytes: 1_000_000 };
const small = Array.from({ length: 1000 }, (_, i) => seededBlock(i, 2000 + i));
const large = Array.from({ length: 60 }, (_, i) => seededBlock(5000 + i, 100_000));

async function bytesOnDisk(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}

async function collectAllBut(store: Store, live: readonly SealedBlock[]): Promise<void> {
  const run = store.collect();
  for (const { id } of live) run.mark(id);
  await run.sweep();
}

async function readsAll(store: Store, blocks: readonly SealedBlock[]): Promise<void> {
  for (const { id, bytes } of blocks) assert.ok(equalBytes(await store.get(id), bytes));
}

const everyTenth = (_: unknown, i: number): boolean => i % 10 === 3;

describe("a collection of garbage on disk", () => {
  it("gives the space back, in the database and in segments", async () => {
    await inTemporaryFolder(async (folder) => {
      let store = await openStore(folder, options);
      await putAll(store, ...small, ...large);
      const live = [...small.filter(everyTenth), ...large.filter(everyTenth)];
      const liveBytes = live.reduce((sum, { bytes }) => sum + bytes.length, 0);
      await collectAllBut(store, live);
      assert.equal(store.usage().blockBytes, liveBytes);
      await readsAll(store, live);
      await store.close();
      assert.ok((await bytesOnDisk(folder)) < 1.3 * liveBytes + 100_000);
      store = await openStore(folder, options);
      await readsAll(store, live);
      await collectAllBut(store, []);
      await store.close();
      assert.deepEqual(await readdir(join(folder, "segments")), []);
      // A few pages that are free are not worth moving others for.
      assert.ok((await bytesOnDisk(folder)) < 100_000 + 64 * 4096);
    });
  });

  it("moves small blocks that stay where none leaves a page half empty", async () => {
    await inTemporaryFolder(async (folder) => {
      const blocks = Array.from({ length: 1000 }, (_, i) => seededBlock(i, 2200));
      const bytes = 1000 * 2200;
      let store = await openStore(folder);
      await putAll(store, ...blocks);
      await collectAllBut(store, blocks);
      // Before: one to a page of 4 KiB, and as much again in the log.
      assert.ok(
        store.usage().diskBytes < 1.1 * bytes + 100_000,
        store.usage().diskBytes.toString(),
      );
      await readsAll(store, blocks);
      await store.close();
      store = await openStore(folder);
      await readsAll(store, blocks);
      assert.deepEqual(await store.check(), { blocks: 1000, damaged: [], problems: [] });
      await store.close();
    });
  });

  it("leaves a damaged block where it lies, to be told and repaired", async () => {
    await inTemporaryFolder(async (folder) => {
      const blocks = Array.from({ length: 600 }, (_, i) => seededBlock(i, 3000));
      const [damaged] = blocks as [SealedBlock];
      let store = await openStore(folder);
      await putAll(store, ...blocks);
      await store.close();
      await damageBlock(folder, damaged.id, (bytes) => bytes.map((byte) => byte ^ 1));
      store = await openStore(folder);
      await collectAllBut(store, blocks);
      await refuses("damaged", () => store.get(damaged.id));
      await readsAll(store, blocks.slice(1));
      await putAll(store, damaged);
      await readsAll(store, blocks);
      await store.close();
    });
  });

  it("leaves reads and writes beside it alone", async () => {
    await inTemporaryFolder(async (folder) => {
      const store = await openStore(folder, options);
      await putAll(store, ...large);
      const live = large.filter(everyTenth);
      const written: SealedBlock[] = [];
      const state = { collecting: true };
      const reader = async (): Promise<void> => {
        while (state.collecting) await readsAll(store, live);
      };
      const writer = async (): Promise<void> => {
        while (state.collecting) {
          const block = seededBlock(9000 + written.length, 50_000);
          await putAll(store, block, large[7] as SealedBlock);
          written.push(block);
          await nextTurn(); // a brief commit waits for nothing, and the collector needs turns too
        }
      };
      const collector = collectAllBut(store, live).finally(() => {
        state.collecting = false;
      });
      await Promise.all([collector, reader(), reader(), writer()]);
      await readsAll(store, [...live, ...written, large[7] as SealedBlock]);
      assert.deepEqual((await store.check()).damaged, []);
      await store.close();
    });
  });

  it("ends in a whole state when the store is closed or the run abandoned meanwhile", async () => {
    await inTemporaryFolder(async (folder) => {
      const live = [...small.filter(everyTenth), ...large.filter(everyTenth)];
      for (const end of ["close", "abandon"]) {
        const store = await openStore(folder, options);
        await putAll(store, ...small, ...large);
        const run = store.collect();
        for (const { id } of live) run.mark(id);
        const sweep = refuses("cancelled", () => run.sweep());
        await nextTurn();
        if (end === "abandon") run.abandon();
        await Promise.all([sweep, end === "close" ? store.close() : undefined]);
        if (end === "abandon") await collectAllBut(store, live);
        await store.close();
      }
      const store = await openStore(folder, options);
      await readsAll(store, live);
      const report = await store.check();
      assert.deepEqual([report.damaged, report.problems], [[], []]);
      await store.close();
    });
  });

  it("keeps a segment of before that is just being opened for more", async () => {
    await inTemporaryFolder(async (folder) => {
      const [dead, ...wanted] = large.slice(0, 6) as [SealedBlock, ...SealedBlock[]];
      for (let turns = 0; turns < 12; turns++) {
        const home = join(folder, turns.toString());
        let store = await openStore(home, options);
        await putAll(store, dead);
        await store.close();
        store = await openStore(home, options);
        const batch = store.begin();
        for (const block of wanted) batch.put(block);
        const run = store.collect();
        const swept = run.sweep();
        for (let i = 0; i < turns; i++) await nextTurn();
        await Promise.all([batch.commit(), swept]);
        await readsAll(store, wanted);
        await store.close();
        store = await openStore(home, options);
        await readsAll(store, wanted);
        await store.close();
      }
    });
  });

  it("keeps the segment of a batch that is not committed yet", async () => {
    await inTemporaryFolder(async (folder) => {
      const store = await openStore(folder, { segmentBytes: 1000 });
      const batch = store.begin();
      for (const block of large) {
        batch.put(block);
        await batch.flush();
      }
      await collectAllBut(store, []);
      await batch.commit();
      await readsAll(store, large);
      await store.close();
    });
  });

  it("leaves alone what is repaired while its old place is copied", async () => {
    await inTemporaryFolder(async (folder) => {
      let store = await openStore(folder, options);
      await putAll(store, ...large);
      await store.close();
      const broken = large[3] as SealedBlock;
      await damageBlock(folder, broken.id, (bytes) => bytes.map((byte) => byte ^ 1));
      store = await openStore(folder, options);
      await refuses("damaged", () => store.get(broken.id));
      const read = Reflect.get(Segments.prototype, "read");
      let repairs = 0;
      Segments.prototype.read = async function (extent) {
        const bytes = await read.call(this, extent);
        if (extent.segment === 1 && repairs++ === 0) await putAll(store, broken);
        return bytes;
      };
      try {
        await collectAllBut(store, [broken, large[5] as SealedBlock]);
      } finally {
        Segments.prototype.read = read;
      }
      assert.ok(repairs > 0);
      await readsAll(store, [broken]);
      assert.equal(store.usage().quarantined, 0);
      await store.close();
    });
  });

  it("gives back at once what a batch had written that failed, for the disk may be full of it", async function () {
    if (process.platform !== "linux") this.skip();
    await inTemporaryFolder(async (folder) => {
      const store = await openStore(folder, options);
      const batch = store.begin();
      for (const block of large) batch.put(block);
      await batch.flush();
      await batch.flush(); // waits for what the first began
      batch.abandon();
      await nextTurn();
      await collectAllBut(store, []);
      assert.deepEqual(await readdir(join(folder, "segments")), []);
      const open = await Promise.all(
        (await readdir("/proc/self/fd")).map((name) =>
          readlink(`/proc/self/fd/${name}`).catch(() => ""),
        ),
      );
      assert.deepEqual(
        open.filter((path) => path.startsWith(join(folder, "segments"))),
        [],
      );
      await putAll(store, ...large);
      await readsAll(store, large);
      await store.close();
    });
  });

  it("does not throw away a damaged block with the segment it lies in", async () => {
    await inTemporaryFolder(async (folder) => {
      let store = await openStore(folder, options);
      await putAll(store, ...large);
      await store.close();
      const live = [large[3], large[5]] as [SealedBlock, SealedBlock];
      await damageBlock(folder, live[0].id, (bytes) => bytes.map((byte) => byte ^ 1));
      store = await openStore(folder, options);
      await collectAllBut(store, live);
      await refuses("damaged", () => store.get(live[0].id));
      await store.close();
      // What hurt it is undone, and the check finds that it is right.
      await damageBlock(folder, live[0].id, (bytes) => bytes.map((byte) => byte ^ 1));
      store = await openStore(folder, options);
      assert.deepEqual((await store.check()).damaged, []);
      await readsAll(store, live);
      const before = store.usage().diskBytes;
      await collectAllBut(store, live);
      await readsAll(store, live);
      assert.ok(store.usage().diskBytes < before - 300_000);
      await store.close();
    });
  });
});
