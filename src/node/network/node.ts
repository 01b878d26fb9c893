import type { Helia } from "@helia/interface";
import type { Store } from "../store/store.ts";

/** Options of {@link startNetwork}. */
export interface NetworkOptions {
  /** Where blocks and Helia's own records lie. The network doesn't close it. */
  readonly store: Store;
  /** Connects to nobody. Peers come in a later stage. */
  readonly offline: true;
}

/** The node's part in IPFS. */
export interface Network {
  /** Serves the store's blocks by CID. Its `gc` and deletions are refused. */
  readonly helia: Helia;
  /** Before the store is closed. */
  stop(): Promise<void>;
}

/** Starts a Helia node over the store. Helia is loaded here and not before: it takes a while. */
export async function startNetwork({ store }: NetworkOptions): Promise<Network> {
  const { startOfflineHelia } = await import("./helia-node.ts");
  const helia = await startOfflineHelia(store);
  return {
    helia,
    stop: async () => {
      await helia.stop();
    },
  };
}
