import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toUtf8 } from "../../src/node/core/bytes.ts";
import { type OpenedVault, openVault } from "../e2e/open-vault.ts";
import { inTemporaryFolder } from "../store/blocks.ts";
import { quietCall } from "../support/open-drive.ts";

const text = (seed: number, length: number): Uint8Array =>
  toUtf8(`${seed.toString()} is said over and over again. `.repeat(length / 20).slice(0, length));

describe("a drive whose owner wants nothing compressed", () => {
  let folder: string;

  /** Bytes that a change adds to the store. */
  async function grown({ store }: OpenedVault, change: () => Promise<unknown>): Promise<number> {
    const before = store.usage().blockBytes;
    await change();
    return store.usage().blockBytes - before;
  }

  /** What each way into the drive adds for 2.5 MB, 600 KB and 4,000 bytes of plain text. */
  async function takeIn(opened: OpenedVault, seed: number): Promise<number[]> {
    const { drive } = opened.vault;
    const tree = join(folder, `tree-${seed.toString()}`);
    mkdirSync(tree);
    writeFileSync(join(tree, "large.txt"), text(seed + 1, 2_500_000));
    writeFileSync(join(tree, "middle.txt"), text(seed + 2, 600_000));
    const name = seed.toString();
    return [
      await grown(opened, () => drive.import(tree, `/tree-${name}`, quietCall)),
      await grown(opened, () => drive.write({ path: `/whole-${name}` }, text(seed + 3, 600_000))),
      await grown(opened, () => drive.write({ path: `/small-${name}` }, text(seed + 4, 4000))),
    ];
  }

  it("has nothing compressed from then on, also after it was closed", async () => {
    await inTemporaryFolder(async (here) => {
      folder = here;
      const home = join(here, "home");
      let opened = await openVault(home);
      const [tree = 0, whole = 0, small = 0] = await takeIn(opened, 100);
      assert.ok(tree < 200_000 && whole < 50_000, "it is compressed as long as nobody says else");
      await opened.vault.setSettings({ compression: false });
      for (const seed of [200, 300]) {
        const [plainTree = 0, plainWhole = 0, plainSmall = 0] = await takeIn(opened, seed);
        assert.ok(plainTree > 3_100_000 && plainWhole > 600_000 && plainSmall > small + 3000);
        await opened.close();
        opened = await openVault(home);
        assert.equal(opened.vault.settings.compression, false);
      }
      await opened.vault.setSettings({ compression: true });
      assert.ok(((await takeIn(opened, 400))[0] ?? 0) < 200_000);
      for (const seed of [100, 200, 400]) {
        const read = await opened.vault.drive.read(`/tree-${seed.toString()}/middle.txt`, {});
        assert.deepEqual(read, text(seed + 2, 600_000));
      }
      await opened.close();
    });
  });
});
