import type { Link } from "../link.ts";
import { chunkBytes, indexDepth, indexFanout, type VersionRecord } from "../record.ts";
import { linkCount, linksOfIndex } from "./open-content.ts";

/** A link below a record, with what its place says of the block behind it. FORMAT §8.2. */
export interface ContentPart {
  readonly link: Link;
  /** Bytes of the file that stand below the link. */
  readonly size: number;
  /** Of the index: its levels below the link. 0: a chunk. */
  readonly depth: number;
}

/** What a record leads to, in the order of the file; nothing, if it holds its content itself. */
export function partsOfRecord({ size, content }: VersionRecord): ContentPart[] {
  return content instanceof Uint8Array ? [] : partsBelow(content, size, indexDepth(size));
}

/** What a block of the index leads to. @throws damaged, newer */
export function partsOfIndex(part: ContentPart, payload: Uint8Array): ContentPart[] {
  const depth = part.depth - 1;
  const count = linkCount(part.size, depth);
  return partsBelow(linksOfIndex(payload, count, 0, count), part.size, depth);
}

function partsBelow(links: readonly Link[], size: number, depth: number): ContentPart[] {
  const span = chunkBytes * indexFanout ** depth;
  return links.map((link, i) => ({ link, size: Math.min(span, size - i * span), depth }));
}
