import { encodeLink } from "../../blocks/link.ts";
import { chunkBytes } from "../../blocks/record.ts";
import { concatBytes } from "../../core/bytes.ts";
import { BlockBasket } from "./block-basket.ts";
import type { StretchJob, StretchResult } from "./seal-jobs.ts";

/** Seals the chunks of one stretch of content. */
export function sealStretch({ keys, bytes }: Omit<StretchJob, "type">): StretchResult {
  const basket = new BlockBasket(keys.contentKey);
  const links: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    links.push(encodeLink(basket.seal("content", bytes.subarray(at, at + chunkBytes))));
  }
  return { links: concatBytes(...links), ...basket.take() };
}
