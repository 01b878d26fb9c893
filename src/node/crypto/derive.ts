import type { Brand } from "../core/brand.ts";
import { concatBytes, toUtf8 } from "../core/bytes.ts";
import { type DerivationDomain, derivationDomains } from "./domains.ts";
import type { Primitives } from "./primitives.ts";
import { sized } from "./sized.ts";

/** Length of every symmetric key and every seed in bytes. */
export const keyBytes = 32;

/** Random; who holds it reads a space in one epoch and in all before it. */
export type EpochKey = Brand<Uint8Array, "EpochKey">;
/** Keys the sealed blocks of one epoch of a space. */
export type ContentKey = Brand<Uint8Array, "ContentKey">;
/** Keys the boxes in the heads of one epoch. */
export type HeadKey = Brand<Uint8Array, "HeadKey">;
/** Keys the salts under the commitments of one epoch's heads. */
export type SaltKey = Brand<Uint8Array, "SaltKey">;
/** Keys what one epoch hands on to those who read it: the key before, the boundary key. */
export type HandoverKey = Brand<Uint8Array, "HandoverKey">;
/** Public: by which who opens a box knows that it holds the right epoch key. 32 bytes. */
export type EpochCheck = Brand<Uint8Array, "EpochCheck">;
/** Random, drawn once for a space: places the boundaries of sealed maps and packs. */
export type BoundaryKey = Brand<Uint8Array, "BoundaryKey">;

/** Takes 32 bytes as an epoch key. @throws damaged, if the length is another. */
export const asEpochKey = (bytes: Uint8Array): EpochKey =>
  sized(bytes, keyBytes, "an epoch key") as EpochKey;
/** Takes 32 bytes as the check of an epoch key. @throws damaged, if the length is another. */
export const asEpochCheck = (bytes: Uint8Array): EpochCheck =>
  sized(bytes, keyBytes, "the check of an epoch key") as EpochCheck;
/** Takes 32 bytes as a boundary key. @throws damaged, if the length is another. */
export const asBoundaryKey = (bytes: Uint8Array): BoundaryKey =>
  sized(bytes, keyBytes, "a boundary key") as BoundaryKey;

const maxHkdfBytes = 255 * 32;

/**
 * HKDF with SHA-256 (RFC 5869).
 * @param salt - absent: 32 zero bytes, as the RFC has it.
 * @param length - 1 to 8,160 bytes.
 * @throws RangeError for more: the counter of blocks has one byte.
 */
export function hkdfSha256(
  primitives: Primitives,
  secret: Uint8Array,
  info: Uint8Array,
  length: number,
  salt: Uint8Array = new Uint8Array(32),
): Uint8Array {
  if (length > maxHkdfBytes) throw new RangeError("HKDF-SHA256 has 8,160 bytes at most");
  const extracted = primitives.hmacSha256(salt, secret);
  const output = new Uint8Array(length);
  let block: Uint8Array = new Uint8Array(0);
  for (let at = 0, counter = 1; at < length; at += block.length, counter++) {
    block = primitives.hmacSha256(extracted, concatBytes(block, info, Uint8Array.of(counter)));
    output.set(block.subarray(0, length - at), at);
  }
  return output;
}

/**
 * Derives one of the keys that `domain` names from a secret. FORMAT §4.1.
 * @param context - what the key is bound to besides: HKDF's info is then domain ‖ 0 ‖ context.
 * @returns 32 bytes.
 */
export function deriveKey(
  primitives: Primitives,
  secret: Uint8Array,
  domain: DerivationDomain,
  context?: Uint8Array,
): Uint8Array {
  const info = toUtf8(domain);
  const bound = context === undefined ? info : concatBytes(info, Uint8Array.of(0), context);
  return hkdfSha256(primitives, secret, bound, keyBytes);
}

/** What an epoch key yields. */
export interface EpochKeys {
  readonly contentKey: ContentKey;
  readonly headKey: HeadKey;
  readonly saltKey: SaltKey;
  readonly handoverKey: HandoverKey;
  readonly check: EpochCheck;
}

/** All keys of one epoch. FORMAT §4.1. */
export function epochKeys(primitives: Primitives, epochKey: EpochKey): EpochKeys {
  const derive = (domain: DerivationDomain): Uint8Array => deriveKey(primitives, epochKey, domain);
  return {
    contentKey: derive(derivationDomains.epochContent) as ContentKey,
    headKey: derive(derivationDomains.epochHead) as HeadKey,
    saltKey: derive(derivationDomains.epochSalt) as SaltKey,
    handoverKey: derive(derivationDomains.epochHandover) as HandoverKey,
    check: derive(derivationDomains.epochCheck) as EpochCheck,
  };
}
