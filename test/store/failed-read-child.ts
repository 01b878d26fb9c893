// Reads the two blocks of a store in FOLDER, on a disk that fails reads: a PASSING fault, or one that stays.
import assert from "node:assert/strict";
import { openStore } from "../../src/node/store/open-store.ts";
import { seededBlock } from "./blocks.ts";
import { refuses } from "./checks.ts";

const [folder = "", fault = ""] = process.argv.slice(2);
const [small, large] = [seededBlock(1, 3000), seededBlock(2, 100_000)];
const store = await openStore(folder);
if (fault === "passing") {
  assert.deepEqual(await store.get(large.id), large.bytes);
} else {
  await refuses("damaged", () => store.get(large.id), /can't be read/);
  // So that a put brings it back.
  assert.equal(store.has(large.id), false);
  const { blocks, damaged } = await store.check();
  assert.deepEqual([blocks, damaged], [2, [large.id]]);
}
assert.deepEqual(await store.get(small.id), small.bytes);
await store.close();
