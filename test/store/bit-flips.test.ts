import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { toHex } from "../../src/node/core/bytes.ts";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import { openStore } from "../../src/node/store/open-store.ts";
import { inTemporaryFolder, seededBlock, seededBytes, seededRandom } from "./blocks.ts";
import { putAll } from "./checks.ts";
import { segmentPath, withDatabase } from "./damage.ts";

const damages = 10_000;
const untouched = 500;
const options = { inlineBytes: 500, segmentBytes: 1_000_000 };

/** Flips a bit or cuts the end off; the result differs. */
function damaged(bytes: Uint8Array, random: () => number): Uint8Array {
  if (random() < 0.3) return bytes.slice(0, Math.floor(random() * bytes.length));
  const copy = bytes.slice();
  const at = Math.floor(random() * copy.length);
  copy[at] = (copy[at] as number) ^ (1 << Math.floor(random() * 8));
  return copy;
}

/** Damages the first blocks of a closed store. @returns their ids in hexadecimal. */
async function damageMany(folder: string): Promise<string[]> {
  const random = seededRandom(11);
  const extents = withDatabase(folder, (database) => {
    const select = database.prepare("SELECT id, bytes FROM block WHERE id <= ?");
    const update = database.prepare("UPDATE block SET bytes = ? WHERE id = ?");
    database.exec("BEGIN");
    for (const row of select.all(damages)) {
      const bytes = row["bytes"];
      if (bytes instanceof Uint8Array) update.run(damaged(bytes, random), row["id"] as number);
    }
    database.exec("COMMIT");
    const all = database.prepare("SELECT segment, offset, length FROM extent WHERE id <= ?");
    return all
      .all(damages)
      .map((row) => [row["segment"], row["offset"], row["length"]].map(Number)) as [
      number,
      number,
      number,
    ][];
  });
  for (const segment of new Set(extents.map(([number]) => number))) {
    const path = segmentPath(folder, segment);
    const file = new Uint8Array(await readFile(path));
    for (const [number, offset, length] of extents) {
      if (number !== segment) continue;
      const bytes = damaged(file.subarray(offset, offset + length), random);
      // A write that stopped left something else in the rest of the place.
      file.set(seededBytes(offset, length), offset);
      file.set(bytes, offset);
    }
    await writeFile(path, file);
  }
  return withDatabase(folder, (database) =>
    database
      .prepare("SELECT hash FROM block WHERE id <= ? ORDER BY id")
      .all(damages)
      .map((row) => toHex(row["hash"] as Uint8Array)),
  );
}

describe("a store with 10,000 damaged blocks", function () {
  this.timeout(60_000);
  it("reports every one, serves none, and takes each in again", async () => {
    await inTemporaryFolder(async (folder) => {
      const blocks = Array.from({ length: damages + untouched }, (_, i) =>
        seededBlock(i, 4 + ((i * 7) % 997)),
      );
      let store = await openStore(folder, options);
      await putAll(store, ...blocks);
      await store.close();
      const bad = await damageMany(folder);
      const isBad = new Set(bad);

      store = await openStore(folder, options);
      for (const { id, bytes } of blocks) {
        const found = await store.get(id).catch((error: unknown) => error);
        if (isBad.has(toHex(id))) assert.ok(isCloudError(found, "damaged"), toHex(id));
        else assert.deepEqual(found, bytes);
      }
      const report = await store.check();
      assert.equal(report.blocks, blocks.length);
      assert.deepEqual(report.damaged.map(toHex), bad);
      assert.equal(store.usage().quarantined, damages);

      await putAll(store, ...blocks);
      const repaired = await store.check();
      assert.deepEqual([repaired.blocks, repaired.damaged], [blocks.length, []]);
      await store.close();
    });
  });
});
