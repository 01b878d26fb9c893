import type { Brand } from "../core/brand.ts";
import { concatBytes, equalBytes, fromHex, toUtf8 } from "../core/bytes.ts";
import type { SignatureDomain } from "./domains.ts";
import type { Primitives } from "./primitives.ts";
import { sized } from "./sized.ts";

/** An Ed25519 public key: 32 bytes. */
export type PublicKey = Brand<Uint8Array, "PublicKey">;
/** What an Ed25519 key pair is made of: 32 secret bytes. */
export type SigningSeed = Brand<Uint8Array, "SigningSeed">;
/** An Ed25519 signature: 64 bytes. */
export type Signature = Brand<Uint8Array, "Signature">;

/** Length of a {@link PublicKey} in bytes. */
export const publicKeyBytes = 32;
/** Length of a {@link Signature} in bytes. */
export const signatureBytes = 64;
/** R, the first half of a signature. */
const pointBytes = 32;

/** Takes 32 bytes as a public key. @throws damaged, if the length is another. */
export const asPublicKey = (bytes: Uint8Array): PublicKey =>
  sized(bytes, publicKeyBytes, "a public key") as PublicKey;
/** Takes 32 bytes as the seed of a key pair. @throws damaged, if the length is another. */
export const asSigningSeed = (bytes: Uint8Array): SigningSeed =>
  sized(bytes, 32, "the seed of a signing key") as SigningSeed;
/** Takes 64 bytes as a signature. @throws damaged, if the length is another. */
export const asSignature = (bytes: Uint8Array): Signature =>
  sized(bytes, signatureBytes, "a signature") as Signature;

/** A key pair that signs. Holds its secret out of reach. */
export interface SigningKey {
  readonly publicKey: PublicKey;
  /** Signs `message` for one purpose. */
  sign(domain: SignatureDomain, message: Uint8Array): Signature;
}

/** domain ‖ 0 ‖ message: what is really signed. FORMAT §4.2. */
function bound(domain: SignatureDomain, message: Uint8Array): Uint8Array {
  return concatBytes(toUtf8(domain), Uint8Array.of(0), message);
}

/** The key pair of a seed. */
export function signingKey(primitives: Primitives, seed: SigningSeed): SigningKey {
  const signer = primitives.ed25519Signer(seed);
  return {
    publicKey: asPublicKey(signer.publicKey),
    sign: (domain, message) => asSignature(signer.sign(bound(domain, message))),
  };
}

/**
 * Whether `signature` is that of `publicKey` over `message` for this purpose.
 *
 * Strict: beyond RFC 8032 §5.1.7 it refuses public keys under which a signature proves nothing, and
 * an R of that kind, which no signer makes: platforms differ on it (Node 24 refuses, Node 20 takes
 * it), and who is believed must not depend on the platform. FORMAT §4.2.
 */
export function verify(
  primitives: Primitives,
  publicKey: PublicKey,
  domain: SignatureDomain,
  message: Uint8Array,
  signature: Signature,
): boolean {
  return (
    isStrongPoint(publicKey) &&
    isStrongPoint(signature.subarray(0, pointBytes)) &&
    primitives.ed25519Verify(publicKey, bound(domain, message), signature)
  );
}

/** The y coordinates below 2^255 - 19 of the eight points of small order, little endian. */
const smallOrderY = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
].map((hex) => fromHex(hex) as Uint8Array);

/**
 * Whether a point is canonically encoded (y below 2^255 - 19) and not of small order: under a public
 * key of small order one signature holds for many messages.
 * @param point - 32 bytes: a public key, or the R with which a signature begins.
 */
export function isStrongPoint(point: Uint8Array): boolean {
  const y = Uint8Array.from(point);
  y[31] = (y[31] ?? 0) & 0x7f;
  const topIsFull = y[31] === 0x7f && y.subarray(1, 31).every((byte) => byte === 0xff);
  if (topIsFull && (y[0] ?? 0) >= 0xed) return false;
  return !smallOrderY.some((weak) => equalBytes(weak, y));
}
