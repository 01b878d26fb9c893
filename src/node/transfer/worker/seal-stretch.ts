import { encodeLinks } from "../../blocks/record.ts";
import { BlockBasket, sealChunks } from "./block-basket.ts";
import type { StretchJob, StretchResult } from "./seal-jobs.ts";

/** Seals the chunks of one stretch of content. */
export function sealStretch({ keys, bytes }: Omit<StretchJob, "type">): StretchResult {
  const basket = new BlockBasket(keys.contentKey);
  const links = sealChunks(basket, bytes);
  return { links: encodeLinks(links), ...basket.take() };
}
