import { setImmediate as nextTurn } from "node:timers/promises";
import { isCloudError } from "../core/cloud-error.ts";
import type { BlockIndex, Extent } from "./block-index.ts";
import type { ExtentIndex } from "./extent-index.ts";
import { isContentOf, isSameExtent } from "./read-block.ts";
import type { Segments } from "./segments.ts";

/** Bytes copied by one append. */
const copyBytes = 4 * 1024 * 1024;
/** Rows moved by one transaction. */
const sliceRows = 256;

export interface CompactionOptions {
  readonly index: BlockIndex;
  readonly extents: ExtentIndex;
  readonly segments: Segments;
  /** Called after every step; throws to end. */
  readonly mayGoOn: () => void;
}

interface Move {
  readonly row: number;
  readonly from: Extent;
  readonly to: Extent;
}

/**
 * Gives back the space of segments that are mostly holes: copies their blocks to the end of the
 * newest segment, syncs it, lets the index refer to the copies, and deletes the old file. A segment
 * that holds a damaged block stays as it is until that is repaired or collected; so does one whose
 * blocks can't be copied because the disk is full.
 */
export async function compactSegments(options: CompactionOptions): Promise<void> {
  const { segments, extents, mayGoOn } = options;
  const sparse: number[] = [];
  // Those without a block first: they cost no space, and there may be none.
  for (const [segment, size] of [...segments.sizes]) {
    mayGoOn();
    const live = extents.live(segment);
    if (live.blocks === 0) await removeSegment(segment, options);
    else if (2 * live.bytes < size) sparse.push(segment);
    await nextTurn();
  }
  for (const segment of sparse) {
    mayGoOn();
    if (!(await isLeft(segment, segments))) continue;
    await copyBlocks(segment, options).catch(unlessFull);
    await removeSegment(segment, options);
  }
}

/** Whether nothing is being appended to a segment, nor will be. */
async function isLeft(segment: number, segments: Segments): Promise<boolean> {
  if (segments.isCurrent(segment)) await segments.leave(segment);
  return !segments.isPinned(segment);
}

/** Removes a segment if it holds no block; rows first, then the bytes. */
async function removeSegment(segment: number, options: CompactionOptions): Promise<void> {
  const { index, extents, segments } = options;
  if (!(await isLeft(segment, segments)) || extents.live(segment).blocks > 0) return;
  if (!index.settle()) return; // on a full disk; the next collection does it
  if ((await extents.endByAll(segment)) === undefined) await segments.remove(segment);
}

/** @throws every error but that of a full disk. */
function unlessFull(error: unknown): void {
  if (!isCloudError(error, "storage-full")) throw error;
}

async function copyBlocks(segment: number, options: CompactionOptions): Promise<void> {
  const { index, extents, segments, mayGoOn } = options;
  const owner = {};
  const moves: Move[] = [];
  try {
    // What lies in one segment may have come at one time: the copies don't tell in which order.
    const blocks = extents.blocks(segment).sort((a, b) => a.extent.length - b.extent.length);
    for (const group of groupsOf(blocks)) {
      const parts = await Promise.all(group.map(({ extent }) => segments.read(extent)));
      const sound: Uint8Array[] = [];
      for (const [i, { row, id, extent }] of group.entries()) {
        const part = parts[i];
        if (!(part instanceof Uint8Array)) continue;
        if (isContentOf(id, part)) sound.push(part);
        // A put may have repaired it elsewhere while the old place was read.
        else if (isSameExtent(extent, index.place(row))) index.quarantine(row);
      }
      if (sound.length < group.length) return;
      const copies = await segments.append(sound, owner);
      for (const [i, { row, extent }] of group.entries()) {
        moves.push({ row, from: extent, to: copies[i] as Extent });
      }
      mayGoOn();
    }
    await segments.sync();
    while (moves.length > 0) {
      const slice = moves.splice(0, sliceRows);
      index.transaction(false, () => {
        for (const { row, from, to } of slice) index.move(row, from, to);
      });
      await nextTurn();
      mayGoOn();
    }
  } finally {
    segments.release(owner);
  }
}

/** Parts a list so that no group has much more than {@link copyBytes}. */
function groupsOf<Item extends { readonly extent: Extent }>(items: readonly Item[]): Item[][] {
  const groups: Item[][] = [];
  let bytes = Infinity;
  for (const item of items) {
    if (bytes >= copyBytes) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)?.push(item);
    bytes += item.extent.length;
  }
  return groups;
}
