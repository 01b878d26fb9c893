import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, openSync, readdirSync, readFileSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SealedBlock } from "../../src/node/blocks/ports.ts";
import type { BoundaryKey, ContentKey } from "../../src/node/crypto/derive.ts";
import { openStore } from "../../src/node/store/open-store.ts";
import type { HeldBlock, Reservation, Store } from "../../src/node/store/store.ts";
import { SealPool } from "../../src/node/transfer/worker/seal-pool.ts";
import { hasCode } from "../blocks/refuses.ts";
import { inTemporaryFolder, seededBytes } from "../store/blocks.ts";

const keys = {
  contentKey: new Uint8Array(32).fill(1) as ContentKey,
  boundaryKey: new Uint8Array(32).fill(2) as BoundaryKey,
  compresses: true,
};
const mebibyte = 1024 * 1024;
const isLinux = process.platform === "linux";

interface AtHand {
  readonly pool: SealPool;
  readonly store: Store;
  readonly folder: string;
}

async function withPool(work: (here: AtHand) => Promise<void>): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const pool = new SealPool({ idleMs: 50 });
    const store = await openStore(join(folder, "store"));
    try {
      await work({ pool, store, folder });
    } finally {
      await pool.close();
      await store.close();
    }
  });
}

/** A file of noise. */
function writeNoise(path: string, size: number): void {
  const file = openSync(path, "w");
  for (let at = 0; at < size; at += mebibyte) writeSync(file, seededBytes(at + 1, mebibyte));
  closeSync(file);
}

/** The processes that this one has started and that have not ended. */
function children(): number[] {
  return readdirSync("/proc/self/task")
    .flatMap((task) => readFileSync(`/proc/self/task/${task}/children`, "utf8").split(" "))
    .filter(Boolean)
    .map(Number);
}

/** The most memory that a process ever held, in MB. */
function mostMb(pid: number): number {
  const status = readFileSync(`/proc/${pid.toString()}/status`, "utf8");
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("the processes that seal", function () {
  this.timeout(60_000);
  before(function () {
    if (!isLinux) this.skip();
  });

  it("hold no more memory than a few jobs need, however much passes through them", async () => {
    await withPool(async ({ pool, store, folder }) => {
      const before = children();
      const path = join(folder, "noise");
      writeNoise(path, 192 * mebibyte);
      const batch = store.begin();
      const length = 2 * mebibyte;
      const jobs = Array.from({ length: 96 }, (_, i) =>
        pool.run<"range">({ type: "range", keys, path, offset: i * length, length }, { batch }),
      );
      for (const job of jobs) assert.equal("failed" in (await job), false);
      const most = children()
        .filter((pid) => !before.includes(pid))
        .map(mostMb);
      assert.ok(most.length >= 2, most.join()); // one more for each that the system has kept waiting
      // Some 50 MB of that is the program, which all share.
      for (const each of most) assert.ok(each < 120, `${each.toFixed(0)} MB`);
      await batch.commit();
      assert.ok(store.usage().blockBytes >= 192 * mebibyte);
      assert.deepEqual((await store.check()).damaged, []);
    });
  });

  it("end when there has been nothing to do for a while", async () => {
    await withPool(async ({ pool, store }) => {
      const before = children();
      const bytes = seededBytes(1, 200_000);
      await pool.run<"stretch">({ type: "stretch", keys, bytes }, { batch: store.begin() });
      assert.equal(children().length, before.length + 1);
      await until(() => children().length === before.length);
      await pool.run<"stretch">({ type: "stretch", keys, bytes }, { batch: store.begin() });
    });
  });

  it("fail their jobs, and the batch, if they are killed, and others take their place", async () => {
    await withPool(async ({ pool, store, folder }) => {
      const before = children();
      const path = join(folder, "noise");
      writeNoise(path, 16 * mebibyte);
      const range = { type: "range", keys, path, offset: 0, length: 16 * mebibyte } as const;
      const batch = store.begin();
      const killing = {
        put: (block: SealedBlock) => {
          batch.put(block);
        },
        reserve: async (blocks: readonly HeldBlock[]) => {
          const reservation = await batch.reserve(blocks);
          for (const pid of children()) if (!before.includes(pid)) process.kill(pid, "SIGKILL");
          return reservation;
        },
      };
      const lost = pool.run<"range">(range, { batch: killing });
      await assert.rejects(lost, hasCode("unexpected"));
      await assert.rejects(batch.commit(), hasCode("unexpected"));
      const other = store.begin();
      const sealed = await pool.run<"range">(range, { batch: other });
      assert.equal("bytesRead" in sealed && sealed.bytesRead, range.length);
      await other.commit();
      assert.deepEqual((await store.check()).damaged, []);
    });
  });

  it("fail their jobs when the drive is locked, in whatever step they are", async () => {
    await withPool(async ({ pool, store, folder }) => {
      const path = join(folder, "noise");
      writeNoise(path, 4 * mebibyte);
      const range = { type: "range", keys, path, offset: 0, length: 4 * mebibyte } as const;
      const failed: number[] = [];
      for (const afterMs of [0, 100, 200, 300, 400]) {
        const batch = store.begin();
        const jobs = Array.from({ length: 40 }, () => pool.run<"range">(range, { batch }));
        const settled = Promise.allSettled(jobs);
        await new Promise((resolve) => setTimeout(resolve, afterMs));
        await pool.clear();
        const failures = (await settled).filter(({ status }) => status === "rejected");
        for (const { reason } of failures as PromiseRejectedResult[]) {
          assert.ok(hasCode("unavailable")(reason));
        }
        failed.push(failures.length);
        batch.abandon();
      }
      assert.equal(failed[0], 40, "before any process had begun");
      assert.ok(failed.filter((count) => count > 0).length > 1, failed.join());
      const batch = store.begin();
      await pool.run<"range">(range, { batch });
      await batch.commit();
      assert.deepEqual((await store.check()).damaged, []);
    });
  });

  it("fail their jobs if the system starts none, and are tried again by the next", async () => {
    await withPool(async ({ pool, store }) => {
      const bytes = seededBytes(1, 200_000);
      const run = () =>
        pool.run<"stretch">({ type: "stretch", keys, bytes }, { batch: store.begin() });
      const { PATH } = process.env;
      process.env["PATH"] = "x".repeat(8 * mebibyte); // no program is given as much
      try {
        await assert.rejects(run(), hasCode("unexpected"));
      } finally {
        process.env["PATH"] = PATH;
      }
      await run();
    });
  });

  it("fail their jobs if no file can be opened, which does the node no harm", () => {
    const path = fileURLToPath(new URL("crowded-child.ts", import.meta.url));
    const { status, stdout } = spawnSync(
      "sh",
      ["-c", 'ulimit -n 64 && exec "$0" "$1"', process.execPath, path],
      { encoding: "utf8" },
    );
    assert.deepEqual([status, stdout], [0, "unexpected unexpected unexpected sealed\n"]);
  });

  it("are waited for when they are ended, also where nothing else is to be done", () => {
    const path = fileURLToPath(new URL("lone-child.ts", import.meta.url));
    const { status, stdout } = spawnSync(process.execPath, [path], { encoding: "utf8" });
    assert.deepEqual([status, stdout], [0, "closed\n"]);
  });

  it("are soon given up for a job that hangs and that nobody wants, while another waits for room", async () => {
    await inTemporaryFolder(async (folder) => {
      const pool = new SealPool({ workers: 1 });
      const before = children();
      const path = join(folder, "noise");
      writeNoise(path, 16 * mebibyte);
      const cancelling = new AbortController();
      let lost: Error | undefined;
      const reserve = (blocks: readonly HeldBlock[]): Promise<Reservation> => {
        const [pid = 0] = children().filter((each) => !before.includes(each));
        process.kill(pid, "SIGSTOP");
        cancelling.abort();
        return Promise.resolve({
          wanted: Uint32Array.from(blocks.keys()),
          rooms: [{ path: join(folder, "nowhere"), offset: 0, blocks: blocks.length }],
          written: () => undefined,
          lost: (error) => (lost = error),
        });
      };
      const batch = { put: () => undefined, reserve };
      const bytes = seededBytes(1, 4 * 262_144);
      const first = pool.run<"stretch">({ type: "stretch", keys, bytes }, { batch });
      const range = { type: "range", keys, path, offset: 0, length: 16 * mebibyte } as const;
      const second = pool.run<"range">(range, { batch, signal: cancelling.signal });
      await Promise.all([
        assert.rejects(first, hasCode("unavailable")),
        assert.rejects(second, hasCode("cancelled")),
      ]);
      assert.ok(hasCode("unavailable")(lost));
      await pool.close();
    });
  }).timeout(20_000);

  it("write nothing that the store has already", async () => {
    await withPool(async ({ pool, store, folder }) => {
      const bytes = seededBytes(1, 4 * 262_144);
      const sizes: number[] = [];
      for (let i = 0; i < 2; i++) {
        const batch = store.begin();
        await pool.run<"stretch">({ type: "stretch", keys, bytes }, { batch });
        await batch.commit();
        const [segment = ""] = readdirSync(join(folder, "store", "segments"));
        sizes.push(statSync(join(folder, "store", "segments", segment)).size);
      }
      assert.ok((sizes[0] ?? 0) > bytes.length);
      assert.equal(sizes[0], sizes[1]);
    });
  });
});
