// What the vectors of blocks, maps and trees share.
import { showCid } from "../../../src/node/core/cid.ts";
import { isCloudError } from "../../../src/node/core/cloud-error.ts";
import { concatBytes, fromHex, toHex, toUtf8 } from "../../../src/node/core/bytes.ts";
import { asBoundaryKey, asEpochKey, epochKeys } from "../../../src/node/crypto/derive.ts";
import { encodeLink, type Link } from "../../../src/node/blocks/link.ts";
import { nodePrimitives } from "../../../src/node/platform/primitives.ts";
import type { VectorValue } from "../vector-file.ts";

/** SHA-256 of some ASCII words: how the vectors draw their keys and ids. */
export function hashOf(words: string): Uint8Array {
  return nodePrimitives.sha256(toUtf8(words));
}

const epochKey = asEpochKey(hashOf("epoch key of the vectors"));

/** The content key under which all blocks of the vectors are sealed. */
export const { contentKey } = epochKeys(nodePrimitives, epochKey);

/** The boundary key of the vectors. */
export const boundaryKey = asBoundaryKey(hashOf("boundary key of the vectors"));

/** The keys as they stand in the files. */
export const keyFields = {
  epochKey: toHex(epochKey),
  contentKey: toHex(contentKey),
  boundaryKey: toHex(boundaryKey),
};

/** Byte i is (7 i + floor(i / 256)) mod 256. */
export function countingBytes(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => 7 * i + Math.floor(i / 256));
}

/** SHA-256 of "0", "1", "2" and so on, one after the other: nothing makes them smaller. */
export function digestBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 32) {
    bytes.set(hashOf((at / 32).toString()).subarray(0, length - at), at);
  }
  return bytes;
}

/** Bytes in a vector: hexadecimal, or a rule for long ones. */
export type BytesSpec =
  | string
  | { readonly counting: number }
  | { readonly zeros: number }
  | { readonly digests: number }
  | { readonly repeat: string; readonly times: number }
  | readonly BytesSpec[];

/** What a rule stands for. */
export function bytesOf(spec: BytesSpec): Uint8Array {
  if (Array.isArray(spec)) return concatBytes(...(spec as readonly BytesSpec[]).map(bytesOf));
  if (typeof spec === "object") {
    const rule = spec as Exclude<BytesSpec, string | readonly BytesSpec[]>;
    if ("zeros" in rule) return new Uint8Array(rule.zeros);
    if ("digests" in rule) return digestBytes(rule.digests);
    if ("counting" in rule) return countingBytes(rule.counting);
    return bytesOf(rule.repeat.repeat(rule.times));
  }
  const bytes = fromHex(spec);
  if (bytes === undefined) throw new Error(`not hexadecimal: ${spec}`);
  return bytes;
}

/** A link and the CID that it leads to. */
export function showLink(link: Link): { link: string; cid: string } {
  return { link: toHex(encodeLink(link)), cid: showCid(link.id) };
}

/** The code with which something is refused. */
export function codeOf(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    if (isCloudError(error)) return error.code;
    throw error;
  }
  throw new Error("it was not refused");
}

/** What a file says that gives bytes by these rules. */
export const ruleNotes = [
  '{"digests": n} stands for the first n bytes of SHA-256("0"), SHA-256("1"), ...,',
  '{"repeat": bytes, "times": n} for those n times, a list for its parts, one after the other.',
];

/** What every file begins with. */
export function about(section: string, notes: readonly string[]): VectorValue {
  return [
    `Vectors of FORMAT ${section}. Bytes are lower-case hexadecimal.`,
    'Keys and ids are SHA-256 of ASCII words. {"counting": n} stands for n bytes of which byte i is',
    '(7 i + floor(i / 256)) mod 256, {"zeros": n} for n zero bytes.',
    ...notes,
  ];
}
