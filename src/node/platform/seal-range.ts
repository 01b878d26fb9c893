import { encodeLink } from "../blocks/link.ts";
import { chunkBytes } from "../blocks/record.ts";
import { concatBytes } from "../core/bytes.ts";
import { BlockBasket } from "./block-basket.ts";
import { readStretch } from "./read-source.ts";
import type { RangeJob, RangeResult } from "./seal-jobs.ts";
import { systemErrorWords } from "./system-error.ts";

/** Reads and seals the chunks of one stretch of a large file. */
export function sealRange({ keys, path, offset, length }: RangeJob): RangeResult {
  let stretch: { bytes: Uint8Array; state: string };
  try {
    stretch = readStretch(path, offset, length);
  } catch (error) {
    return { failed: systemErrorWords(error) };
  }
  const { bytes, state } = stretch;
  const basket = new BlockBasket(keys.contentKey);
  const links: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    links.push(encodeLink(basket.seal("content", bytes.subarray(at, at + chunkBytes))));
  }
  return { links: concatBytes(...links), bytesRead: bytes.length, state, ...basket.take() };
}
