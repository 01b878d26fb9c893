import { compareBytes, equalBytes, startsWithBytes, toBinaryString } from "../core/bytes.ts";
import type { BoundaryKey } from "../crypto/derive.ts";
import type { Primitives } from "../crypto/primitives.ts";
import { decodeCanonical, encodeCanonical } from "./cbor.ts";
import { decodeLink, type Link } from "./link.ts";
import type { BlockGetter } from "./ports.ts";
import { openBlock } from "./seal.ts";
import { asBytes, asInteger, asList, asVersioned, refuseShape } from "./shape.ts";

const nodeVersion = 1;
/** One key in 2^5 begins a new leaf, one leaf in 2^5 a new node above, and so on. */
export const defaultFanoutBits = 5;
/** The highest level of a node; keys that would go higher stay here. */
export const maxLevel = 8;
/** Bytes of the longest key: a parent's id, a name, a zero, an id. */
const maxKeyBytes = 512;

/** The root of a sealed map; `undefined` is the empty map. */
export type MapRoot = Link | undefined;

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

/** A node cache that several maps of a space share. */
export interface NodeCache {
  get(link: Link): MapNode | undefined;
  set(link: Link, node: MapNode, bytes: number): void;
}

/** What reading the maps of a space takes. */
export interface MapReader {
  readonly primitives: Primitives;
  readonly blocks: BlockGetter;
  readonly cache: NodeCache;
}

/** The canonical payload of a node. FORMAT §7.2. */
export function encodeNode(node: MapNode): Uint8Array {
  const items: Uint8Array[] = [];
  node.keys.forEach((key, i) => {
    items.push(key, node.values[i] as Uint8Array);
  });
  return encodeCanonical([nodeVersion, node.level, items]);
}

/** Reads {@link encodeNode} back. @throws damaged, newer */
export function decodeNode(payload: Uint8Array): MapNode {
  const what = "a node of a sealed map";
  const [level, list] = asVersioned(decodeCanonical(payload, what), 3, what, nodeVersion);
  const items = asList(list, what);
  if (items.length % 2 !== 0) refuseShape(what, "a value for each key");
  const keys: Uint8Array[] = [];
  const values: Uint8Array[] = [];
  for (let i = 0; i < items.length; i += 2) {
    const key = asBytes(items[i], `a key in ${what}`);
    const last = keys.at(-1);
    if (key.length > maxKeyBytes) refuseShape(what, "keys of at most 512 bytes");
    if (last !== undefined && compareBytes(last, key) >= 0) refuseShape(what, "keys in order");
    keys.push(key);
    values.push(asBytes(items[i + 1], `a value in ${what}`));
  }
  const checkedLevel = asInteger(level, `the level of ${what}`, 0, maxLevel);
  if (checkedLevel > 0 && keys.length === 0) refuseShape(what, "a link at least above the leaves");
  if (checkedLevel === 0 && keys[0]?.length === 0) refuseShape(what, "keys that are not empty");
  return { level: checkedLevel, keys, values };
}

/**
 * How high a key reaches: it begins a new node at every level below the result. A function of the
 * key and the space's boundary key alone, so that a map has one shape and strangers can't
 * recognise a known folder by it. FORMAT §7.1.
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

/** The node behind a link. @throws not-found, damaged, newer */
export async function readNode(reader: MapReader, link: Link, level?: number): Promise<MapNode> {
  const cached = reader.cache.get(link);
  const node = cached ?? (await openNode(reader, link));
  if (level !== undefined && node.level !== level) {
    refuseShape("a node of a sealed map", `level ${level.toString()} below its parent`);
  }
  return node;
}

async function openNode(reader: MapReader, link: Link): Promise<MapNode> {
  const bytes = await reader.blocks.get(link.id);
  const node = decodeNode(openBlock(reader.primitives, link, "mapNode", bytes));
  reader.cache.set(link, node, bytes.length);
  return node;
}

/** The child of an inner node at an index. */
export function childLink(node: MapNode, index: number): Link {
  return decodeLink(node.values[index] as Uint8Array, "a link in a sealed map");
}

/** The value of a key, if the map has it. @throws not-found, damaged, newer */
export async function getFromMap(
  reader: MapReader,
  root: MapRoot,
  key: Uint8Array,
): Promise<Uint8Array | undefined> {
  if (root === undefined) return undefined;
  let node = await readNode(reader, root);
  while (node.level > 0) {
    const index = Math.max(0, lastNotAbove(node.keys, key));
    node = await readNode(reader, childLink(node, index), node.level - 1);
  }
  const index = lastNotAbove(node.keys, key);
  const found = node.keys[index];
  return found !== undefined && equalBytes(found, key) ? node.values[index] : undefined;
}

/** The last item whose key is not above `key`. @throws not-found, damaged, newer */
export async function floorInMap(
  reader: MapReader,
  root: MapRoot,
  key: Uint8Array,
): Promise<MapItem | undefined> {
  return root === undefined ? undefined : floorInNode(reader, await readNode(reader, root), key);
}

async function floorInNode(
  reader: MapReader,
  node: MapNode,
  key: Uint8Array,
): Promise<MapItem | undefined> {
  // Only the leftmost leaf may be empty, so a step to the left is taken at most once a level.
  for (let i = lastNotAbove(node.keys, key); i >= 0; i--) {
    if (node.level === 0) return [node.keys[i] as Uint8Array, node.values[i] as Uint8Array];
    const child = await readNode(reader, childLink(node, i), node.level - 1);
    const found = await floorInNode(reader, child, key);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** One key and its value. */
export type MapItem = readonly [key: Uint8Array, value: Uint8Array];

/**
 * The items whose key begins with `prefix`, in order, from `from` on if that is given.
 * @throws not-found, damaged, newer
 */
export async function* rangeOfMap(
  reader: MapReader,
  root: MapRoot,
  prefix: Uint8Array,
  from: Uint8Array = prefix,
): AsyncGenerator<MapItem> {
  if (root === undefined) return;
  yield* rangeOfNode(reader, await readNode(reader, root), prefix, from);
}

async function* rangeOfNode(
  reader: MapReader,
  node: MapNode,
  prefix: Uint8Array,
  from: Uint8Array,
): AsyncGenerator<MapItem> {
  for (let i = Math.max(0, lastNotAbove(node.keys, from)); i < node.keys.length; i++) {
    const key = node.keys[i] as Uint8Array;
    const begins = startsWithBytes(key, prefix);
    if (!begins && compareBytes(key, prefix) > 0) return;
    if (node.level > 0) {
      const child = await readNode(reader, childLink(node, i), node.level - 1);
      yield* rangeOfNode(reader, child, prefix, from);
    } else if (begins && compareBytes(key, from) >= 0) {
      yield [key, node.values[i] as Uint8Array];
    }
  }
}

/** A cache of decoded nodes that forgets the longest unused beyond a bound in bytes. */
export function createNodeCache(maxBytes: number): NodeCache {
  const nodes = new Map<string, { link: Link; node: MapNode; bytes: number }>();
  let held = 0;
  return {
    get(link) {
      const name = toBinaryString(link.id);
      const found = nodes.get(name);
      if (found === undefined || !equalBytes(found.link.key, link.key)) return undefined;
      nodes.delete(name);
      nodes.set(name, found);
      return found.node;
    },
    set(link, node, bytes) {
      const name = toBinaryString(link.id);
      const before = nodes.get(name);
      if (before !== undefined) held -= before.bytes;
      nodes.delete(name);
      nodes.set(name, { link, node, bytes });
      held += bytes;
      for (const [oldest, { bytes: freed }] of nodes) {
        if (held <= maxBytes) break;
        nodes.delete(oldest);
        held -= freed;
      }
    },
  };
}
