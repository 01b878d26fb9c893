import type { ContentReader } from "../blocks/content/content-reader.ts";
import type { EncodedRecordLink } from "../blocks/link.ts";
import type { VersionRecord } from "../blocks/record.ts";
import { toHex } from "../core/bytes.ts";
import { isCloudError } from "../core/cloud-error.ts";
import { type Stamp, showStamp } from "../core/stamp.ts";
import type { Tip } from "../history/tip.ts";
import type { Entry } from "../tree/entry.ts";
import { shownContent } from "../tree/lookup.ts";
import { vectorItems } from "../tree/version-vector.ts";
import type { EntryKind, Stat } from "./types.ts";

/** What an entry is to those who use the drive: a mount looks like a folder. */
export function showKind({ kind }: Pick<Entry, "kind">): EntryKind {
  return kind === "mount" ? "folder" : kind;
}

const rootStat: Stat = { kind: "folder", size: 0, mtime: 0, ctime: 0, mode: 0o755, version: "" };

/** The stat of an entry as it is, or of the root. @throws not-found, damaged */
export async function statOf(content: ContentReader, entry: Entry | undefined): Promise<Stat> {
  if (entry === undefined) return rootStat;
  const shown = shownContent(entry);
  if (shown === undefined) return rootStat;
  const stat = await statOfLink(content, showKind(entry), shown.stamp, shown.link);
  return entry.kind === "file" && entry.content.length > 1 ? { ...stat, conflict: true } : stat;
}

/** The stat of an entry for a list: one that can't be read must not hide the others. */
export async function listedStat(content: ContentReader, entry: Entry | undefined): Promise<Stat> {
  try {
    return await statOf(content, entry);
  } catch (error) {
    const shown = entry === undefined ? undefined : shownContent(entry);
    const isOfRecord = isCloudError(error, "damaged", "newer");
    if (!isOfRecord || entry === undefined || shown === undefined) throw error;
    const { kind, mode } = { kind: showKind(entry), mode: entry.kind === "folder" ? 0o755 : 0o644 };
    return { ...rootStat, kind, mode, version: showStamp(shown.stamp), damaged: true };
  }
}

/**
 * The record behind an encoded link; `undefined` if it is damaged.
 * @param also - passed over too.
 */
export async function soundRecord(
  content: ContentReader,
  link: EncodedRecordLink,
  ...also: readonly "newer"[]
): Promise<VersionRecord | undefined> {
  try {
    return await content.record(link);
  } catch (error) {
    if (!isCloudError(error, "damaged", ...also)) throw error;
    return undefined;
  }
}

/** The stat of one version. @throws not-found, damaged */
export async function statOfLink(
  content: ContentReader,
  kind: EntryKind,
  stamp: Stamp,
  link: EncodedRecordLink,
): Promise<Stat> {
  const { size, mtime, mode } = await content.record(link);
  const ms = mtime / 1000;
  return { kind, size, mtime: ms, ctime: ms, mode, version: showStamp(stamp) };
}

/**
 * The name of the revision of a tip: the stamp of its change; for a merge the latest change of each
 * writer it joins.
 */
export function showRevision(tip: Tip | undefined): string {
  if (tip === undefined) return "0";
  const { change } = tip.revision;
  if (change !== undefined) return showStamp(change.stamp);
  return vectorItems(tip.state.vv).map(showStamp).join("+");
}

/** A writer as people see it where the device is not known. */
export function showWriter(stamp: Stamp): string {
  return `writer ${toHex(stamp.writer.subarray(0, 4))}`;
}
