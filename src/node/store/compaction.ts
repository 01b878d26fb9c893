import { setImmediate as nextTurn } from "node:timers/promises";
import { isCloudError } from "../core/cloud-error.ts";
import type { BlockIndex, Extent } from "./block-index.ts";
import type { ExtentIndex } from "./extent-index.ts";
import { isContentOf } from "./read-block.ts";
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
  const { index, segments, extents, mayGoOn } = options;
  // Those without a block first: they cost no space, and there may be none.
  const all = [...segments.sizes.keys()].sort(
    (a, b) => Number(extents.live(a).blocks > 0) - Number(extents.live(b).blocks > 0),
  );
  for (const segment of all) {
    mayGoOn();
    if (segments.isPinned(segment)) continue;
    const live = extents.live(segment);
    if (live.blocks > 0 && 2 * live.bytes >= (segments.sizes.get(segment) ?? 0)) continue;
    if (segments.isCurrent(segment)) {
      await segments.leaveCurrent();
      if (segments.isPinned(segment)) continue; // an append was on its way
    }
    if (live.blocks > 0) await copyBlocks(segment, options).catch(unlessFull);
    index.sync(); // rows first, then the bytes
    if ((await extents.endByTable(segment)) === undefined) await segments.remove(segment);
  }
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
    for (const group of groupsOf(extents.blocks(segment))) {
      const parts = await Promise.all(group.map(({ extent }) => segments.read(extent)));
      const damaged = group.filter(({ id }, i) => !isContentOf(id, parts[i]));
      for (const { row } of damaged) index.quarantine(row);
      if (damaged.length > 0) return;
      const copies = await segments.append(parts, owner);
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
