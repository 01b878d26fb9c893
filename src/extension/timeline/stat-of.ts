import { isCloudError, type Stat } from "../../node/rpc/contract.ts";
import type { NodeClient } from "../../provider/link/node-client.ts";

/** What stands at `path`, no link followed; `undefined` where nothing does. */
export async function statOf(node: NodeClient, path: string): Promise<Stat | undefined> {
  try {
    return await node.request("stat", { path });
  } catch (error) {
    if (isCloudError(error, "not-found", "not-a-folder")) return undefined;
    throw error;
  }
}
