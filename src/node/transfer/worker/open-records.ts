import { basename, dirname } from "node:path";
import { nameOpened, openRecordBlock, recordKind } from "../../blocks/content/open-content.ts";
import { decodeRecordLink } from "../../blocks/link.ts";
import { recordAt } from "../../blocks/pack.ts";
import { decodeRecord, encodeLinks } from "../../blocks/record.ts";
import { isCloudError } from "../../core/cloud-error.ts";
import { nodePrimitives } from "../../platform/primitives.ts";
import { systemErrorCode, systemErrorWords } from "../../platform/system-error.ts";
import { beat } from "../../platform/thread-watch.ts";
import { type BlockAt, BlockFiles, NotThereError } from "./block-files.ts";
import { inFolder } from "./disk-folder.ts";
import { type LinkItem, type RecordItem, recordItems } from "./item-columns.ts";
import { NewerFileError, writeNewFile } from "./new-file.ts";
import type { FailedItem, OpenedItem, RecordsJob, RecordsResult, UnreadItem } from "./seal-jobs.ts";

/** Opens records, and writes the files whose content stands in them. */
export function openRecords({ blocks, items: columns, keepsNewer }: RecordsJob): RecordsResult {
  const items = recordItems(columns);
  const files = new BlockFiles();
  const payloadOf = recordOpener(blocks, files);
  try {
    return {
      items: items.map((item) => {
        beat();
        try {
          return openItem(item, payloadOf(item), keepsNewer);
        } catch (error) {
          return unreadItem(error) ?? failedItem(error);
        }
      }),
    };
  } finally {
    files.close();
  }
}

/**
 * Opens the records of a job, each of its blocks once.
 * @returns gives the payload of a record. It throws damaged, newer; NotThereError
 */
export function recordOpener(
  blocks: readonly BlockAt[],
  files: BlockFiles,
): (item: LinkItem) => Uint8Array {
  const opened = new Map<string, readonly Uint8Array[]>();
  return ({ link: encoded, block }) => {
    const link = decodeRecordLink(encoded);
    const name = nameOpened(link, recordKind(link));
    let records = opened.get(name);
    if (records === undefined) {
      const sealed = files.read(link.id, blocks[block] as BlockAt);
      records = openRecordBlock(nodePrimitives, link, sealed);
      opened.set(name, records);
    }
    return recordAt(records, link.place ?? 0);
  };
}

/** What is said of a thing of which a block was not where it was; `undefined`: something else failed. */
export function unreadItem(error: unknown): UnreadItem | undefined {
  return error instanceof NotThereError ? { outcome: "unread" } : undefined;
}

function openItem(
  { kind, path, folder }: RecordItem,
  payload: Uint8Array,
  keepsNewer: boolean,
): OpenedItem {
  const { size, mtime, mode, content } = decodeRecord(payload);
  if (!(content instanceof Uint8Array)) {
    const links = encodeLinks(content);
    return { outcome: "chunked", size, mtime, mode, links };
  }
  if (kind !== "file") return { outcome: "opened", mtime, mode, content: Uint8Array.from(content) };
  inFolder(dirname(path), folder, (inside) => {
    writeNewFile(`${inside}/${basename(path)}`, [content], { mtime, mode, keepsNewer });
  });
  return { outcome: "written", size };
}

/** What went wrong with one thing. */
export function failedItem(error: unknown): FailedItem {
  const system = systemErrorCode(error);
  const fault = faultOf(error, system);
  const why = systemErrorWords(error);
  return { outcome: "failed", why, fault, ...(system === undefined ? {} : { system }) };
}

function faultOf(error: unknown, system = ""): FailedItem["fault"] {
  if (isCloudError(error, "damaged", "newer")) return "damaged";
  return error instanceof NewerFileError ? "newer" : (faults[system] ?? "other");
}

const faults: Readonly<Record<string, FailedItem["fault"]>> = {
  ENOSPC: "full",
  EDQUOT: "full",
  EEXIST: "in-the-way",
  EISDIR: "in-the-way",
  ENOTDIR: "in-the-way",
  ENOTEMPTY: "in-the-way",
};
