import { compareBytes } from "../core/bytes.ts";
import type { BoundaryKey } from "../crypto/derive.ts";
import type { Primitives } from "../crypto/primitives.ts";
import { decodeCanonical, encodeCanonical } from "./cbor.ts";
import { decodeLink, type Link, linkBytes } from "./link.ts";
import { asBytes, asInteger, asList, asVersioned, refuseShape } from "./shape.ts";

const nodeVersion = 1;
/** One key in 2^5 begins a new leaf, one leaf in 2^5 a new node above, and so on. */
export const defaultFanoutBits = 5;
/** The highest level of a node; keys that would go higher stay here. */
export const maxLevel = 8;
/** Bytes of the longest key: above those of a parent's id, a name of 255 bytes, a zero and an id. */
export const maxKeyBytes = 512;
/** The empty key, under which the leftmost node of a level is held. */
export const leftmost: Uint8Array = new Uint8Array(0);

/**
 * One node, decoded. Keys rise strictly. Above level 0 the values are links to the nodes below and
 * each key is the smallest that may stand there; the leftmost node of a level begins with the
 * empty key.
 */
export interface MapNode {
  readonly level: number;
  readonly keys: readonly Uint8Array[];
  readonly values: readonly Uint8Array[];
}

/** The canonical payload of a node. FORMAT §9.2. */
export function encodeNode(node: MapNode): Uint8Array {
  const items: Uint8Array[] = [];
  node.keys.forEach((key, i) => {
    items.push(key, node.values[i] as Uint8Array);
  });
  return encodeCanonical([nodeVersion, node.level, items]);
}

/**
 * Reads {@link encodeNode} back. Whether it holds enough, and in which range, its place says.
 * @throws damaged, newer
 */
export function decodeNode(payload: Uint8Array, what = "a node of a sealed map"): MapNode {
  const [level, list] = asVersioned(decodeCanonical(payload, what), 3, what, nodeVersion);
  const checkedLevel = asInteger(level, `the level of ${what}`, 0, maxLevel);
  const items = asList(list, what);
  const [aKey, aValue] = [`a key in ${what}`, `a value in ${what}`];
  const keys: Uint8Array[] = [];
  const values: Uint8Array[] = [];
  for (let i = 0; i < items.length; i += 2) {
    const key = asBytes(items[i], aKey);
    const last = keys.at(-1);
    if (key.length > maxKeyBytes) refuseShape(what, "keys of at most 512 bytes");
    if (last !== undefined && compareBytes(last, key) >= 0) refuseShape(what, "keys in order");
    const value = asBytes(items[i + 1], aValue);
    if (checkedLevel > 0 && value.length !== linkBytes) refuseShape(what, "links above the leaves");
    keys.push(key);
    values.push(value);
  }
  if (checkedLevel === 0 && keys[0]?.length === 0) refuseShape(what, "keys that are not empty");
  return { level: checkedLevel, keys, values };
}

/**
 * How high a key reaches: it begins a new node at every level below the result. A function of the
 * key and the space's boundary key alone, so that a map has one shape and strangers can't
 * recognise a known folder by it. FORMAT §9.1.
 */
export function levelOfKey(
  primitives: Primitives,
  boundaryKey: BoundaryKey,
  key: Uint8Array,
  fanoutBits: number,
): number {
  const hash = primitives.hmacSha256(boundaryKey, key);
  let zeros = 0;
  for (const byte of hash) {
    zeros += Math.clz32(byte) - 24;
    if (byte !== 0) break;
  }
  return Math.min(maxLevel, Math.floor(zeros / fanoutBits));
}

/** Index of the last key not above `key`, or -1. */
export function lastNotAbove(keys: readonly Uint8Array[], key: Uint8Array): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareBytes(keys[middle] as Uint8Array, key) <= 0) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The link to the child of an inner node at an index. @throws damaged, newer */
export function childLink(node: MapNode, index: number): Link {
  return decodeLink(node.values[index] as Uint8Array, "a link in a sealed map");
}
