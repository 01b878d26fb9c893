import { nextRecord, recordTime } from "../../blocks/content/next-record.ts";
import { encodeRecordLink } from "../../blocks/link.ts";
import { PackWriter } from "../../blocks/pack.ts";
import { decodeRecord, encodeRecord, maxInlineBytes } from "../../blocks/record.ts";
import { nodePrimitives } from "../../platform/primitives.ts";
import { systemErrorWords } from "../../platform/system-error.ts";
import { type BlockBasket, sealChunks } from "./block-basket.ts";
import { type SealedSource, type SourceItem, sealedColumns, sourceItems } from "./item-columns.ts";
import { readSource } from "./read-source.ts";
import type { FilesJob, FilesResult } from "./seal-jobs.ts";

/** Reads and seals a run of small things, and packs their records in the order given. */
export function sealFiles({ keys, items: columns }: FilesJob, basket: BlockBasket): FilesResult {
  const items = sourceItems(columns);
  const packs = new PackWriter(nodePrimitives, keys.boundaryKey, (kind, payload) =>
    basket.seal(kind, payload),
  );
  const sealed = new Array<SealedSource>(items.length);
  items.forEach((item, i) => {
    let taken: Taken;
    try {
      taken = takeIn(item, basket);
    } catch (error) {
      sealed[i] = { outcome: "failed", why: systemErrorWords(error) };
      return;
    }
    const { size, payload, unsteady } = taken;
    if (payload === undefined) sealed[i] = { outcome: "same", size };
    else {
      packs.add(payload, (link) => {
        const record = nodePrimitives.sha256(payload);
        sealed[i] = { outcome: "put", link: encodeRecordLink(link), record, size, unsteady };
      });
    }
  });
  packs.close();
  return { items: sealedColumns(sealed) };
}

/** What was read of a thing. */
interface Taken {
  readonly size: number;
  /** Of the record to put; absent: the one before says the same. */
  readonly payload: Uint8Array | undefined;
  readonly unsteady: boolean;
}

/** Reads a thing as it is on the disk and seals its chunks. @throws what the system says */
function takeIn(item: SourceItem, basket: BlockBasket): Taken {
  const { bytes, mtimeMs, mode, unsteady } = readSource(item);
  const size = bytes.length;
  const content = size <= maxInlineBytes ? bytes : sealChunks(basket, bytes);
  const before = item.before && decodeRecord(item.before);
  const record = nextRecord({ size, mtime: recordTime(mtimeMs), mode, content }, before);
  return { size, payload: record === undefined ? undefined : encodeRecord(record), unsteady };
}
