import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { toUtf8 } from "../../src/node/core/bytes.ts";
import { inTemporaryFolder } from "../store/blocks.ts";
import { canMount, runWithMounts } from "../store/in-namespace.ts";
import { openVault } from "./open-vault.ts";

describe("a drive on a bad disk", function () {
  this.timeout(120_000);
  before(function () {
    if (!canMount()) this.skip();
  });

  it("that is full says so, keeps all that it had, and goes on when there is space", async () => {
    await inTemporaryFolder(async (folder) => {
      const program = new URL("full-disk-child.ts", import.meta.url);
      await runWithMounts('mount -t tmpfs -o size=4m none "$1"', program, folder);
    });
  });

  it("that is read-only is refused by its name, and is whole afterwards", async () => {
    await inTemporaryFolder(async (folder) => {
      const home = join(folder, "home");
      await mkdir(home);
      const before = await openVault(home);
      await before.vault.drive.write({ path: "/kept" }, toUtf8("kept"));
      await before.close();
      const mounts = 'mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"';
      await runWithMounts(mounts, new URL("read-only-child.ts", import.meta.url), folder);
      const after = await openVault(home);
      await after.vault.drive.read("/kept", {});
      await after.close();
    });
  });
});
