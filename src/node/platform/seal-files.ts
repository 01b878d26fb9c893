import { encodeRecordLink } from "../blocks/link.ts";
import { PackWriter } from "../blocks/pack.ts";
import { chunkBytes, encodeRecord, maxInlineBytes, type VersionRecord } from "../blocks/record.ts";
import { BlockBasket } from "./block-basket.ts";
import { type SealedItem, type SourceItem, sealedColumns, sourceItems } from "./item-columns.ts";
import { nextRecord, recordTime } from "./next-record.ts";
import { nodePrimitives } from "./primitives.ts";
import { readSource } from "./read-source.ts";
import type { FilesJob, FilesResult } from "./seal-jobs.ts";
import { systemErrorWords } from "./system-error.ts";

/** Reads and seals a run of small things, and packs their records in the order given. */
export function sealFiles({ keys, items: columns }: FilesJob): FilesResult {
  const items = sourceItems(columns);
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
    const record = nextRecord(source.record, item.before);
    if (record === undefined) sealed[i] = { outcome: "same", size };
    else {
      const { unsteady } = source;
      packs.add(encodeRecord(record), (link) => {
        sealed[i] = { outcome: "put", link: encodeRecordLink(link), size, unsteady };
      });
    }
  });
  packs.close();
  return { items: sealedColumns(sealed), ...basket.take() };
}

/** The record of a thing as it is on the disk, its chunks sealed. */
function takeIn(
  item: SourceItem,
  basket: BlockBasket,
): { record: VersionRecord; unsteady: boolean } {
  const { bytes, mtimeMs, mode, unsteady } = readSource(item);
  const size = bytes.length;
  const mtime = recordTime(mtimeMs);
  if (size <= maxInlineBytes) return { record: { size, mtime, mode, content: bytes }, unsteady };
  const content = [];
  for (let at = 0; at < size; at += chunkBytes) {
    content.push(basket.seal("content", bytes.subarray(at, at + chunkBytes)));
  }
  return { record: { size, mtime, mode, content }, unsteady };
}
