import { type EncodedLinks, linkBytes } from "../blocks/link.ts";
import { isCloudError } from "../core/cloud-error.ts";
import { asBlockId, type BlockId } from "../core/ids.ts";
import type { Store } from "../store/store.ts";
import type { BlockAt } from "./worker/block-files.ts";
import type { FailedItem } from "./worker/seal-jobs.ts";

/** Finds what a worker needs of a block. */
export type FindBlock = (id: BlockId) => BlockAt | Promise<BlockAt | FailedItem>;

/** Finds the blocks that links lead to. @returns the first failure, if one can't be had */
export async function findChunks(
  links: EncodedLinks,
  find: FindBlock,
): Promise<BlockAt[] | FailedItem> {
  const blocks: BlockAt[] = [];
  for (let at = 0; at < links.length; at += linkBytes) {
    const block = await find(asBlockId(links.slice(at + 1, at + 33)));
    if ("fault" in block) return block;
    blocks.push(block);
  }
  return blocks;
}

/** How a worker's blocks are found: first where they lie, and what was not there then by themselves. */
export interface BlockFinders {
  /** Where a block lies, or itself if it lies in the database. */
  readonly locate: FindBlock;
  readonly get: FindBlock;
}

/** Finds blocks in a store. */
export function blockFinders(store: Pick<Store, "locate" | "get">): BlockFinders {
  const get = async (id: BlockId): Promise<Uint8Array | FailedItem> => {
    try {
      return await store.get(id);
    } catch (error) {
      return lostItem(error);
    }
  };
  return { get, locate: (id) => store.locate(id) ?? get(id) };
}

/** What is said of something whose blocks can't be had. @throws any other error */
export function lostItem(error: unknown): FailedItem {
  if (!isCloudError(error, "damaged", "not-found", "newer")) throw error;
  return { outcome: "failed", why: error.message, fault: "damaged" };
}
