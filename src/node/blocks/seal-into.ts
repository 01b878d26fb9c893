import type { ContentKey } from "../crypto/derive.ts";
import type { Primitives } from "../crypto/primitives.ts";
import type { Link } from "./link.ts";
import type { BlockPutter } from "./ports.ts";
import { type BlockKind, sealBlock } from "./seal.ts";

/** What sealing a block takes. */
export interface Sealer {
  readonly primitives: Primitives;
  /** Of the epoch that is written. */
  readonly contentKey: ContentKey;
  /** Whether zstd is tried; absent: it is. */
  readonly compresses?: boolean;
}

/** Seals one block of some kind into a putter, compressed where that saves. FORMAT §6. @returns its link. */
export function sealInto(
  { primitives, contentKey, compresses = true }: Sealer,
  putter: BlockPutter,
  kind: BlockKind,
  payload: Uint8Array,
): Link {
  const { link, block } = sealBlock(primitives, contentKey, kind, payload, compresses);
  putter.put(block);
  return link;
}
