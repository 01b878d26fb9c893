import type { Brand } from "../core/brand.ts";
import { concatBytes } from "../core/bytes.ts";
import { asWriterId, type SpaceId, shortIdBytes, type WriterId } from "../core/ids.ts";
import { deriveKey, keyBytes } from "../crypto/derive.ts";
import { derivationDomains, signatureDomains } from "../crypto/domains.ts";
import type { Primitives } from "../crypto/primitives.ts";
import {
  asPublicKey,
  asSignature,
  asSigningSeed,
  type PublicKey,
  publicKeyBytes,
  type Signature,
  type SigningKey,
  type SigningSeed,
  signatureBytes,
  signingKey,
  verify,
} from "../crypto/sign.ts";
import { sized } from "../crypto/sized.ts";

/** What the keys of one writer are made of: 32 random bytes that never leave its store. */
export type WriterSeed = Brand<Uint8Array, "WriterSeed">;

/** Takes 32 bytes as a writer's seed. @throws damaged, if the length is another. */
export const asWriterSeed = (bytes: Uint8Array): WriterSeed =>
  sized(bytes, keyBytes, "a writer's seed") as WriterSeed;

/** The key that signs a writer's heads in one space. */
export function writerHeadKey(
  primitives: Primitives,
  seed: WriterSeed,
  space: SpaceId,
): SigningKey {
  const derived = deriveKey(primitives, seed, derivationDomains.writerHead, space);
  return signingKey(primitives, asSigningSeed(derived));
}

/** The seed of the IPNS key under which a writer publishes its heads in one space. */
export function writerNameSeed(
  primitives: Primitives,
  seed: WriterSeed,
  space: SpaceId,
): SigningSeed {
  return asSigningSeed(deriveKey(primitives, seed, derivationDomains.writerName, space));
}

/** A device's word that a head key is that of a writer of its own. FORMAT §12.5. */
export interface Certificate {
  readonly writer: WriterId;
  /** The device, as the roster of the space names it. */
  readonly device: PublicKey;
  /** By that device, over space (32 B) ‖ writer (16 B) ‖ head key (32 B). */
  readonly signature: Signature;
}

/** Length of an encoded {@link Certificate} in bytes. */
export const certificateBytes = shortIdBytes + publicKeyBytes + signatureBytes;

/** Certifies a writer. @param device - the device's pseudonym in that space. */
export function certifyWriter(
  device: SigningKey,
  space: SpaceId,
  writer: WriterId,
  headKey: PublicKey,
): Certificate {
  const message = concatBytes(space, writer, headKey);
  return {
    writer,
    device: device.publicKey,
    signature: device.sign(signatureDomains.writer, message),
  };
}

/** Whether the device that the certificate names signed it for that space and head key. */
export function holdsCertificate(
  primitives: Primitives,
  certificate: Certificate,
  space: SpaceId,
  headKey: PublicKey,
): boolean {
  const message = concatBytes(space, certificate.writer, headKey);
  const { device, signature } = certificate;
  return verify(primitives, device, signatureDomains.writer, message, signature);
}

/** writer (16 B) ‖ device (32 B) ‖ signature (64 B). */
export function encodeCertificate(certificate: Certificate): Uint8Array {
  return concatBytes(certificate.writer, certificate.device, certificate.signature);
}

/** Reads {@link encodeCertificate} back. @param bytes - 112 bytes. @throws damaged */
export function decodeCertificate(bytes: Uint8Array): Certificate {
  const deviceAt = shortIdBytes;
  const signatureAt = deviceAt + publicKeyBytes;
  return {
    writer: asWriterId(bytes.subarray(0, deviceAt)),
    device: asPublicKey(bytes.subarray(deviceAt, signatureAt)),
    signature: asSignature(bytes.subarray(signatureAt)),
  };
}
