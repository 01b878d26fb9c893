import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  hash,
  sign,
  verify,
} from "node:crypto";
import { concatBytes, fromHex } from "../core/bytes.ts";
import type { Primitives } from "../crypto/primitives.ts";
import { zstdCompress, zstdDecompress } from "./zstd.ts";

const tagBytes = 16;
/** What a cipher is given at once where the result has its place already. */
const pieceBytes = 64 * 1024;
const nothing = new Uint8Array(0);
const hashBlockBytes = 64;
/** From here on copying a message behind the key costs more than a streaming hash does. */
const copiedMessageBytes = 2048;
/** What stands before the 32 bytes of a key in PKCS #8 and in SubjectPublicKeyInfo (RFC 8410). */
const pkcs8Prefix = fromHex("302e020100300506032b657004220420") ?? new Uint8Array();
const spkiPrefix = fromHex("302a300506032b6570032100") ?? new Uint8Array();

/** Filled anew by every HMAC: making room for each takes as long as hashing. */
const innerMessage = new Uint8Array(hashBlockBytes + copiedMessageBytes);
const outerMessage = new Uint8Array(hashBlockBytes + 32);

/** Buffers compare unequal to arrays and slice differently: none leaves this room. */
function plain(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** The bytes of a digest: by way of a string, since a buffer of its own takes longer than the hash. */
function digestBytes(digest: string): Uint8Array {
  const bytes = new Uint8Array(digest.length);
  setDigest(bytes, 0, digest);
  return bytes;
}

function sha256(data: Uint8Array): Uint8Array {
  return digestBytes(hash("sha256", data, "binary"));
}

function setDigest(target: Uint8Array, offset: number, digest: string): void {
  for (let i = 0; i < digest.length; i++) target[offset + i] = digest.charCodeAt(i);
}

/**
 * HMAC from two one-shot hashes: `createHmac` takes three times as long for the short messages that
 * key derivation is made of.
 */
function hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array {
  const short = key.length > hashBlockBytes ? sha256(key) : key;
  innerMessage.fill(0x36, 0, hashBlockBytes);
  outerMessage.fill(0x5c, 0, hashBlockBytes);
  for (let i = 0; i < short.length; i++) {
    const byte = short[i] as number;
    innerMessage[i] = byte ^ 0x36;
    outerMessage[i] = byte ^ 0x5c;
  }
  if (data.length <= copiedMessageBytes) {
    innerMessage.set(data, hashBlockBytes);
    const message = innerMessage.subarray(0, hashBlockBytes + data.length);
    setDigest(outerMessage, hashBlockBytes, hash("sha256", message, "binary"));
  } else {
    const pad = innerMessage.subarray(0, hashBlockBytes);
    outerMessage.set(createHash("sha256").update(pad).update(data).digest(), hashBlockBytes);
  }
  return sha256(outerMessage);
}

function aesGcmSeal(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  associated: Uint8Array,
  head: Uint8Array = nothing,
): Uint8Array {
  // From a KeyObject a cipher is made in a third of the time that it takes from raw bytes.
  const cipher = createCipheriv("aes-256-gcm", createSecretKey(key), nonce);
  cipher.setAAD(associated);
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  return concatBytes(head, ciphertext, cipher.getAuthTag());
}

/** How long the result of {@link aesGcmSealInto} is. */
export function sealedBytes(plaintext: number, head: number): number {
  return head + plaintext + tagBytes;
}

/**
 * As `aesGcmSeal`, into memory that is at hand, by way of small pieces: large ones that come and go
 * are kept by the C library.
 * @param target - of {@link sealedBytes}.
 */
export function aesGcmSealInto(
  target: Uint8Array,
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  associated: Uint8Array,
  head: Uint8Array,
): void {
  const cipher = createCipheriv("aes-256-gcm", createSecretKey(key), nonce);
  cipher.setAAD(associated);
  target.set(head);
  for (let at = 0; at < plaintext.length; at += pieceBytes) {
    target.set(cipher.update(plaintext.subarray(at, at + pieceBytes)), head.length + at);
  }
  cipher.final();
  target.set(cipher.getAuthTag(), head.length + plaintext.length);
}

function aesGcmOpen(
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  associated: Uint8Array,
): Uint8Array | undefined {
  const end = sealed.length - tagBytes;
  if (end < 0) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", createSecretKey(key), nonce, {
    authTagLength: tagBytes,
  });
  decipher.setAAD(associated);
  decipher.setAuthTag(sealed.subarray(end));
  const plaintext = decipher.update(sealed.subarray(0, end));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return plain(plaintext);
}

/** {@link Primitives} by node:crypto and node:zlib. */
export const nodePrimitives: Primitives = {
  sha256,
  sha512: (data) => plain(hash("sha512", data, "buffer")),
  hmacSha256,
  aesGcmSeal,
  aesGcmOpen,
  ed25519Signer: (seed) => {
    const pkcs8 = asBuffer(concatBytes(pkcs8Prefix, seed));
    const privateKey = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
    pkcs8.fill(0);
    const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
    return {
      publicKey: Uint8Array.from(spki.subarray(spkiPrefix.length)),
      sign: (message) => plain(sign(null, message, privateKey)),
    };
  },
  ed25519Verify: (publicKey, message, signature) => {
    const spki = asBuffer(concatBytes(spkiPrefix, publicKey));
    const key = createPublicKey({ key: spki, format: "der", type: "spki" });
    return verify(null, message, key, signature);
  },
  zstdCompress,
  zstdDecompress,
};
