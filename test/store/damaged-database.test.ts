import assert from "node:assert/strict";
import { open, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CloudError } from "../../src/node/core/cloud-error.ts";
import { openStore } from "../../src/node/store/open-store.ts";
import { inTemporaryFolder, seededBlock, seededBytes, seededRandom } from "./blocks.ts";
import { putAll, refuses } from "./checks.ts";
import { withDatabase } from "./damage.ts";

const blocks = Array.from({ length: 200 }, (_, i) => seededBlock(i, i % 20 === 0 ? 20_000 : 2000));

/** Makes a store with blocks in a folder and closes it. @returns the path of its database. */
async function makeStore(folder: string): Promise<string> {
  const store = await openStore(folder);
  await putAll(store, ...blocks);
  await store.close();
  return join(folder, "store.db");
}

async function overwrite(path: string, offset: number, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "r+");
  await file.write(bytes, 0, bytes.length, offset);
  await file.close();
}

describe("a store whose database is damaged", () => {
  const refusals: [string, (path: string) => Promise<void>, RegExp][] = [
    ["missing beside segments", (path) => rm(path), /missing or empty/],
    ["empty beside segments", (path) => truncate(path), /missing or empty/],
    ["garbage", (path) => writeFile(path, seededBytes(1, 50_000)), /is damaged/],
    ["garbage in its header", (path) => overwrite(path, 0, seededBytes(1, 100)), /is damaged/],
    ["garbage in its first page", (path) => overwrite(path, 100, seededBytes(1, 3000)), /damaged/],
    ["cut inside its first page", (path) => truncate(path, 1000), /is damaged/],
  ];
  for (const [what, damage, sentence] of refusals) {
    it(`is refused if it is ${what}`, async () => {
      await inTemporaryFolder(async (folder) => {
        const path = await makeStore(folder);
        await damage(path);
        await refuses("damaged", () => openStore(folder), sentence);
        await refuses("damaged", () => openStore(folder), new RegExp(folder));
      });
    });
  }

  it("is refused if a table is missing, or it is another program's", async () => {
    await inTemporaryFolder(async (folder) => {
      await makeStore(folder);
      withDatabase(folder, (database) => {
        database.exec("DROP TABLE extent");
      });
      await refuses("damaged", () => openStore(folder), new RegExp(folder));
    });
    await inTemporaryFolder(async (folder) => {
      withDatabase(folder, (database) => {
        database.exec("CREATE TABLE message (text TEXT)");
      });
      await refuses("damaged", () => openStore(folder), /not that of a store/);
    });
  });

  it("is begun again where its making was cut short", async () => {
    await inTemporaryFolder(async (folder) => {
      await writeFile(join(folder, "store.db"), "");
      await (await openStore(folder)).close();
    });
    await inTemporaryFolder(async (folder) => {
      withDatabase(folder, (database) => {
        database.exec("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL");
      });
      const store = await openStore(folder);
      await putAll(store, ...blocks);
      await store.close();
    });
  });

  it("never serves a wrong byte, and says what is wrong, whichever page is garbage", async () => {
    await inTemporaryFolder(async (folder) => {
      const path = await makeStore(folder);
      const whole = await readFile(path);
      const random = seededRandom(5);
      let served = 0;
      for (let i = 0; i < 60; i++) {
        const page = 1 + Math.floor(random() * (whole.length / 4096 - 1));
        const damaged = Uint8Array.from(whole);
        damaged.set(seededBytes(i, 1 + Math.floor(random() * 4096)), 4096 * page);
        await writeFile(path, damaged);
        served += await readAll(folder);
      }
      assert.ok(served > 60 * 100, "most blocks are on pages that are not damaged");
    });
  });
});

/** Reads every block that can be read. @returns how many were right; the others said why not. */
async function readAll(folder: string): Promise<number> {
  let right = 0;
  try {
    const store = await openStore(folder);
    try {
      for (const { id, bytes } of blocks) {
        try {
          assert.deepEqual(await store.get(id), bytes);
          right += 1;
        } catch (error) {
          assert.ok(error instanceof CloudError, String(error));
          assert.match(error.code, /^(damaged|not-found)$/);
        }
      }
      const { problems, damaged } = await store.check();
      if (right < blocks.length) assert.ok(problems.length + damaged.length > 0, "check is silent");
    } finally {
      await store.close();
    }
  } catch (error) {
    assert.ok(error instanceof CloudError, String(error));
    assert.equal(error.code, "damaged", error.message);
  }
  return right;
}
