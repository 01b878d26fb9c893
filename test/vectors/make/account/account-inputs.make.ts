import { createHash } from "node:crypto";
import { base32nopad } from "@scure/base";
import { asAccountSecret } from "../../../../src/node/account/account.ts";
import { asDeviceSeed } from "../../../../src/node/account/device-keys.ts";
import { asWriterSeed } from "../../../../src/node/account/writers.ts";
import type { RandomBytes } from "../../../../src/node/crypto/primitives.ts";
import type { VectorValue } from "../../vector-file.ts";

/** SHA-256 of a label: the fixed input of that name, 32 bytes. */
export function labelled(label: string): Uint8Array {
  return Uint8Array.from(createHash("sha256").update(`ipcloud vectors: ${label}`).digest());
}

/** Bytes that follow from the label alone: the hashes of label, 0, label, 1 and so on. */
export function labelledRandom(label: string): RandomBytes {
  let count = 0;
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 32) {
      bytes.set(labelled(`${label} ${(count++).toString()}`).subarray(0, length - at), at);
    }
    return bytes;
  };
}

/**
 * Runs `make` with the randomness of the age library fixed, which takes none as an argument.
 * Only for vectors: what is made so is no secret.
 */
export async function withFixedAge<Result>(
  label: string,
  make: () => Promise<Result>,
): Promise<Result> {
  const random = labelledRandom(label);
  const { crypto } = globalThis;
  const getRandomValues = (target: Uint8Array): Uint8Array => {
    target.set(random(target.length));
    return target;
  };
  // Hides the method of the prototype until the property is removed again.
  Object.defineProperty(crypto, "getRandomValues", { value: getRandomValues, configurable: true });
  try {
    return await make();
  } finally {
    Reflect.deleteProperty(crypto, "getRandomValues");
  }
}

/** The account of all vectors. */
export const accountSecret = asAccountSecret(labelled("account secret"));
/** The nonce of the space of all vectors. */
export const spaceNonce = labelled("nonce of the space").subarray(0, 16);
/** Seeds of the devices of all vectors. */
export const deviceSeeds = ["ann", "ben", "cid"].map((name) => asDeviceSeed(labelled(name)));
/** The seed of the writer of all vectors. */
export const writerSeed = asWriterSeed(labelled("writer seed"));

/** What every file begins with. */
export function about(section: string, notes: readonly string[]): VectorValue {
  return [`Vectors of FORMAT ${section}. Bytes are lower-case hexadecimal.`, ...notes];
}

/** The CID of a public record: version 1, dag-cbor, sha2-256, in base32. */
export function publicCid(hash: Uint8Array): string {
  const binary = Uint8Array.of(0x01, 0x71, 0x12, 0x20, ...hash);
  return `b${base32nopad.encode(binary).toLowerCase()}`;
}
