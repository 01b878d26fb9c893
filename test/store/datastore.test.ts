import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Key } from "interface-datastore";
import { recordDatastore } from "../../src/node/store/datastore.ts";
import { openStore } from "../../src/node/store/open-store.ts";
import type { Store } from "../../src/node/store/store.ts";
import { interfaceDatastoreTests } from "../support/acceptance-suites.ts";
import { memoryStore } from "../support/memory-store.ts";
import { inTemporaryFolder } from "./blocks.ts";
import { listOf } from "./checks.ts";

describe("the datastore over a store", () => {
  describe("in memory, passes the suite of interface-datastore:", () => {
    interfaceDatastoreTests({
      setup: () => recordDatastore(memoryStore().records),
      teardown: () => undefined,
    });
  });

  describe("on disk, passes the suite of interface-datastore:", () => {
    let folder = "";
    let store: Store;
    interfaceDatastoreTests({
      setup: async () => {
        folder = await mkdtemp(join(tmpdir(), "ipcloud-store-"));
        store = await openStore(folder);
        return recordDatastore(store.records);
      },
      teardown: async () => {
        await store.close();
        await rm(folder, { recursive: true });
      },
    });
  });

  it("keeps records over a restart, and does a batch as a whole", async () => {
    await inTemporaryFolder(async (folder) => {
      const first = await openStore(folder);
      const batch = recordDatastore(first.records).batch();
      batch.put(new Key("/peers/a"), Uint8Array.of(1));
      batch.put(new Key("/peers/b"), Uint8Array.of(2));
      batch.delete(new Key("/peers/a"));
      await batch.commit();
      await first.close();
      const second = await openStore(folder);
      const found = await listOf(recordDatastore(second.records).query({ prefix: "/peers" }));
      assert.deepEqual(found, [{ key: new Key("/peers/b"), value: Uint8Array.of(2) }]);
      await second.close();
    });
  });
});
