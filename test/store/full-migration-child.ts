// Opens a store of schema 1 in FOLDER, a disk of 256 KiB, while it is full and then with space.
import assert from "node:assert/strict";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openStore } from "../../src/node/store/open-store.ts";
import { refuses } from "./checks.ts";
import { withDatabase } from "./damage.ts";
import { makeOldStore } from "./old-store.ts";

const [folder = ""] = process.argv.slice(2);
await makeOldStore(folder);
const ballast = join(folder, "ballast");
for (let size = 256 * 1024; size >= 4096; size -= 4096) {
  if (
    await writeFile(ballast, new Uint8Array(size)).then(
      () => true,
      () => false,
    )
  )
    break;
}
await refuses("storage-full", () => openStore(folder));
assert.deepEqual((await readdir(folder)).sort(), ["ballast", "store.db"]);
await rm(ballast);
const version = withDatabase(folder, (database) => database.prepare("PRAGMA user_version").get());
assert.equal(version?.["user_version"], 1);
const store = await openStore(folder);
assert.equal((await store.check()).blocks, 2);
await store.close();
