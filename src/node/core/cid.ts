import type { BlockId } from "./ids.ts";

const base32 = "abcdefghijklmnopqrstuvwxyz234567";
/** CID version 1, codec raw, multihash sha2-256 of 32 bytes. */
const cidPrefix = [0x01, 0x55, 0x12, 0x20];

/**
 * A block's CID as people and other IPFS tools see it: 59 characters, `bafkrei…`.
 * Multibase `b` (RFC 4648 base32 in lower case, not padded) of version 1, raw, sha2-256.
 */
export function showCid(id: BlockId): string {
  let text = "b";
  let bits = 0;
  let pending = 0;
  for (const byte of [...cidPrefix, ...id]) {
    pending = (pending << 8) | byte;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += base32.charAt((pending >>> (bits - 5)) & 31);
    pending &= 0xff;
  }
  return bits === 0 ? text : text + base32.charAt((pending << (5 - bits)) & 31);
}
