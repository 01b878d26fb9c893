import { setImmediate as nextTurn } from "node:timers/promises";
import { isCloudError } from "../core/cloud-error.ts";
import type { BlockIndex, BlockRow } from "./block-index.ts";
import { isContentOf } from "./read-block.ts";
import type { Segments } from "./segments.ts";

/** Shorter blocks stay: many share a page of the database, and an extent costs a row. */
export const leastMovedBlockBytes = 1024;
/** Bytes moved by one append and one transaction. */
const groupBytes = 512 * 1024;

export interface MoveOutOptions {
  readonly index: BlockIndex;
  readonly segments: Segments;
  /** Less than so many bytes of them are left where they are. */
  readonly leastMovedBytes: number;
  /** Called after every step; throws to end. */
  readonly mayGoOn: () => void;
}

/**
 * Moves blocks that outlived a collection from the database into the newest segment, where one follows
 * the other: of a page of 4 KiB a block of 2.2 KiB leaves the rest empty. What a full disk has no room
 * for stays where it is. Killed at any point it leaves a tail without a row, which the next start cuts.
 */
export async function moveBlocksOut(options: MoveOutOptions): Promise<void> {
  const { index, leastMovedBytes, mayGoOn } = options;
  let group = index.inlineAfter(0, leastMovedBlockBytes, Math.max(leastMovedBytes, groupBytes));
  if (group.reduce((total, { bytes }) => total + bytes.length, 0) < leastMovedBytes) return;
  for (;;) {
    const last = group.at(-1);
    if (last === undefined || !(await move(group, options))) return;
    group = index.inlineAfter(last.row, leastMovedBlockBytes, groupBytes);
    await nextTurn();
    mayGoOn();
  }
}

/** @returns whether there was room. */
async function move(
  group: readonly (BlockRow & { readonly bytes: Uint8Array })[],
  { index, segments }: MoveOutOptions,
): Promise<boolean> {
  const owner = {};
  // A damaged one stays for who reads it next.
  const sound = group
    .filter(({ id, bytes }) => isContentOf(id, bytes))
    .sort((a, b) => a.bytes.length - b.bytes.length);
  try {
    const extents = await segments.append(
      sound.map(({ bytes }) => bytes),
      owner,
    );
    await segments.sync();
    const moved = extents.map((to, i) => ({ ...(sound[i] as BlockRow), to }));
    index.transaction(false, () => {
      index.moveOut(moved);
    });
    return true;
  } catch (error) {
    if (!isCloudError(error, "storage-full")) throw error;
    return false;
  } finally {
    segments.release(owner);
  }
}
