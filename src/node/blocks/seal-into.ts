import type { Link } from "./link.ts";
import type { MapWriter } from "./map-draft.ts";
import type { BlockPutter } from "./ports.ts";
import { type BlockKind, sealBlock } from "./seal.ts";

/** What sealing a block takes. */
export type SealWriter = Pick<MapWriter, "primitives" | "contentKey">;

/** Seals one block of some kind into a putter, compressed where that saves. FORMAT §4. @returns its link. */
export function sealInto(
  { primitives, contentKey }: SealWriter,
  putter: BlockPutter,
  kind: BlockKind,
  payload: Uint8Array,
): Link {
  const { link, block } = sealBlock(primitives, contentKey, kind, payload, true);
  putter.put(block);
  return link;
}
