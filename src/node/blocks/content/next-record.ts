import { equalBytes } from "../../core/bytes.ts";
import { decodeRecord, encodeRecord, type VersionRecord } from "../record.ts";

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

/**
 * The record to put where another one stands: its time moves on, by a millisecond at least.
 * @param before - the payload of the record that stands there, if one does.
 * @returns `undefined` if it says the same and is not older.
 */
export function nextRecord(
  record: VersionRecord,
  before: Uint8Array | undefined,
): VersionRecord | undefined {
  if (before === undefined) return record;
  const { mtime, mode } = decodeRecord(before);
  const isSameContent = equalBytes(encodeRecord({ ...record, mtime, mode }), before);
  if (isSameContent && record.mode === mode && record.mtime <= mtime) return undefined;
  return { ...record, mtime: Math.max(record.mtime, mtime + microsecondsPerMs) };
}
