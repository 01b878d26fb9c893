import { chunksOf } from "../../blocks/content/seal-content.ts";
import type { Link } from "../../blocks/link.ts";
import { type BlockKind, sealBlock } from "../../blocks/seal.ts";
import { concatBytes } from "../../core/bytes.ts";
import type { ContentKey } from "../../crypto/derive.ts";
import { nodePrimitives } from "../../platform/primitives.ts";
import { beat } from "../../platform/thread-watch.ts";
import type { SealedBlocks } from "./seal-jobs.ts";

/** Seals blocks and gathers them, to be handed over in one message. */
export class BlockBasket {
  readonly #contentKey: ContentKey;
  readonly #ids: Uint8Array[] = [];
  readonly #blocks: Uint8Array[] = [];

  constructor(contentKey: ContentKey) {
    this.#contentKey = contentKey;
  }

  /** Seals one block. @returns its link. */
  seal(kind: BlockKind, payload: Uint8Array): Link {
    beat();
    const { link, block } = sealBlock(nodePrimitives, this.#contentKey, kind, payload, true);
    this.#ids.push(block.id);
    this.#blocks.push(block.bytes);
    return link;
  }

  /** All that was sealed. */
  take(): SealedBlocks {
    return { ids: concatBytes(...this.#ids), blocks: this.#blocks };
  }
}

/** Seals the chunks of content, at most 1,024 of them. @returns their links, in order. */
export function sealChunks(basket: BlockBasket, bytes: Uint8Array): Link[] {
  return Array.from(chunksOf(bytes), (chunk) => basket.seal("content", chunk));
}
