import { hash } from "node:crypto";
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

/** What is said of a block whose bytes are not what its name says. */
function damagedBlock(id: BlockId): CloudError {
  return new CloudError(
    "damaged",
    `block ${showCid(id)} is damaged: what is stored does not hash to it`,
  );
}

/** What is said of a block that isn't there. */
function missingBlock(id: BlockId): CloudError {
  return new CloudError("not-found", `block ${showCid(id)} is not in the store`);
}

/**
 * The bytes of a row, whether or not it is in quarantine.
 * @returns `undefined` if they are damaged, and not just moved or repaired while they were read.
 * @throws not-found, if the block was collected meanwhile; storage
 */
export async function readRow(
  source: BlockSource,
  row: number,
  id: BlockId,
): Promise<Uint8Array | undefined> {
  for (;;) {
    const place = source.index.place(row);
    const inline = place === undefined || place instanceof Uint8Array;
    const bytes = inline ? place : await source.segments.read(place);
    if (isContentOf(id, bytes)) return bytes;
    if (inline) return undefined;
    if (source.index.find(id) !== row) throw missingBlock(id);
    if (isSameExtent(place, source.index.place(row))) return undefined;
  }
}

/**
 * The bytes of a block, hashed. One whose bytes are wrong goes to quarantine.
 * @throws not-found; damaged, naming the CID; storage
 */
export async function readBlock(source: BlockSource, id: BlockId): Promise<Uint8Array> {
  const row = source.index.find(id);
  if (row === undefined) throw missingBlock(id);
  if (source.index.isQuarantined(row)) throw damagedBlock(id);
  const bytes = await readRow(source, row, id);
  if (bytes !== undefined) return bytes;
  source.index.quarantine(row);
  throw damagedBlock(id);
}

export function isSameExtent(a: Extent, b: Place | undefined): boolean {
  if (b === undefined || b instanceof Uint8Array) return false;
  return a.segment === b.segment && a.offset === b.offset && a.length === b.length;
}
