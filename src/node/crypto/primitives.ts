/**
 * What the pure rooms need of the platform: hashes, AEAD and zstd. By node:crypto and node:zlib in
 * the node, by noble and WASM in a browser. All synchronous: a WebCrypto call costs more than the
 * work itself for blocks of a few KiB.
 */
export interface Primitives {
  /** SHA-256 (FIPS 180-4). @returns 32 bytes. */
  sha256(data: Uint8Array): Uint8Array;
  /** SHA-512 (FIPS 180-4). @returns 64 bytes. */
  sha512(data: Uint8Array): Uint8Array;
  /** HMAC-SHA256 (RFC 2104). @returns 32 bytes. */
  hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array;
  /**
   * AES-256-GCM (NIST SP 800-38D).
   * @param key - 32 bytes.
   * @param nonce - 12 bytes.
   * @param head - stands before the ciphertext in the result, as it is: joining them later would
   * copy both.
   * @returns head ‖ ciphertext ‖ tag (16 B).
   */
  aesGcmSeal(
    key: Uint8Array,
    nonce: Uint8Array,
    plaintext: Uint8Array,
    associated: Uint8Array,
    head?: Uint8Array,
  ): Uint8Array;
  /** The reverse of {@link aesGcmSeal}. @returns `undefined` if the tag does not hold. */
  aesGcmOpen(
    key: Uint8Array,
    nonce: Uint8Array,
    sealed: Uint8Array,
    associated: Uint8Array,
  ): Uint8Array | undefined;
  /**
   * Ed25519 (RFC 8032 §5.1).
   * @param seed - 32 bytes.
   */
  ed25519Signer(seed: Uint8Array): Ed25519Signer;
  /**
   * Verifies an Ed25519 signature (RFC 8032 §5.1.7 without the cofactor, S below the group order;
   * noble multiplies by the cofactor). Call it by way of `verify` in `sign.ts`, which refuses weak
   * points first.
   * @param publicKey - 32 bytes.
   * @param signature - 64 bytes.
   */
  ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** Zstandard (RFC 8878), level 1, one frame. */
  zstdCompress(data: Uint8Array): Uint8Array;
  /**
   * The reverse of {@link zstdCompress}.
   * @returns `undefined` if it is not one whole frame of at most `maxBytes` of content.
   */
  zstdDecompress(data: Uint8Array, maxBytes: number): Uint8Array | undefined;
}

/** An Ed25519 key pair that is ready to sign: reading the seed in costs more than signing. */
export interface Ed25519Signer {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** @returns 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

/** A source of randomness. @returns `length` unpredictable bytes. */
export type RandomBytes = (length: number) => Uint8Array;
