import { encodeRecordLink } from "../blocks/link.ts";
import { PackWriter } from "../blocks/pack.ts";
import {
  chunkBytes,
  decodeRecord,
  encodeRecord,
  maxInlineBytes,
  type VersionRecord,
} from "../blocks/record.ts";
import { equalBytes } from "../core/bytes.ts";
import { BlockBasket } from "./block-basket.ts";
import { nodePrimitives } from "./primitives.ts";
import { readSource } from "./read-source.ts";
import type { FilesJob, FilesResult, SealedItem, SourceItem } from "./seal-jobs.ts";
import { systemErrorWords } from "./system-error.ts";

const microsecondsPerMs = 1000;

/** Reads and seals a run of small things, and packs their records in the order given. */
export function sealFiles({ keys, items }: FilesJob): FilesResult {
  const basket = new BlockBasket(keys.contentKey);
  const packs = new PackWriter(nodePrimitives, keys.boundaryKey, (kind, payload) =>
    basket.seal(kind, payload),
  );
  const sealed = new Array<SealedItem>(items.length);
  items.forEach((item, i) => {
    let source: { record: VersionRecord; unsteady: boolean };
    try {
      source = takeIn(item, basket);
    } catch (error) {
      sealed[i] = { outcome: "failed", why: systemErrorWords(error) };
      return;
    }
    const { size } = source.record;
    const record = settle(source.record, item.before);
    if (record === undefined) sealed[i] = { outcome: "same", size };
    else {
      const { unsteady } = source;
      packs.add(encodeRecord(record), (link) => {
        sealed[i] = { outcome: "put", link: encodeRecordLink(link), size, unsteady };
      });
    }
  });
  packs.close();
  return { items: sealed, ...basket.take() };
}

/** The record of a thing as it is on the disk, its chunks sealed. */
function takeIn(
  item: SourceItem,
  basket: BlockBasket,
): { record: VersionRecord; unsteady: boolean } {
  const { bytes, mtimeMs, mode, unsteady } = readSource(item);
  const size = bytes.length;
  const mtime = Math.round(mtimeMs * microsecondsPerMs);
  if (size <= maxInlineBytes) return { record: { size, mtime, mode, content: bytes }, unsteady };
  const content = [];
  for (let at = 0; at < size; at += chunkBytes) {
    content.push(basket.seal("content", bytes.subarray(at, at + chunkBytes)));
  }
  return { record: { size, mtime, mode, content }, unsteady };
}

/**
 * The record to put where another one stands: its time moves on, by a millisecond at least.
 * @returns `undefined` if what stands there says the same and is not older.
 */
export function settle(
  record: VersionRecord,
  before: Uint8Array | undefined,
): VersionRecord | undefined {
  if (before === undefined) return record;
  const { mtime, mode } = decodeRecord(before);
  const isSameContent = equalBytes(encodeRecord({ ...record, mtime, mode }), before);
  if (isSameContent && record.mode === mode && record.mtime <= mtime) return undefined;
  return { ...record, mtime: Math.max(record.mtime, mtime + microsecondsPerMs) };
}
