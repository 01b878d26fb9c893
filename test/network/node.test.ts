import assert from "node:assert/strict";
import { CID } from "multiformats/cid";
import { equalBytes } from "../../src/node/core/bytes.ts";
import { showCid } from "../../src/node/core/cid.ts";
import { openNetwork } from "../../src/node/network/node.ts";
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
      let network = openNetwork({ store, offline: true });
      const get = async (cid: CID) => listOf((await network.helia()).blockstore.get(cid));
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
      network = openNetwork({ store, offline: true });
      for (const { id, bytes } of blocks) {
        const cid = CID.parse(showCid(id));
        await refuses("damaged", () => get(cid), new RegExp(showCid(id)));
        assert.equal(await (await network.helia()).blockstore.has(cid), false);
        await assert.rejects(get(cid));
        await (await network.helia()).blockstore.put(cid, bytes);
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
      const network = openNetwork({ store, offline: true });
      await assert.rejects(async () => {
        await (await network.helia()).gc();
      });
      for (const { id, bytes } of blocks) assert.ok(equalBytes(await store.get(id), bytes));
      await network.stop();
      await store.close();
    });
  });

  it("is started once, when it is first asked for, and not again after its stop", async () => {
    await inTemporaryFolder(async (folder) => {
      const store = await openStore(folder);
      const unasked = openNetwork({ store, offline: true });
      await unasked.stop();
      await assert.rejects(unasked.helia(), { code: "unavailable" });

      const network = openNetwork({ store, offline: true });
      const [one, other] = await Promise.all([network.helia(), network.helia()]);
      assert.equal(one, other);
      assert.equal(one.status, "started");
      await network.stop();
      assert.equal(one.status, "stopped");
      await assert.rejects(network.helia(), { code: "unavailable" });
      await store.close();
    });
  });
});
