// Sealing as FORMAT §6 has it, written a second time over node:crypto: what `sealBlock` is compared
// with, and how blocks are made that no honest writer makes.
import { createCipheriv, createHash, createHmac } from "node:crypto";
import { zstdCompressSync } from "node:zlib";
import type { BlockKey, Link } from "../../src/node/blocks/link.ts";
import { asBlockId } from "../../src/node/core/ids.ts";

/** A block made of an arbitrary plaintext. */
export interface ReferenceBlock {
  readonly link: Link;
  readonly bytes: Uint8Array;
}

const plain = (buffer: Buffer): Uint8Array => new Uint8Array(buffer);

/** The length of a padded body, found by going through all there are. */
export function referencePadded(length: number): number {
  if (length <= 256) return 256;
  for (let power = 64; ; power *= 2) {
    for (const times of [4, 5, 6, 7]) if (times * power >= length) return times * power;
  }
}

/** Codec, length, body and zeros. */
export function referencePlaintext(codec: number, body: Uint8Array): Uint8Array {
  const header = Buffer.alloc(5);
  header.writeUInt8(codec, 0);
  header.writeUInt32BE(body.length, 1);
  const padding = Buffer.alloc(referencePadded(body.length) - body.length);
  return plain(Buffer.concat([header, body, padding]));
}

/** Seals a plaintext as it is, whether or not the format allows it. */
export function referenceSeal(
  contentKey: Uint8Array,
  kind: number,
  plaintext: Uint8Array,
  suite = 1,
): ReferenceBlock {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(plaintext.length);
  const key = createHmac("sha256", contentKey)
    .update("ipcloud/v1/block", "ascii")
    .update(Uint8Array.of(suite, kind))
    .update(length)
    .update(plaintext)
    .digest();
  const info = Buffer.from("ipcloud/v1/block-keys", "ascii");
  const expand = (...parts: Uint8Array[]): Buffer =>
    createHmac("sha256", key).update(Buffer.concat(parts)).digest();
  const commitment = expand(info, Uint8Array.of(1));
  const aeadKey = expand(commitment, info, Uint8Array.of(2));
  const cipher = createCipheriv("aes-256-gcm", aeadKey, new Uint8Array(12));
  cipher.setAAD(Buffer.concat([Uint8Array.of(suite, kind), commitment]));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const bytes = plain(Buffer.concat([commitment, ciphertext, cipher.getAuthTag()]));
  const id = asBlockId(plain(createHash("sha256").update(bytes).digest()));
  return { link: { suite, id, key: plain(key) as BlockKey }, bytes };
}

/** One zstd frame. */
export function zstdFrame(data: Uint8Array): Uint8Array {
  return plain(zstdCompressSync(data));
}
