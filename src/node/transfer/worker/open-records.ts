import { nameOpened, openRecordBlock, recordKind } from "../../blocks/content/open-content.ts";
import { decodeRecordLink } from "../../blocks/link.ts";
import { recordAt } from "../../blocks/pack.ts";
import { decodeRecord, encodeLinks } from "../../blocks/record.ts";
import { isCloudError } from "../../core/cloud-error.ts";
import { nodePrimitives } from "../../platform/primitives.ts";
import { systemErrorCode, systemErrorWords } from "../../platform/system-error.ts";
import { type RecordItem, recordItems } from "./item-columns.ts";
import { writeNewFile } from "./new-file.ts";
import type { FailedItem, OpenedItem, RecordsJob, RecordsResult } from "./seal-jobs.ts";

/** Opens records, and writes the files whose content stands in them. */
export function openRecords({ blocks, items: columns }: RecordsJob): RecordsResult {
  const items = recordItems(columns);
  const opened = new Map<string, readonly Uint8Array[]>();
  const payloadOf = ({ link: encoded, block }: RecordItem): Uint8Array => {
    const link = decodeRecordLink(encoded);
    const sealed = blocks[block] as Uint8Array;
    const name = nameOpened(link, recordKind(link));
    let records = opened.get(name);
    if (records === undefined) {
      records = openRecordBlock(nodePrimitives, link, sealed);
      opened.set(name, records);
    }
    return recordAt(records, link.place ?? 0);
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
    const links = encodeLinks(content);
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
