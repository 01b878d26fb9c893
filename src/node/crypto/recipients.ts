import { bech32 } from "@scure/base";
import { Decrypter, Encrypter, identityToRecipient } from "age-encryption";
import type { Brand } from "../core/brand.ts";
import { CloudError } from "../core/cloud-error.ts";
import { sized } from "./sized.ts";

/** What a hybrid age identity is made of: 32 secret bytes. */
export type ReceiveSeed = Brand<Uint8Array, "ReceiveSeed">;
/** A hybrid age recipient (`age1pq1…`): the 1,216 bytes of its ML-KEM-768 and X25519 keys. */
export type Recipient = Brand<Uint8Array, "Recipient">;

/** Length of a {@link Recipient} in bytes. */
export const recipientBytes = 1216;
/** The largest age file that {@link openAge} reads: what is boxed here is keys, not content. */
export const maxAgeFileBytes = 64 * 1024;

const identityPrefix = "AGE-SECRET-KEY-PQ-";
const recipientPrefix = "age1pq";

/** Takes 32 bytes as the seed of an identity. @throws damaged, if the length is another. */
export const asReceiveSeed = (bytes: Uint8Array): ReceiveSeed =>
  sized(bytes, 32, "the seed of an age identity") as ReceiveSeed;
/** Takes 1,216 bytes as a recipient. @throws damaged, if the length is another. */
export const asRecipient = (bytes: Uint8Array): Recipient =>
  sized(bytes, recipientBytes, "an age recipient") as Recipient;

/** `AGE-SECRET-KEY-PQ-1…`, as `age` reads it. Secret. */
export function identityText(seed: ReceiveSeed): string {
  return bech32.encodeFromBytes(identityPrefix, seed).toUpperCase();
}

/** `age1pq1…`, some 2,000 characters, as `age` reads it. */
export function recipientText(recipient: Recipient): string {
  return bech32.encode(recipientPrefix, bech32.toWords(recipient), false);
}

/** The recipient of an identity. The same seed gives the same recipient. */
export async function recipientOf(seed: ReceiveSeed): Promise<Recipient> {
  const { words } = bech32.decode(await identityToRecipient(identityText(seed)), false);
  return asRecipient(bech32.fromWords(words));
}

/**
 * Encrypts to one recipient or more; each opens it alone. Randomised: no two files are equal.
 * @param recipients - at least one.
 * @returns a binary age file (age-encryption.org/v1), header included.
 */
export async function sealAge(
  recipients: readonly Recipient[],
  plaintext: Uint8Array,
): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipientText(recipient));
  return encrypter.encrypt(plaintext);
}

/**
 * Opens an age file.
 * @param what - names the file in errors.
 * @returns `undefined` if it is meant for others.
 * @throws damaged, if it is larger than {@link maxAgeFileBytes}, malformed or altered.
 */
export async function openAge(
  seed: ReceiveSeed,
  file: Uint8Array,
  what: string,
): Promise<Uint8Array | undefined> {
  if (file.length > maxAgeFileBytes) {
    throw new CloudError(
      "damaged",
      `${what} has ${file.length.toString()} bytes, expected at most ${maxAgeFileBytes.toString()}`,
    );
  }
  const asked = { last: false };
  const decrypter = new Decrypter();
  decrypter.addIdentity(identityText(seed));
  // Identities are tried in order, so this one is asked only if the first found nothing of its own.
  decrypter.addIdentity({
    unwrapFileKey: () => {
      asked.last = true;
      return null;
    },
  });
  try {
    return await decrypter.decrypt(file);
  } catch (cause) {
    if (asked.last) return undefined;
    throw new CloudError("damaged", `${what} is not a sound age file`, { cause });
  }
}
