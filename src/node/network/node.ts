import type { Helia } from "@helia/interface";
import { CloudError } from "../core/cloud-error.ts";
import type { Store } from "../store/store.ts";

/** Options of {@link openNetwork}. */
export interface NetworkOptions {
  /** Where blocks and Helia's own records lie. The network doesn't close it. */
  readonly store: Store;
  /** Connects to nobody. Peers come in a later stage. */
  readonly offline: true;
}

/** The node's part in IPFS. */
export interface Network {
  /**
   * Serves the store's blocks by CID. Its `gc` and deletions are refused. It is loaded and started
   * when it is first asked for: a drive that nobody else reads does without.
   * @throws unavailable, once the network was stopped
   */
  helia(): Promise<Helia>;
  /** Before the store is closed. */
  stop(): Promise<void>;
}

/** Makes ready a Helia node over the store, which is not started yet. */
export function openNetwork({ store }: NetworkOptions): Network {
  let started: Promise<Helia> | undefined;
  let stopped = false;
  const start = async (): Promise<Helia> => {
    const { startOfflineHelia } = await import("./helia-node.ts");
    return startOfflineHelia(store);
  };
  return {
    helia: async () => {
      if (stopped) throw new CloudError("unavailable", "the local node is stopping");
      started ??= start().catch((error: unknown) => {
        started = undefined; // whoever asks next tries again
        throw error;
      });
      return started;
    },
    stop: async () => {
      stopped = true;
      const helia = await started?.catch(() => undefined);
      await helia?.stop();
    },
  };
}
