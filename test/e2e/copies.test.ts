import assert from "node:assert/strict";
import { cpSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fromUtf8, toUtf8 } from "../../src/node/core/bytes.ts";
import { inTemporaryFolder } from "../store/blocks.ts";
import { quietCall } from "../support/open-drive.ts";
import { type OpenedVault, openVault } from "./open-vault.ts";

/** Copies a data folder as `cp -a` does. */
function copyFolder(from: string, to: string): void {
  cpSync(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
}

/** The writer in a revision's name. */
function writerOf({ vault }: OpenedVault): string {
  return (vault.drive.revision.split("-")[1] as string) || assert.fail("no writer");
}

async function write({ vault }: OpenedVault, path: string, text: string): Promise<void> {
  await vault.drive.write({ path }, toUtf8(text));
}

async function read({ vault }: OpenedVault, path: string): Promise<string | undefined> {
  return fromUtf8(await vault.drive.read(path, {}));
}

/** Opens a data folder, lets `work` at it, verifies it and closes it. */
async function opened<Result>(
  home: string,
  work: (open: OpenedVault) => Promise<Result>,
): Promise<Result> {
  const open = await openVault(home);
  try {
    const result = await work(open);
    const { ok, damaged, problems } = await open.vault.drive.verify(quietCall);
    assert.deepEqual({ ok, damaged, problems }, { ok: true, damaged: [], problems: [] });
    return result;
  } finally {
    await open.close();
  }
}

/** Makes a drive with a little history. @returns its writer. */
async function makeDrive(home: string): Promise<string> {
  return opened(home, async (open) => {
    await write(open, "/shared", "one");
    await write(open, "/shared", "two");
    await write(open, "/large", "large ".repeat(20_000));
    assert.deepEqual(open.vault.notices, []);
    return writerOf(open);
  });
}

describe("a data folder in two places", function () {
  this.timeout(20_000);

  it("that was copied becomes a writer of its own, says so, and both go on", async () => {
    await inTemporaryFolder(async (folder) => {
      const [original, copy] = [join(folder, "original"), join(folder, "copy")];
      const first = await makeDrive(original);
      copyFolder(original, copy);
      const second = await opened(copy, async (open) => {
        assert.match(open.vault.notices.join("\n"), /copied, restored or moved to another disk/);
        await write(open, "/shared", "of the copy");
        await write(open, "/new", "in the copy");
        return writerOf(open);
      });
      assert.notEqual(second, first);
      await opened(original, async (open) => {
        assert.deepEqual(open.vault.notices, []);
        assert.equal(await read(open, "/shared"), "two");
        await write(open, "/shared", "of the original");
        assert.equal(writerOf(open), first);
      });
      await opened(copy, async (open) => {
        assert.deepEqual(open.vault.notices, []);
        assert.equal(await read(open, "/shared"), "of the copy");
        const versions = await open.vault.drive.log("/shared", 10, true);
        assert.deepEqual(
          versions.map(({ device }) => device),
          ["laptop", "laptop", "laptop"],
        );
        await write(open, "/new", "again");
        assert.equal(writerOf(open), second);
      });
    });
  });

  it("can be opened after a collection of garbage, which the head of the other writer survives", async () => {
    await inTemporaryFolder(async (folder) => {
      const [original, copy] = [join(folder, "original"), join(folder, "copy")];
      await makeDrive(original);
      copyFolder(original, copy);
      for (let round = 0; round < 3; round++) {
        await opened(copy, async (open) => {
          if (round === 0) {
            const { freedBlocks } = await open.vault.drive.collectGarbage(quietCall);
            assert.equal(freedBlocks > 0, true);
          }
          await write(open, "/new", `round ${round.toString()}`);
          await open.vault.drive.collectGarbage(quietCall);
        });
      }
      await opened(copy, async (open) => {
        assert.equal(await read(open, "/shared"), "two");
        assert.equal((await open.vault.drive.log("/shared", 10, true)).length, 2);
        assert.equal((await read(open, "/large"))?.length, 120_000);
      });
    });
  });

  it("that was restored from a copy becomes a new writer, which never writes over what it had written since", async () => {
    await inTemporaryFolder(async (folder) => {
      const [home, backup] = [join(folder, "home"), join(folder, "backup")];
      const first = await makeDrive(home);
      copyFolder(home, backup);
      const lost = await opened(home, async (open) => {
        await write(open, "/since", "the backup");
        return open.vault.drive.revision;
      });
      rmSync(home, { recursive: true });
      copyFolder(backup, home);
      await opened(home, async (open) => {
        assert.equal(open.vault.notices.length, 1);
        await write(open, "/since", "the restore");
        assert.notEqual(writerOf(open), first);
        assert.notEqual(open.vault.drive.revision, lost);
      });
    });
  });

  it("that was moved stays the writer it was", async () => {
    await inTemporaryFolder(async (folder) => {
      const [home, moved] = [join(folder, "home"), join(folder, "elsewhere", "moved")];
      const first = await makeDrive(home);
      copyFolder(home, join(folder, "elsewhere"));
      renameSync(home, moved);
      await opened(moved, async (open) => {
        assert.deepEqual(open.vault.notices, []);
        await write(open, "/shared", "three");
        assert.equal(writerOf(open), first);
      });
    });
  });
});
