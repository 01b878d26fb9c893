import { toBinaryString } from "../../core/bytes.ts";
import { CloudError } from "../../core/cloud-error.ts";
import type { Primitives } from "../../crypto/primitives.ts";
import { decodeLink, type Link, linkBytes, type RecordLink } from "../link.ts";
import { decodePack } from "../pack.ts";
import { chunkCount, indexFanout } from "../record.ts";
import { type BlockKind, openBlock } from "../seal.ts";
import { refuseShape } from "../shape.ts";

/** The kind of the block that a link to a record leads to: with a place in it, it is a pack. */
export function recordKind({ place }: RecordLink): "record" | "pack" {
  return place === undefined ? "record" : "pack";
}

/**
 * Names what a link opens, for whoever holds on to it: another key, or a link that says it is of
 * another kind, has no right to what the right one opened.
 */
export function nameOpened({ id, key }: Link, kind: BlockKind): string {
  return kind + toBinaryString(id) + toBinaryString(key);
}

/**
 * Opens the block that a link to a record leads to.
 * @param sealed - its bytes, whose hash was checked.
 * @returns the payloads of the records in it: of a pack all of them. FORMAT §8.3.
 * @throws damaged
 */
export function openRecordBlock(
  primitives: Primitives,
  link: RecordLink,
  sealed: Uint8Array,
): readonly Uint8Array[] {
  const kind = recordKind(link);
  const payload = openBlock(primitives, link, kind, sealed);
  return kind === "pack" ? decodePack(payload) : [payload];
}

/**
 * Opens a chunk of a file.
 * @param length - as many bytes as its place calls for. FORMAT §8.1.
 * @throws damaged
 */
export function openChunk(
  primitives: Primitives,
  link: Link,
  sealed: Uint8Array,
  length: number,
): Uint8Array {
  const chunk = openBlock(primitives, link, "content", sealed);
  checkChunk(chunk, length);
  return chunk;
}

/** Refuses a chunk that is not as long as its place calls for. @throws damaged */
export function checkChunk(chunk: Uint8Array, length: number): void {
  if (chunk.length === length) return;
  throw new CloudError("damaged", "a content block does not have the length its place needs");
}

/**
 * Some of the links in a block of the index, decoded.
 * @param payload - of the block.
 * @param count - how many links its place calls for. FORMAT §8.2.
 * @param end - the first that is not wanted; beyond `count` it is `count`.
 * @throws damaged, newer
 */
export function linksOfIndex(
  payload: Uint8Array,
  count: number,
  start: number,
  end: number,
): Link[] {
  if (payload.length !== count * linkBytes) {
    refuseShape("a block of an index", `${count.toString()} links, as the size of the file says`);
  }
  const links: Link[] = [];
  for (let at = start; at < Math.min(end, count); at++) {
    links.push(decodeLink(payload.subarray(at * linkBytes, (at + 1) * linkBytes)));
  }
  return links;
}

/** How many links to blocks of a level lead to so many bytes. FORMAT §8.2. */
export function linkCount(size: number, depth: number): number {
  return Math.ceil(chunkCount(size) / indexFanout ** depth);
}
