import { decodeRecordLink, encodeLink } from "../../blocks/link.ts";
import { decodePack, recordAt } from "../../blocks/pack.ts";
import { decodeRecord } from "../../blocks/record.ts";
import { openBlock } from "../../blocks/seal.ts";
import { concatBytes } from "../../core/bytes.ts";
import { isCloudError } from "../../core/cloud-error.ts";
import { nodePrimitives } from "../../platform/primitives.ts";
import { systemErrorCode, systemErrorWords } from "../../platform/system-error.ts";
import { type RecordItem, recordItems } from "./item-columns.ts";
import { writeNewFile } from "./new-file.ts";
import type { FailedItem, OpenedItem, RecordsJob, RecordsResult } from "./seal-jobs.ts";

/** Opens records, and writes the files whose content stands in them. */
export function openRecords({ blocks, items: columns }: RecordsJob): RecordsResult {
  const items = recordItems(columns);
  const packs = new Map<number, readonly Uint8Array[]>();
  const payloadOf = ({ link: encoded, block }: RecordItem): Uint8Array => {
    const link = decodeRecordLink(encoded);
    const sealed = blocks[block] as Uint8Array;
    if (link.place === undefined) return openBlock(nodePrimitives, link, "record", sealed);
    let pack = packs.get(block);
    if (pack === undefined) {
      pack = decodePack(openBlock(nodePrimitives, link, "pack", sealed));
      packs.set(block, pack);
    }
    return recordAt(pack, link.place);
  };
  return {
    items: items.map((item) => {
      try {
        return openItem(item, payloadOf(item));
      } catch (error) {
        return failedItem(error);
      }
    }),
  };
}

function openItem({ kind, path }: RecordItem, payload: Uint8Array): OpenedItem {
  const { size, mtime, mode, content } = decodeRecord(payload);
  if (!(content instanceof Uint8Array)) {
    const links = concatBytes(...content.map(encodeLink));
    return { outcome: "chunked", size, mtime, mode, links };
  }
  if (kind !== "file") return { outcome: "opened", mtime, mode, content: Uint8Array.from(content) };
  writeNewFile(path, [content], { mtime, mode });
  return { outcome: "written", size };
}

/** What went wrong with one thing. */
export function failedItem(error: unknown): FailedItem {
  const fault = isCloudError(error, "damaged", "newer")
    ? "damaged"
    : (faults[systemErrorCode(error) ?? ""] ?? "other");
  return { outcome: "failed", why: systemErrorWords(error), fault };
}

const faults: Readonly<Record<string, FailedItem["fault"]>> = {
  ENOSPC: "full",
  EDQUOT: "full",
  EEXIST: "in-the-way",
  EISDIR: "in-the-way",
  ENOTDIR: "in-the-way",
  ENOTEMPTY: "in-the-way",
};
