import { isCloudError, type VersionId } from "../../node/rpc/contract.ts";
import type { NodeClient } from "../../provider/link/node-client.ts";
import { statOf } from "../timeline/stat-of.ts";

/** A restore that was done. */
export interface Restored {
  /** How many entries it changed. */
  readonly changes: number;
  /** Whether what it restored has been changed since, by anybody: an undo takes that back too. */
  readonly isChanged: () => Promise<boolean>;
  /** Puts back what was there before; absent where nobody knows what that was. */
  readonly undo?: () => Promise<void>;
}

/** Makes `version` the current one of the file `path`. */
export async function restoreFileTo(
  node: NodeClient,
  path: string,
  version: VersionId,
): Promise<Restored> {
  const before = await statOf(node, path);
  const { changes } = await node.request("restore", { path, version });
  const restored = await statOf(node, path);
  return {
    changes,
    isChanged: async () => (await statOf(node, path))?.version !== restored?.version,
    undo: async () => {
      if (before !== undefined) await node.request("restore", { path, version: before.version });
      else if ((await statOf(node, path)) !== undefined) await node.request("remove", { path });
    },
  };
}

/** Makes the folder `path` what it was at the revision `at`. */
export async function restoreFolderTo(
  node: NodeClient,
  path: string,
  at: string,
): Promise<Restored> {
  const { revision: before } = await node.request("status", {});
  const { changes, revision } = await node.request("restore", { path, at });
  const isChanged = async (): Promise<boolean> => {
    try {
      return (await node.request("diff", { from: revision, path })).length > 0;
    } catch (error) {
      // Either the folder was never there, or that revision is gone: then much has come since.
      if (isCloudError(error, "not-found")) return true;
      throw error;
    }
  };
  if (before === undefined) return { changes, isChanged };
  const undo = async (): Promise<void> => {
    await node.request("restore", { path, at: before });
  };
  return { changes, isChanged, undo };
}
