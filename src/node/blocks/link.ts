import type { Brand } from "../core/brand.ts";
import { compareBytes, concatBytes } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import { asBlockId, type BlockId } from "../core/ids.ts";

/** The key of one sealed block: 32 bytes, a function of the block's content and the content key. */
export type BlockKey = Brand<Uint8Array, "BlockKey">;

/** The suite that this version writes: HMAC-SHA256, AES-256-GCM, zstd, sha2-256. FORMAT §6. */
export const currentSuite = 1;

/** The right to read one sealed block and all below it. FORMAT §7. */
export interface Link {
  readonly suite: number;
  readonly id: BlockId;
  readonly key: BlockKey;
}

/** A link to a version record: alone in its block, or at a place in a pack. */
export interface RecordLink extends Link {
  /** 0 to 65,535: which record of the pack. Absent: the block is the record. */
  readonly place?: number;
}

/** A {@link Link} as it is stored: 65 bytes. */
export type EncodedLink = Brand<Uint8Array, "EncodedLink">;
/** Some of them one after the other: 65 bytes each. */
export type EncodedLinks = Brand<Uint8Array, "EncodedLinks">;
/** A {@link RecordLink} as it is stored: 65 bytes, or 67 with a place. */
export type EncodedRecordLink = Brand<Uint8Array, "EncodedRecordLink">;

/** Length of an encoded {@link Link} in bytes. */
export const linkBytes = 65;
/** Length of an encoded {@link RecordLink} that holds a place, in bytes. */
export const placedLinkBytes = 67;

/** suite (1 B) ‖ id (32 B) ‖ key (32 B). */
export function encodeLink(link: Link): EncodedLink {
  return joinLink(link) as EncodedLink;
}

function joinLink({ suite, id, key }: Link, ...place: readonly Uint8Array[]): Uint8Array {
  return concatBytes(Uint8Array.of(suite), id, key, ...place);
}

/** Reads {@link encodeLink} back. @throws damaged, newer */
export function decodeLink(bytes: Uint8Array, what = "a link"): Link {
  if (bytes.length !== linkBytes) refuseLength(bytes, what, linkBytes.toString());
  const suite = checkSuite(bytes, what);
  return { suite, id: asBlockId(bytes.subarray(1, 33)), key: bytes.subarray(33) as BlockKey };
}

function refuseLength(bytes: Uint8Array, what: string, expected: string): never {
  throw new CloudError(
    "damaged",
    `${what} has ${bytes.length.toString()} bytes, expected ${expected}`,
  );
}

/** @returns the suite of an encoded link. */
function checkSuite(bytes: Uint8Array, what: string): number {
  const suite = bytes[0] as number;
  if (suite > currentSuite) {
    throw new CloudError(
      "newer",
      `${what} uses suite ${suite.toString()}, which needs a newer IPCloud`,
    );
  }
  if (suite !== currentSuite) {
    throw new CloudError("damaged", `${what} uses suite ${suite.toString()}, which never was`);
  }
  return suite;
}

/** {@link encodeLink}, then the place (2 B, big endian) if there is one. */
export function encodeRecordLink(link: RecordLink): EncodedRecordLink {
  const { place } = link;
  const encoded =
    place === undefined ? joinLink(link) : joinLink(link, Uint8Array.of(place >>> 8, place & 0xff));
  return encoded as EncodedRecordLink;
}

/** Reads {@link encodeRecordLink} back. @throws damaged, newer */
export function decodeRecordLink(bytes: Uint8Array, what = "a link to a version"): RecordLink {
  if (bytes.length !== placedLinkBytes) return decodeLink(bytes, what);
  const place = ((bytes[65] as number) << 8) | (bytes[66] as number);
  return { ...decodeLink(bytes.subarray(0, linkBytes), what), place };
}

/** Takes bytes as a link that {@link decodeRecordLink} reads. @throws damaged, newer */
export function asRecordLink(bytes: Uint8Array, what: string): EncodedRecordLink {
  if (bytes.length !== linkBytes && bytes.length !== placedLinkBytes) {
    refuseLength(bytes, what, `${linkBytes.toString()} or ${placedLinkBytes.toString()}`);
  }
  checkSuite(bytes, what);
  return bytes as EncodedRecordLink;
}

/** Whether two links lead to the same record. */
export function sameRecord(a: RecordLink, b: RecordLink): boolean {
  return compareBytes(a.id, b.id) === 0 && a.place === b.place;
}
