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
}

/** Seals one block of some kind into a putter, compressed where that saves. FORMAT §6. @returns its link. */
export function sealInto(
  { primitives, contentKey }: Sealer,
  putter: BlockPutter,
  kind: BlockKind,
  payload: Uint8Array,
): Link {
  const { link, block } = sealBlock(primitives, contentKey, kind, payload, true);
  putter.put(block);
  return link;
}
