import { base32nopad } from "@scure/base";
import { concatBytes } from "./bytes.ts";
import type { BlockId } from "./ids.ts";

/** CID version 1, codec raw, multihash sha2-256 of 32 bytes. */
const cidPrefix = new Uint8Array([0x01, 0x55, 0x12, 0x20]);

/**
 * A block's CID as people and other IPFS tools see it: 59 characters, `bafkrei…`.
 * Multibase `b` (RFC 4648 base32 in lower case, not padded) of version 1, raw, sha2-256.
 */
export function showCid(id: BlockId): string {
  return `b${base32nopad.encode(concatBytes(cidPrefix, id)).toLowerCase()}`;
}
