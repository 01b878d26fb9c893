import { encodeLinks } from "../../blocks/record.ts";
import { systemErrorWords } from "../../platform/system-error.ts";
import { type BlockBasket, sealChunks } from "./block-basket.ts";
import { readStretch } from "./read-source.ts";
import type { RangeJob, RangeResult } from "./seal-jobs.ts";

/** Reads and seals the chunks of one stretch of a large file. */
export function sealRange({ path, offset, length }: RangeJob, basket: BlockBasket): RangeResult {
  let stretch: { bytes: Uint8Array; state: string };
  try {
    stretch = readStretch(path, offset, length);
  } catch (error) {
    return { failed: systemErrorWords(error) };
  }
  const { bytes, state } = stretch;
  return { bytesRead: bytes.length, state, links: encodeLinks(sealChunks(basket, bytes)) };
}
