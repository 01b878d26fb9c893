import assert from "node:assert/strict";
import { CID } from "multiformats/cid";
import { equalBytes } from "../../src/node/core/bytes.ts";
import { showCid } from "../../src/node/core/cid.ts";
import { startNetwork } from "../../src/node/network/node.ts";
import { openStore } from "../../src/node/store/open-store.ts";
import { inTemporaryFolder, seededBlock } from "../store/blocks.ts";
import { listOf, putAll, refuses } from "../store/checks.ts";
import { damageBlock } from "../store/damage.ts";

const blocks = [seededBlock(1, 3000), seededBlock(2, 200_000)];

describe("a Helia node over the store, offline", () => {
  it("serves the drive's sealed blocks by their CIDs, and no damaged one", async () => {
    await inTemporaryFolder(async (folder) => {
      let store = await openStore(folder);
      await putAll(store, ...blocks);
      let network = await startNetwork({ store, offline: true });
      const get = (cid: CID) => listOf(network.helia.blockstore.get(cid));
      for (const { id, bytes } of blocks) {
        const [found] = await get(CID.parse(showCid(id)));
        assert.ok(found !== undefined && equalBytes(found, bytes));
      }
      const missing = CID.parse(showCid(seededBlock(3, 10).id));
      await assert.rejects(get(missing));
      await network.stop();
      await store.close();

      for (const { id } of blocks) {
        await damageBlock(folder, id, (bytes) =>
          bytes.map((byte, i) => (i === 9 ? byte ^ 1 : byte)),
        );
      }
      store = await openStore(folder);
      network = await startNetwork({ store, offline: true });
      for (const { id, bytes } of blocks) {
        const cid = CID.parse(showCid(id));
        await refuses("damaged", () => get(cid), new RegExp(showCid(id)));
        assert.equal(await network.helia.blockstore.has(cid), false);
        await assert.rejects(get(cid));
        await network.helia.blockstore.put(cid, bytes);
        assert.deepEqual(await get(cid), [bytes], "a put repairs it");
      }
      await network.stop();
      await store.close();
    });
  });

  it("can't be made to collect the drive as garbage", async () => {
    await inTemporaryFolder(async (folder) => {
      const store = await openStore(folder);
      await putAll(store, ...blocks);
      const network = await startNetwork({ store, offline: true });
      await assert.rejects(async () => {
        await network.helia.gc();
      });
      for (const { id, bytes } of blocks) assert.ok(equalBytes(await store.get(id), bytes));
      await network.stop();
      await store.close();
    });
  });
});
