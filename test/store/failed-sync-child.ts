// Commits to a store in FOLDER, on a disk that fails one sync of the database's log and none after.
import assert from "node:assert/strict";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import { openStore } from "../../src/node/store/open-store.ts";
import { seededBlock } from "./blocks.ts";
import { refuses } from "./checks.ts";

const [folder = ""] = process.argv.slice(2);
const store = await openStore(folder);

async function commit(n: number): Promise<void> {
  const batch = store.begin();
  batch.put(seededBlock(n, 3000));
  await batch.commit();
}

/** @returns how many commits succeeded before the first that did not. */
async function commitUntilFailure(): Promise<number> {
  for (let n = 0; n < 50; n++) {
    try {
      await commit(n);
    } catch (error) {
      assert.ok(isCloudError(error, "storage"), String(error));
      return n;
    }
  }
  assert.fail("no commit failed");
}

const committed = await commitUntilFailure();
assert.ok(committed > 0, "the first commit failed");
for (const n of [100, 101, 102]) {
  await refuses("storage", () => commit(n), /syncing the database failed in the store in /);
}
for (let n = 0; n < committed; n++) {
  const { id, bytes } = seededBlock(n, 3000);
  assert.deepEqual(await store.get(id), bytes);
}
await store.close();
