import { equalBytes } from "../../core/bytes.ts";
import type { VersionRecord } from "../record.ts";

const microsecondsPerMs = 1000;
/** A record's time is this far from 1970 at most: it must move on and still be an exact number. */
const maxTimeMs = Date.UTC(2200);

/** Whether a record can hold a time in milliseconds as it is. */
export function isRecordTime(mtimeMs: number): boolean {
  return Math.abs(mtimeMs) <= maxTimeMs;
}

/**
 * The time of a record, in microseconds, of a file's in milliseconds since 1970; one that is too
 * far off becomes the nearest that a record can hold.
 */
export function recordTime(mtimeMs: number): number {
  const within = Math.max(-maxTimeMs, Math.min(mtimeMs, maxTimeMs));
  return Math.round(within * microsecondsPerMs);
}

/** A record as it follows another at a place: its time moves on, by a millisecond at least. */
export function followOn(record: VersionRecord, before: VersionRecord | undefined): VersionRecord {
  if (before === undefined) return record;
  return { ...record, mtime: Math.max(record.mtime, before.mtime + microsecondsPerMs) };
}

/**
 * The record to put where another one stands.
 * @param before - the one that stands there, if one does.
 * @returns `undefined` if that one says the same and is not older: nothing is to be put.
 */
export function nextRecord(
  record: VersionRecord,
  before: VersionRecord | undefined,
): VersionRecord | undefined {
  const isNewer = before === undefined || record.mtime > before.mtime;
  return isNewer ? followOn(record, before) : nextRecordNow(record, before);
}

/** The same for a record whose time is just the present, which is no reason to put it. */
export function nextRecordNow(
  record: VersionRecord,
  before: VersionRecord | undefined,
): VersionRecord | undefined {
  if (before?.mode === record.mode && hasSameContent(record, before)) return undefined;
  return followOn(record, before);
}

/** Whether two records hold the same plain content, as far as their links tell. */
export function hasSameContent(a: VersionRecord, b: VersionRecord): boolean {
  if (a.size !== b.size) return false;
  if (a.content instanceof Uint8Array) {
    return b.content instanceof Uint8Array && equalBytes(a.content, b.content);
  }
  if (b.content instanceof Uint8Array) return false;
  const links = b.content;
  return a.content.every((link, i) => {
    const other = links[i];
    return other !== undefined && equalBytes(link.id, other.id);
  });
}
