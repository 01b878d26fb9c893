import { encodeLinks } from "../../blocks/record.ts";
import { type BlockBasket, sealChunks } from "./block-basket.ts";
import type { StretchJob, StretchResult } from "./seal-jobs.ts";

/** Seals the chunks of one stretch of content. */
export function sealStretch({ bytes }: StretchJob, basket: BlockBasket): StretchResult {
  return { links: encodeLinks(sealChunks(basket, bytes)) };
}
