import { concatBytes } from "../core/bytes.ts";
import { decodeCanonical, encodeCanonical } from "./cbor.ts";
import { decodeLink, type EncodedLinks, encodeLink, type Link, linkBytes } from "./link.ts";
import { asBytes, asInteger, asVersioned, refuseShape } from "./shape.ts";

/** Plain bytes in one content block; the last of a file holds the rest. */
export const chunkBytes = 256 * 1024;
/** Files up to this size stand inside their version record. */
export const maxInlineBytes = 4096;
/** Links in a version record, and in one block of the index above the chunks. */
export const indexFanout = 1024;
/** The largest file: 2^50 bytes, far below where the numbers end. */
export const maxFileBytes = 2 ** 50;

const recordVersion = 1;

/**
 * One version of a file, a symbolic link (its content is the target) or a folder (no content).
 * Gives away no name, no path, no writer, no other version. FORMAT §8.
 */
export interface VersionRecord {
  /** Bytes of plain content, 0 to 2^50. */
  readonly size: number;
  /** Microseconds since 1970, negative before. */
  readonly mtime: number;
  /** Permission bits, 0 to 0o7777. */
  readonly mode: number;
  /**
   * Up to {@link maxInlineBytes}: the content itself. Above: links to the chunks, or to the blocks
   * of the index above them ({@link indexDepth}).
   */
  readonly content: Uint8Array | readonly Link[];
}

/** Number of chunks of a file of `size` bytes. */
export function chunkCount(size: number): number {
  return Math.ceil(size / chunkBytes);
}

/** Levels of index blocks between the record and the chunks: 0 up to 256 MiB, then 1, then 2. */
export function indexDepth(size: number): number {
  let depth = 0;
  for (let links = chunkCount(size); links > indexFanout; links = Math.ceil(links / indexFanout)) {
    depth++;
  }
  return depth;
}

/** Number of links in the record of a file of `size` bytes that has chunks. */
export function topLinks(size: number): number {
  return Math.ceil(chunkCount(size) / indexFanout ** indexDepth(size));
}

/** The canonical payload of a record. */
export function encodeRecord(record: VersionRecord): Uint8Array {
  const { content } = record;
  const bytes = content instanceof Uint8Array ? content : encodeLinks(content);
  return encodeCanonical([recordVersion, record.size, record.mtime, record.mode, bytes]);
}

/** Reads {@link encodeRecord} back. @throws damaged, newer */
export function decodeRecord(payload: Uint8Array): VersionRecord {
  const what = "a version record";
  const decoded = decodeCanonical(payload, what);
  const [size, mtime, mode, content] = asVersioned(decoded, 5, what, recordVersion);
  const bytes = asBytes(content, `the content of ${what}`);
  const checked = {
    size: asInteger(size, `the size in ${what}`, 0, maxFileBytes),
    mtime: asInteger(mtime, `the time in ${what}`, Number.MIN_SAFE_INTEGER),
    mode: asInteger(mode, `the mode in ${what}`, 0, 0o7777),
  };
  if (checked.size <= maxInlineBytes) {
    if (bytes.length !== checked.size) refuseShape(what, "as much content as its size says");
    return { ...checked, content: bytes };
  }
  return { ...checked, content: decodeLinks(bytes, topLinks(checked.size), what) };
}

/** Links one after the other: the payload of a block of the index, and what a record holds. */
export function encodeLinks(links: readonly Link[]): EncodedLinks {
  return concatBytes(...links.map(encodeLink)) as EncodedLinks;
}

/**
 * Reads exactly `count` links.
 * @throws damaged, newer
 */
export function decodeLinks(bytes: Uint8Array, count: number, what: string): Link[] {
  if (bytes.length !== count * linkBytes) {
    refuseShape(what, `${count.toString()} links, as its size says`);
  }
  return Array.from({ length: count }, (_, i) =>
    decodeLink(bytes.subarray(i * linkBytes, (i + 1) * linkBytes)),
  );
}
