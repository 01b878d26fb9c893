import { decodeRecord, encodeRecord, type VersionRecord } from "../blocks/record.ts";
import { equalBytes } from "../core/bytes.ts";

const microsecondsPerMs = 1000;

/** The time of a record, in microseconds, of a file's in milliseconds. */
export function recordTime(mtimeMs: number): number {
  return Math.round(mtimeMs * microsecondsPerMs);
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
