// Reads a store in FOLDER/closed and FOLDER/killed, both on a read-only disk.
import assert from "node:assert/strict";
import { join } from "node:path";
import { openStore } from "../../src/node/store/open-store.ts";
import { headNumber, seededBlock, spaceNumber } from "./blocks.ts";
import { refuses } from "./checks.ts";

const [folder = ""] = process.argv.slice(2);
const blocks = [seededBlock(1, 3000), seededBlock(2, 100_000)];
const sentence = /can be read but not written/;

for (const name of ["closed", "killed"]) {
  const store = await openStore(join(folder, name));
  for (const { id, bytes } of blocks) assert.deepEqual(await store.get(id), bytes);
  assert.deepEqual(store.heads(spaceNumber(7)), [headNumber(1)]);
  assert.equal((await store.check()).blocks, blocks.length);
  for (const size of [1000, 100_000]) {
    const batch = store.begin();
    batch.put(seededBlock(3, size));
    await refuses("storage-read-only", () => batch.commit(), sentence);
    const flushed = store.begin();
    flushed.put(seededBlock(3, size));
    await refuses(
      "storage-read-only",
      () => flushed.flush().then(() => flushed.commit()),
      sentence,
    );
  }
  const settings = [{ name: "s", value: Uint8Array.of(1) }];
  await refuses("storage-read-only", () => store.begin().commit({ settings }), sentence);
  await refuses("storage-read-only", () => store.collect().sweep(), sentence);
  await store.begin().commit(); // nothing to write
  await store.close();
}
await refuses("storage-read-only", () => openStore(join(folder, "new")), /new/);
