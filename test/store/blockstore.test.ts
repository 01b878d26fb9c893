import assert from "node:assert/strict";
import type { Blockstore } from "interface-blockstore";
import { CID } from "multiformats/cid";
import { create as createDigest } from "multiformats/hashes/digest";
import { equalBytes } from "../../src/node/core/bytes.ts";
import { showCid } from "../../src/node/core/cid.ts";
import { CloudError } from "../../src/node/core/cloud-error.ts";
import { cidOf, storeBlockstore } from "../../src/node/store/blockstore.ts";
import { openStore } from "../../src/node/store/open-store.ts";
import { interfaceBlockstoreTests } from "../support/acceptance-suites.ts";
import { memoryStore } from "../support/memory-store.ts";
import { inTemporaryFolder, seededBlock } from "./blocks.ts";
import { listOf, putAll, refuses } from "./checks.ts";

const block = seededBlock(1, 20_000);

function readAll(blockstore: Blockstore, cid: CID): Promise<Uint8Array[]> {
  return listOf(blockstore.get(cid));
}

describe("the blockstore over a store", () => {
  describe("passes the suite of interface-blockstore", function () {
    interfaceBlockstoreTests({
      setup: () => storeBlockstore(memoryStore()),
      teardown: () => undefined,
    });
    // Deletion is refused, as a test below shows.
    for (const suite of this.suites) suite.pending = suite.title.startsWith("delete");
  });

  it("serves what the drive put, by the CID that errors and reports print", async () => {
    await inTemporaryFolder(async (folder) => {
      const store = await openStore(folder);
      await putAll(store, block);
      const blockstore = storeBlockstore(store);
      const cid = CID.parse(showCid(block.id));
      assert.ok(cid.equals(cidOf(block.id)));
      assert.equal(await blockstore.has(cid), true);
      assert.deepEqual(await readAll(blockstore, cid), [block.bytes]);
      const dagCbor = CID.createV1(0x71, cid.multihash);
      assert.deepEqual(await readAll(blockstore, dagCbor), [block.bytes], "the codec is no part");
      await store.close();
    });
  });

  it("makes a put durable, many at once in one commit", async () => {
    await inTemporaryFolder(async (folder) => {
      const store = await openStore(folder);
      const blockstore = storeBlockstore(store);
      const blocks = Array.from({ length: 100 }, (_, i) => seededBlock(i, 100 * i));
      await Promise.all(blocks.map(async ({ id, bytes }) => blockstore.put(cidOf(id), bytes)));
      await store.close();
      const again = await openStore(folder);
      for (const { id, bytes } of blocks) assert.ok(equalBytes(await again.get(id), bytes));
      await again.close();
    });
  });

  it("goes on after a put that failed", async () => {
    const store = memoryStore();
    let failures = 1;
    const begin = store.begin.bind(store);
    store.begin = () => {
      const batch = begin();
      const put = batch.put.bind(batch);
      batch.put = (one) => {
        if (failures-- > 0) throw new CloudError("storage", "the index can't be read");
        put(one);
      };
      return batch;
    };
    const blockstore = storeBlockstore(store);
    await refuses("storage", () => blockstore.put(cidOf(block.id), block.bytes));
    await blockstore.put(cidOf(block.id), block.bytes);
    assert.ok(store.has(block.id));
  });

  it("keeps its own copy of what it was given", async () => {
    const store = memoryStore();
    const bytes = block.bytes.slice();
    const put = storeBlockstore(store).put(cidOf(block.id), bytes);
    await Promise.resolve();
    bytes.fill(0);
    await put;
    assert.ok(equalBytes(await store.get(block.id), block.bytes));
  });

  it("takes no block whose bytes, hash or size are wrong", async () => {
    const store = memoryStore();
    const blockstore = storeBlockstore(store);
    const cid = cidOf(block.id);
    const wrong = seededBlock(2, 10).bytes;
    await refuses("damaged", () => blockstore.put(cid, wrong), new RegExp(cid.toString()));
    const pairs = [{ cid, bytes: wrong }];
    await refuses("damaged", () => listOf(blockstore.putMany(pairs)));
    const sha512 = CID.createV1(0x55, createDigest(0x13, new Uint8Array(64)));
    await refuses("usage", () => blockstore.put(sha512, wrong), /another hash/);
    assert.equal(await blockstore.has(sha512), false);
    await assert.rejects(readAll(blockstore, sha512), { name: "NotFoundError" });
    function* endless(): Generator<Uint8Array> {
      for (;;) yield new Uint8Array(1_000_000);
    }
    await refuses("usage", () => blockstore.put(cid, endless()), /larger than 2097152 bytes/);
    assert.equal(store.usage().blocks, 0);
  });

  it("does not serve a damaged block, and a put repairs it", async () => {
    const store = memoryStore();
    const blockstore = storeBlockstore(store);
    const cid = cidOf(block.id);
    await blockstore.put(cid, block.bytes);
    store.damage(block.id, (bytes) => bytes.subarray(1));
    await refuses("damaged", () => readAll(blockstore, cid));
    assert.equal(await blockstore.has(cid), false);
    assert.deepEqual(await listOf(blockstore.getAll()), []);
    await blockstore.put(cid, block.bytes);
    assert.deepEqual(await readAll(blockstore, cid), [block.bytes]);
  });

  it("refuses to delete, one block or many", async () => {
    const store = memoryStore();
    await putAll(store, block);
    const blockstore = storeBlockstore(store);
    const cid = cidOf(block.id);
    await refuses("usage", () => blockstore.delete(cid), /collection of garbage/);
    await refuses("usage", () => listOf(blockstore.deleteMany([cid])));
    assert.ok(store.has(block.id));
  });
});
