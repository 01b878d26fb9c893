import assert from "node:assert/strict";
import { openStore } from "../../src/node/store/open-store.ts";
import { inTemporaryFolder, seededBlock } from "./blocks.ts";

describe("what a store tells of padding", () => {
  it("is about what the lengths of its blocks let one expect", async () => {
    await inTemporaryFolder(async (folder) => {
      const store = await openStore(folder);
      assert.equal(store.usage().paddingShare, 0);
      const batch = store.begin();
      // Of 8,192 bytes a body has more than 7,168; a full chunk is taken for full.
      for (let i = 0; i < 40; i++) batch.put(seededBlock(i, 8192 + 53));
      for (let i = 0; i < 2; i++) batch.put(seededBlock(100 + i, 262_144 + 53));
      await batch.commit();
      const expected = (40 * 512) / (40 * (8192 + 53) + 2 * (262_144 + 53));
      assert.ok(Math.abs(store.usage().paddingShare - expected) < 1e-9);
      await store.close();
    });
  });
});
