import { systemErrorWords } from "../../platform/system-error.ts";
import { readStretch } from "./read-source.ts";
import type { RangeJob, RangeResult } from "./seal-jobs.ts";
import { sealStretch } from "./seal-stretch.ts";

/** Reads and seals the chunks of one stretch of a large file. */
export function sealRange({ keys, path, offset, length }: RangeJob): RangeResult {
  let stretch: { bytes: Uint8Array; state: string };
  try {
    stretch = readStretch(path, offset, length);
  } catch (error) {
    return { failed: systemErrorWords(error) };
  }
  const { bytes, state } = stretch;
  return { bytesRead: bytes.length, state, ...sealStretch({ keys, bytes }) };
}
