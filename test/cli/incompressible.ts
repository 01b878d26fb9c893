import { createCipheriv } from "node:crypto";

/** The same bytes for the same seed, whose blocks are as large as they are. */
export function incompressible(sizeBytes: number, seed: number): Buffer {
  const key = new Uint8Array(16).fill(seed);
  return createCipheriv("aes-128-ctr", key, key).update(new Uint8Array(sizeBytes));
}
