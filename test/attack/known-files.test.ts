import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { toUtf8 } from "../../src/node/core/bytes.ts";
import { below, pick, type Random, seeded } from "../blocks/random.ts";
import { openVault } from "../e2e/open-vault.ts";
import { inTemporaryFolder } from "../store/blocks.ts";
import { quietCall } from "../support/open-drive.ts";
import { findCandidates } from "./candidates.ts";
import { Attack } from "./find.ts";
import { observe } from "./observe.ts";

const foldersInAll = 45;
const decoys = 15;
const filesEach = 10;
/** What could be seen by chance in one folder of ten thousand. */
const certain = 4;

/** A text as long as asked for, of a few words or of many, so that it compresses well or badly. */
function text(random: Random, length: number): Uint8Array {
  const words = Array.from({ length: 10 + below(random, 1500) }, () =>
    below(random, 2 ** 31).toString(36),
  );
  const parts: string[] = [];
  for (let made = 0; made < length; made += (parts.at(-1) ?? "").length) {
    parts.push(`${pick(random, words)} `);
  }
  return toUtf8(parts.join("").slice(0, length));
}

function writePublicFolders(root: string): void {
  const random = seeded(9);
  for (let i = 0; i < foldersInAll; i++) {
    const folder = join(root, `package-${i.toString()}`);
    mkdirSync(folder, { recursive: true });
    for (let j = 0; j < filesEach; j++) {
      writeFileSync(
        join(folder, `${j.toString()}.txt`),
        text(random, 5000 + below(random, 90_000)),
      );
    }
  }
}

describe("the data folder of a drive into which public folders were imported", function () {
  this.timeout(120_000);

  it("doesn't tell by lengths and order which of them are in it", async () => {
    await inTemporaryFolder(async (folder) => {
      const [publicFolders, home] = [join(folder, "public"), join(folder, "home")];
      writePublicFolders(publicFolders);
      const { folders } = findCandidates([publicFolders]);
      assert.equal(folders.length, foldersInAll);
      for (const { paths } of folders.slice(0, decoys)) for (const path of paths) rmSync(path);
      const opened = await openVault(home);
      await opened.vault.drive.import(publicFolders, "/", quietCall);
      await opened.close();
      const attack = new Attack(observe(home));
      const found = folders.filter(({ lengths }) => {
        const { byOrder, together, amongOthers } = attack.weigh(lengths);
        return Math.max(byOrder, together, amongOthers) >= certain;
      });
      assert.deepEqual(found, []);
    });
  });
});
