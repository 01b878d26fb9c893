import assert from "node:assert/strict";
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { openStore } from "../../src/node/store/open-store.ts";
import { inTemporaryFolder, seededBlock } from "./blocks.ts";
import { refuses } from "./checks.ts";
import { segmentPath } from "./damage.ts";
import { canMount, runWithMounts } from "./in-namespace.ts";

/** A process that holds a store with two blocks in it. */
async function startWriter(folder: string): Promise<ChildProcess> {
  const path = fileURLToPath(new URL("writing-child.ts", import.meta.url));
  const child = spawn(process.execPath, [path, folder], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "exit");
}

describe("a store under a second node", () => {
  it("is refused in the same process and in another, by a sentence that names the folder", async () => {
    await inTemporaryFolder(async (folder) => {
      const store = await openStore(folder);
      await refuses("storage-busy", () => openStore(folder), new RegExp(folder));
      await store.close();
      const child = await startWriter(folder);
      try {
        await refuses("storage-busy", () => openStore(folder), new RegExp(folder));
      } finally {
        await kill(child);
      }
      const again = await openStore(folder);
      const { id, bytes } = seededBlock(2, 100_000);
      assert.deepEqual(await again.get(id), bytes);
      await again.close();
    });
  });
});

describe("a store on a bad disk", function () {
  this.timeout(30_000);
  before(function () {
    if (!canMount()) this.skip();
  });

  it("says that the disk is full, keeps what it had, and goes on when there is space", async () => {
    await inTemporaryFolder(async (folder) => {
      await runWithMounts(
        'mount -t tmpfs -o size=6m none "$1"',
        new URL("full-disk-child.ts", import.meta.url),
        folder,
      );
    });
  });

  it("is read but not written on a read-only disk, also after a node was killed", async () => {
    await inTemporaryFolder(async (folder) => {
      for (const name of ["closed", "killed"]) {
        await mkdir(join(folder, name));
        await kill(await startWriter(join(folder, name)));
      }
      await (await openStore(join(folder, "closed"))).close();
      const mounts = 'mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"';
      await runWithMounts(mounts, new URL("read-only-child.ts", import.meta.url), folder);
    });
  });
});

/** Whether this system lets a process be traced, and its system calls made to fail. */
function canFailCalls(): boolean {
  try {
    execFileSync("strace", ["-qq", "-e", "inject=chdir:error=EIO", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe("a store on a disk that fails a sync", function () {
  this.timeout(30_000);
  before(function () {
    if (!canFailCalls()) this.skip();
  });

  it("takes nothing more until it is opened again, though the next sync would succeed", async () => {
    await inTemporaryFolder(async (folder) => {
      const child = fileURLToPath(new URL("failed-sync-child.ts", import.meta.url));
      const fault = "inject=fsync,fdatasync:error=EIO:when=8";
      const log = join(folder, "store.db-wal");
      await promisify(execFile)("strace", [
        ...["-f", "-qq", "-o", "/dev/null", "-P", log, "-e", fault],
        ...[process.execPath, child, folder],
      ]);
      const again = await openStore(folder);
      const { id, bytes } = seededBlock(0, 3000);
      assert.deepEqual(await again.get(id), bytes);
      await again.close();
    });
  });
});

describe("a store on a disk that fails reads", function () {
  this.timeout(60_000);
  before(function () {
    if (!canFailCalls()) this.skip();
  });

  for (const [fault, when] of [
    ["passing", "1"],
    ["staying", "1+"],
  ] as const) {
    it(`takes a ${fault} fault for no damage of the block`, async () => {
      await inTemporaryFolder(async (folder) => {
        await kill(await startWriter(folder));
        const child = fileURLToPath(new URL("failed-read-child.ts", import.meta.url));
        await promisify(execFile)(
          "strace",
          [
            ...["-f", "-qq", "-o", "/dev/null", "-P", segmentPath(folder, 1)],
            ...["-e", `inject=pread64,preadv,read,readv:error=EIO:when=${when}`],
            ...[process.execPath, child, folder, fault],
            // Calls are counted for each thread.
          ],
          { env: { ...process.env, UV_THREADPOOL_SIZE: "1" } },
        );
        const again = await openStore(folder);
        const { id, bytes } = seededBlock(2, 100_000);
        assert.ok(again.has(id));
        assert.equal(again.usage().quarantined, 0);
        assert.deepEqual(await again.get(id), bytes);
        await again.close();
      });
    });
  }

  it("gives back the blocks of a segment that was away", async () => {
    await inTemporaryFolder(async (folder) => {
      await kill(await startWriter(folder));
      const [path, away] = [segmentPath(folder, 1), join(folder, "away")];
      const { id, bytes } = seededBlock(2, 100_000);
      await rename(path, away);
      const store = await openStore(folder);
      await refuses("damaged", () => store.get(id), /can't be read/);
      await rename(away, path);
      assert.deepEqual(await store.get(id), bytes);
      await store.close();
    });
  });
});
