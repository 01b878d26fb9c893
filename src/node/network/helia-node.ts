import type { Helia } from "@helia/interface";
import { createHeliaLight } from "helia";
import { storeBlockstore } from "../store/blockstore.ts";
import { recordDatastore } from "../store/datastore.ts";
import type { Store } from "../store/store.ts";

/** A Helia node over the store, without libp2p: it serves what is there and asks nobody. */
export async function startOfflineHelia(store: Store): Promise<Helia> {
  const helia = createHeliaLight({
    blockstore: storeBlockstore(store),
    datastore: recordDatastore(store.records),
  });
  await helia.start();
  return helia;
}
