import assert from "node:assert/strict";
import { chownSync } from "node:fs";
import { join } from "node:path";
import { decodeRecordLink } from "../../src/node/blocks/link.ts";
import { rangeOfMap } from "../../src/node/blocks/sealed-map.ts";
import { toHex } from "../../src/node/core/bytes.ts";
import { decodeEntry } from "../../src/node/tree/entry.ts";
import { writeTree } from "../support/local-tree.ts";
import { openTestSpace } from "../support/open-drive.ts";
import { TestTransfer } from "../support/test-transfer.ts";

const strangers = [12_345, 54_321];

describe("an import of files that belong to several users", () => {
  let here: TestTransfer;

  beforeEach(async () => {
    here = await TestTransfer.make();
  });

  afterEach(() => here.remove());

  /** Ids of the packs that hold the records of files, with the files in each. */
  async function packs(): Promise<Map<string, string[]>> {
    const { store, contents } = here.test;
    const { sealer } = openTestSpace(store, contents);
    const tree = here.drive.retained.tip()?.state.tree ?? assert.fail();
    const found = new Map<string, string[]>();
    for await (const [key, value] of rangeOfMap(sealer, tree, new Uint8Array(0))) {
      const { name, content } = decodeEntry(key, value);
      const { id, place } = decodeRecordLink((content[0] ?? assert.fail()).link);
      if (place !== undefined) found.set(toHex(id), [...(found.get(toHex(id)) ?? []), name]);
    }
    return found;
  }

  it("seals no record of another's together with one's own, or with a third's", async function () {
    if (process.getuid?.() !== 0) this.skip(); // only root can give a file away
    const names = Array.from({ length: 90 }, (_, i) => `${i.toString().padStart(2, "0")}.txt`);
    writeTree(here.source, Object.fromEntries(names.map((name) => [name, `text of ${name}`])));
    const ownerOf = (name: string): number => [0, ...strangers][Number.parseInt(name, 10) % 3] ?? 0;
    for (const name of names) chownSync(join(here.source, name), ownerOf(name), 0);
    assert.equal((await here.take()).files, 90);
    const found = await packs();
    assert.equal([...found.values()].flat().length, 90);
    for (const together of found.values()) {
      assert.equal(new Set(together.map(ownerOf)).size, 1, together.join(" "));
    }
  });
});
