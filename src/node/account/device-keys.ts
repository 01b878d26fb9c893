import type { Brand } from "../core/brand.ts";
import { concatBytes } from "../core/bytes.ts";
import { deriveKey, keyBytes } from "../crypto/derive.ts";
import { derivationDomains, signatureDomains } from "../crypto/domains.ts";
import type { Primitives } from "../crypto/primitives.ts";
import { asReceiveSeed, type ReceiveSeed } from "../crypto/recipients.ts";
import {
  asSigningSeed,
  type PublicKey,
  type Signature,
  type SigningKey,
  signingKey,
  verify,
} from "../crypto/sign.ts";
import { sized } from "../crypto/sized.ts";

/** What all keys of one device are made of: 32 random bytes that never leave it. */
export type DeviceSeed = Brand<Uint8Array, "DeviceSeed">;

/** Takes 32 bytes as a device's seed. @throws damaged, if the length is another. */
export const asDeviceSeed = (bytes: Uint8Array): DeviceSeed =>
  sized(bytes, keyBytes, "a device's seed") as DeviceSeed;

/** The key by which the account knows a device: what its device list names. */
export function deviceIdentity(primitives: Primitives, seed: DeviceSeed): SigningKey {
  const derived = deriveKey(primitives, seed, derivationDomains.deviceIdentity);
  return signingKey(primitives, asSigningSeed(derived));
}

/** The seed of the age identity by which a device opens epoch keys. */
export function deviceReceiveSeed(primitives: Primitives, seed: DeviceSeed): ReceiveSeed {
  return asReceiveSeed(deriveKey(primitives, seed, derivationDomains.deviceReceive));
}

/**
 * The key by which mirrors of one space know a device: it certifies the device's writers there.
 * @param nonce - that of the space's first roster, 16 bytes.
 */
export function devicePseudonym(
  primitives: Primitives,
  seed: DeviceSeed,
  nonce: Uint8Array,
): SigningKey {
  const derived = deriveKey(primitives, seed, derivationDomains.devicePseudonym, nonce);
  return signingKey(primitives, asSigningSeed(derived));
}

/** A device's own word that a pseudonym in one space is its. Told to members only. */
export interface PseudonymClaim {
  readonly pseudonym: PublicKey;
  /** The device's identity. */
  readonly device: PublicKey;
  /** By the identity, over nonce (16 B) ‖ pseudonym (32 B). */
  readonly signature: Signature;
}

/** Makes the claim of a device. */
export function claimPseudonym(
  identity: SigningKey,
  pseudonym: PublicKey,
  nonce: Uint8Array,
): PseudonymClaim {
  const signature = identity.sign(signatureDomains.pseudonym, concatBytes(nonce, pseudonym));
  return { pseudonym, device: identity.publicKey, signature };
}

/** Whether a claim holds in the space of that nonce. */
export function holdsClaim(
  primitives: Primitives,
  claim: PseudonymClaim,
  nonce: Uint8Array,
): boolean {
  const message = concatBytes(nonce, claim.pseudonym);
  return verify(primitives, claim.device, signatureDomains.pseudonym, message, claim.signature);
}
