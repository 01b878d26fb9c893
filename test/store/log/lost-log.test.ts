import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, existsSync, statSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fromUtf8 } from "../../../src/node/core/bytes.ts";
import { isCloudError } from "../../../src/node/core/cloud-error.ts";
import { openStore } from "../../../src/node/store/open-store.ts";
import type { Store } from "../../../src/node/store/store.ts";
import { inTemporaryFolder, seededBlock } from "../blocks.ts";
import { putAll, refuses } from "../checks.ts";
import { checkAfterCrash, options } from "../crash-workload.ts";
import { makeOldStore } from "../old-store.ts";

const long = process.env["IPCLOUD_LONG"] === "1";
const child = fileURLToPath(new URL("../crash-child.ts", import.meta.url));

/** Runs the workload in a folder until it kills itself. @returns how many commits it acknowledged. */
function runUntilKilled(folder: string, killAt: number): Promise<number> {
  return new Promise((resolve) => {
    execFile(process.execPath, [child, folder, killAt.toString()], (error, stdout, stderr) => {
      if (error?.signal !== "SIGKILL") assert.fail(stderr === "" ? "it was not killed" : stderr);
      resolve(stdout.split("\n").filter(Boolean).length);
    });
  });
}

/** The number of the last commit of the workload that a store has. */
function lastCommit(store: Store): number {
  return Number(fromUtf8(store.setting("commit") ?? new Uint8Array(0)));
}

/** Every segment and its bytes. */
async function readSegments(folder: string): Promise<Map<string, Uint8Array>> {
  const segments = new Map<string, Uint8Array>();
  for (const name of (await readdir(join(folder, "segments"))).sort()) {
    segments.set(name, await readFile(join(folder, "segments", name)));
  }
  return segments;
}

/**
 * Opens a store that has lost its log, and checks that it can be read, says what is wrong, takes
 * nothing, and that nothing in its folder changes.
 */
async function checkRefusal(folder: string, acknowledged: number): Promise<void> {
  const before = await readSegments(folder);
  const store = await openStore(folder, options);
  try {
    assert.ok(
      isCloudError(store.refusal, "storage-read-only"),
      `${String(lastCommit(store))} of ${acknowledged.toString()} are there`,
    );
    assert.match(store.refusal.message, /change.* missing from.*store\.db-wal back.*--accept-loss/);
    assert.ok(store.refusal.message.includes(folder));
    // A commit without a number may be what is missing.
    assert.ok(lastCommit(store) <= acknowledged);
    for (const size of [1000, 100_000]) {
      await refuses("storage-read-only", () => putAll(store, seededBlock(7, size)), /missing from/);
    }
    const settings = [{ name: "s", value: Uint8Array.of(1) }];
    await refuses("storage-read-only", () => store.begin().commit({ settings }), /missing/);
    if (store.usage().blocks > 0) {
      await refuses("storage-read-only", () => store.collect().sweep(), /missing/);
    }
    const report = await store.check();
    assert.deepEqual([report.damaged, report.problems], [[], []]);
  } finally {
    await store.close();
  }
  assert.deepEqual(await readSegments(folder), before);
}

/** What may come between a store and its log. */
const losses: [string, (log: string) => Promise<void>][] = [
  ["deleted", (log) => rm(log)],
  ["cut to nothing", (log) => truncate(log)],
  ["cut in its middle", (log) => truncate(log, statSync(log).size >> 1)],
  ["cut by one byte", (log) => truncate(log, statSync(log).size - 1)],
];

/** Write points of the workload: commits after a checkpoint, a flush, a collection. */
const points = long ? Array.from({ length: 88 }, (_, i) => 12 + i) : [30, 45, 77, 95];

describe("a store whose log is lost", function () {
  this.timeout(long ? 1_200_000 : 120_000);

  for (const [how, lose] of losses) {
    it(`after a kill, ${how}, is read and not written, and goes on once it is put back`, async () => {
      let refused = 0;
      for (const point of points) {
        await inTemporaryFolder(async (home) => {
          const folder = join(home, "store");
          await mkdir(folder);
          const acknowledged = await runUntilKilled(folder, point);
          const log = join(folder, "store.db-wal");
          if (!existsSync(log) || statSync(log).size === 0) return;
          const kept = join(home, "kept");
          cpSync(log, kept);
          await lose(log);
          const store = await openStore(folder, options);
          const has = lastCommit(store);
          const { refusal } = store;
          await store.close();
          // A log may be lost that held nothing acknowledged, or whose all is in the database.
          assert.ok(
            refusal !== undefined || has >= acknowledged,
            `${String(has)} of ${String(acknowledged)}`,
          );
          if (refusal === undefined) {
            await rm(join(folder, "lost"), { recursive: true, force: true });
            await checkAfterCrash(folder, acknowledged);
            return;
          }
          refused++;
          await checkRefusal(folder, acknowledged);
          await rm(log, { force: true });
          await rename(kept, log);
          await rm(join(folder, "lost"), { recursive: true, force: true });
          await checkAfterCrash(folder, acknowledged);
        });
      }
      assert.ok(refused > 0, `${refused.toString()} lost something`);
    });
  }

  it("goes on without what is missing once that is accepted, and keeps what lies beyond", async () => {
    await inTemporaryFolder(async (folder) => {
      const acknowledged = await runUntilKilled(folder, 100);
      await rm(join(folder, "store.db-wal"));
      await checkRefusal(folder, acknowledged);
      const before = await readSegments(folder);
      const refused = await openStore(folder, options);
      let told = 0;
      await refused.acceptLoss(() => told++);
      assert.equal(told, 1);
      assert.ok(refused.refusal !== undefined, "until it is opened again");
      await refused.close();

      const store = await openStore(folder, options);
      assert.equal(store.refusal, undefined);
      await putAll(store, seededBlock(7, 100_000));
      await refuses(
        "usage",
        () => store.acceptLoss(() => assert.fail("it has lost nothing")),
        /has all that was acknowledged/,
      );
      await store.close();
      await (await openStore(folder, options)).close();

      const kept = Buffer.concat(
        await Promise.all(
          (await readdir(join(folder, "lost")))
            .sort()
            .map((name) => readFile(join(folder, "lost", name))),
        ),
      );
      const after = await readSegments(folder);
      let beyond = 0;
      for (const [name, bytes] of before) {
        const left = after.get(name)?.length ?? 0;
        if (left >= bytes.length) continue;
        beyond += bytes.length - left;
        assert.ok(
          kept.includes(Buffer.from(bytes.subarray(left))),
          `what was cut off ${name} is kept`,
        );
      }
      assert.ok(beyond > 0, "something lay beyond");
    });
  });

  it("takes what is left of its log, once the rest is given up", async () => {
    await inTemporaryFolder(async (folder) => {
      await runUntilKilled(folder, 60);
      const log = join(folder, "store.db-wal");
      await truncate(log, Math.floor(statSync(log).size * 0.6));
      const cut = await readFile(log);
      const refused = await openStore(folder, options);
      const without = lastCommit(refused);
      assert.ok(refused.refusal !== undefined);
      await refused.acceptLoss(() => undefined);
      await refused.close();
      const store = await openStore(folder, options);
      assert.equal(store.refusal, undefined);
      assert.ok(lastCommit(store) > without, "the log had more than the database file");
      const report = await store.check();
      assert.deepEqual([report.damaged, report.problems], [[], []]);
      await putAll(store, seededBlock(7, 100_000));
      await store.close();
      assert.deepEqual(await readFile(join(folder, "lost", "store.db-wal.1")), cut);
    });
  });

  it("is told of a copy of a running store that lacks it", async () => {
    await inTemporaryFolder(async (home) => {
      const [folder, copy] = [join(home, "store"), join(home, "copy")];
      const store = await openStore(folder);
      for (let i = 0; i < 5; i++) await putAll(store, seededBlock(i, 30_000));
      store.replaceRows(store.rows());
      cpSync(folder, copy, { recursive: true, filter: (path) => !path.endsWith("-wal") });
      await store.close();
      const copied = await openStore(copy);
      assert.match(copied.refusal?.message ?? "", /the last 6 acknowledged changes/);
      await copied.close();
    });
  });

  it("is told where the database is older than what lies beside it", async () => {
    await inTemporaryFolder(async (folder) => {
      const path = join(folder, "store.db");
      let store = await openStore(folder);
      await putAll(store, seededBlock(1, 3000));
      await store.close();
      const older = await readFile(path);
      store = await openStore(folder);
      await putAll(store, seededBlock(2, 3000));
      await store.close();
      await writeFile(path, older);
      store = await openStore(folder);
      assert.match(store.refusal?.message ?? "", /the last acknowledged change is missing/);
      await store.close();
    });
  });

  it("refuses to begin anew where all was in the log", async () => {
    await inTemporaryFolder(async (folder) => {
      const store = await openStore(folder);
      await putAll(store, seededBlock(1, 3000));
      await store.close();
      // As if even the tables had been.
      await writeFile(join(folder, "store.db"), "");
      await refuses("damaged", () => openStore(folder), /store\.mark/);
    });
  });
});

describe("a store that lost nothing", () => {
  it("is written again after it was closed, with and without its mark", async () => {
    await inTemporaryFolder(async (folder) => {
      for (let i = 0; i < 4; i++) {
        const store = await openStore(folder);
        assert.equal(store.refusal, undefined);
        await putAll(store, seededBlock(i, 3000));
        await store.close();
        assert.equal(existsSync(join(folder, "store.db-wal")), false);
        if (i === 1) await rm(join(folder, "store.mark"));
        if (i === 2) await truncate(join(folder, "store.mark"), 5);
      }
    });
  });

  it("is written also if an older IPCloud, which left no mark, made it", async () => {
    await inTemporaryFolder(async (folder) => {
      await makeOldStore(folder);
      const store = await openStore(folder);
      assert.equal(store.refusal, undefined);
      await putAll(store, seededBlock(1, 3000));
      await store.close();
      const again = await openStore(folder);
      assert.equal(again.refusal, undefined);
      await again.close();
    });
  });
});
