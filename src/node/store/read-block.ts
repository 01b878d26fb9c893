import { hash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { equalBytes } from "../core/bytes.ts";
import { showCid } from "../core/cid.ts";
import { CloudError } from "../core/cloud-error.ts";
import type { BlockId } from "../core/ids.ts";
import type { BlockIndex, Extent, Place } from "./block-index.ts";
import type { Segments } from "./segments.ts";

/** Where blocks are read from. */
export interface BlockSource {
  readonly index: BlockIndex;
  readonly segments: Segments;
}

/** Whether `bytes` hash to `id`. */
export function isContentOf(id: BlockId, bytes: Uint8Array | undefined): boolean {
  return bytes !== undefined && equalBytes(hash("sha256", bytes, "buffer"), id);
}

/** Why a block's bytes can't be had: they are not what its name says, or they can't be read. */
export type Fault = "wrong" | "unreadable";

/** Waits before a refused read is tried again. A disk that retries by itself takes seconds each time. */
const waitsMs = [20, 200];

function faultyBlock(id: BlockId, fault: Fault): CloudError {
  return new CloudError(
    "damaged",
    fault === "wrong"
      ? `block ${showCid(id)} is damaged: what is stored does not hash to it`
      : `block ${showCid(id)} can't be read: its file is missing, or the disk reports an error there`,
  );
}

/** What is said of a block that isn't there. */
function missingBlock(id: BlockId): CloudError {
  return new CloudError("not-found", `block ${showCid(id)} is not in the store`);
}

/**
 * The bytes of a row, whether or not it is in quarantine. A read that the disk refuses is tried again.
 * @returns why there are none, if they were not just moved or repaired while they were read.
 * @throws not-found, if the block was collected meanwhile; storage
 */
export async function readRow(
  source: BlockSource,
  row: number,
  id: BlockId,
): Promise<Uint8Array | Fault> {
  let refused = 0;
  for (;;) {
    const place = source.index.place(row);
    const isExtent =
      place !== undefined && place !== "unreadable" && !(place instanceof Uint8Array);
    const content = isExtent ? await source.segments.read(place) : place;
    if (content instanceof Uint8Array && isContentOf(id, content)) return content;
    const waitMs = content === "unreadable" ? waitsMs[refused++] : undefined;
    if (waitMs !== undefined) {
      await delay(waitMs);
      continue;
    }
    if (isExtent) {
      if (source.index.find(id) !== row) throw missingBlock(id);
      if (!isSameExtent(place, source.index.place(row))) continue;
    }
    return content === "missing" || content === "unreadable" ? "unreadable" : "wrong";
  }
}

/**
 * The bytes of a block, hashed. One whose bytes are wrong goes to quarantine; one in quarantine whose
 * bytes are right again comes out of it.
 * @throws not-found; damaged, naming the CID; storage
 */
export async function readBlock(source: BlockSource, id: BlockId): Promise<Uint8Array> {
  const row = source.index.find(id);
  if (row === undefined) throw missingBlock(id);
  const content = await readRow(source, row, id);
  noteRead(source, row, content);
  if (content instanceof Uint8Array) return content;
  throw faultyBlock(id, content);
}

/** Keeps in the index what came of reading a row. */
export function noteRead({ index }: BlockSource, row: number, content: Uint8Array | Fault): void {
  if (content === "wrong") index.quarantine(row);
  else if (content === "unreadable") index.setUnreadable(row);
  else index.acquit(row);
}

export function isSameExtent(a: Extent, b: Place | "unreadable" | undefined): boolean {
  if (b === undefined || b === "unreadable" || b instanceof Uint8Array) return false;
  return a.segment === b.segment && a.offset === b.offset && a.length === b.length;
}
