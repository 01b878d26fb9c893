import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { concatBytes, toUtf8 } from "../core/bytes.ts";
import type { BoxDomain } from "./domains.ts";
import type { RandomBytes } from "./primitives.ts";

const nonceBytes = 24;
const tagBytes = 16;

/** By how many bytes a box is longer than what it holds. */
export const boxOverheadBytes = nonceBytes + tagBytes;

/** domain ‖ 0 ‖ context. */
function associatedData(domain: BoxDomain, context: Uint8Array): Uint8Array {
  return concatBytes(toUtf8(domain), Uint8Array.of(0), context);
}

/**
 * Encrypts something small under a random nonce: XChaCha20-Poly1305. FORMAT §4.4.
 *
 * It does not commit to its key, which none of its uses needs: every key is either drawn at random
 * or derived from one that is, and the slot of a passphrase opens to a file key that must then open
 * the contents.
 * @param key - 32 bytes.
 * @param context - what the box is bound to; it opens under the same only.
 * @returns nonce (24 B) ‖ ciphertext ‖ tag (16 B).
 */
export function sealBox(
  key: Uint8Array,
  domain: BoxDomain,
  context: Uint8Array,
  plaintext: Uint8Array,
  random: RandomBytes,
): Uint8Array {
  const nonce = random(nonceBytes);
  const cipher = xchacha20poly1305(key, nonce, associatedData(domain, context));
  return concatBytes(nonce, cipher.encrypt(plaintext));
}

/** The reverse of {@link sealBox}. @returns `undefined` if key, domain, context or box is another. */
export function openBox(
  key: Uint8Array,
  domain: BoxDomain,
  context: Uint8Array,
  box: Uint8Array,
): Uint8Array | undefined {
  if (box.length < boxOverheadBytes) return undefined;
  const nonce = box.subarray(0, nonceBytes);
  const cipher = xchacha20poly1305(key, nonce, associatedData(domain, context));
  try {
    return cipher.decrypt(box.subarray(nonceBytes));
  } catch {
    return undefined;
  }
}
