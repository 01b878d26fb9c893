import { compareBytes, equalBytes, startsWithBytes } from "../core/bytes.ts";
import { showCid } from "../core/cid.ts";
import type { Primitives } from "../crypto/primitives.ts";
import type { Link } from "./link.ts";
import { childLink, decodeNode, lastNotAbove, leftmost, type MapNode } from "./map-node.ts";
import type { NodeCache } from "./node-cache.ts";
import type { BlockGetter } from "./ports.ts";
import { openBlock } from "./seal.ts";
import { refuseShape } from "./shape.ts";

/** The root of a sealed map; `undefined` is the empty map. */
export type MapRoot = Link | undefined;

/** What reading the maps of a space takes. */
export interface MapReader {
  readonly primitives: Primitives;
  readonly blocks: BlockGetter;
  readonly cache: NodeCache;
}

/** Where a node stands: what the nodes above say of it. FORMAT §9.2. */
export interface NodePlace {
  readonly link: Link;
  /** `undefined`: it is the root, of any level. */
  readonly level: number | undefined;
  /** The key under which its parent holds it; empty for the leftmost of a level. */
  readonly start: Uint8Array;
  /** Its keys lie below this one, if another node follows on its level. */
  readonly end: Uint8Array | undefined;
}

/** A node that was found to fit its place. */
export interface PlacedNode extends NodePlace {
  readonly node: MapNode;
}

/** The place of a root. */
export function rootPlace(root: Link): NodePlace {
  return { link: root, level: undefined, start: leftmost, end: undefined };
}

/** The place of the child of an inner node at an index. @throws damaged, newer */
export function childPlace(parent: PlacedNode, index: number): NodePlace {
  const { node } = parent;
  return {
    link: childLink(node, index),
    level: node.level - 1,
    start: node.keys[index] as Uint8Array,
    end: node.keys[index + 1] ?? parent.end,
  };
}

/**
 * Checks a node against its place, so that every way through a map finds the same items.
 * @throws damaged, naming the node
 */
export function checkPlace(place: NodePlace, node: MapNode): PlacedNode {
  const [first] = node.keys;
  const last = node.keys.at(-1);
  const { level, start, end } = place;
  const least = node.level === 0 ? 1 : 2;
  if (level === undefined && node.keys.length < least) {
    refuseShape(nameOf(place.link), `${least.toString()} items at least at the root`);
  }
  if (level !== undefined && node.level !== level) {
    refuseShape(nameOf(place.link), `level ${level.toString()} below its parent`);
  }
  if (node.level > 0 || start.length > 0) {
    if (first === undefined || !equalBytes(first, start)) {
      refuseShape(nameOf(place.link), "to begin with the key that its parent has for it");
    }
  }
  if (end !== undefined && last !== undefined && compareBytes(last, end) >= 0) {
    refuseShape(nameOf(place.link), "keys below those of the next node");
  }
  const { link } = place;
  return { link, level, start, end, node };
}

function nameOf(link: Link): string {
  return `the map node ${showCid(link.id)}`;
}

/** The node at a place, at once if it is cached. @throws not-found, damaged, newer */
export function readNode(reader: MapReader, place: NodePlace): PlacedNode | Promise<PlacedNode> {
  const node = reader.cache.get(place.link);
  if (node !== undefined) return checkPlace(place, node);
  return openNode(reader, place.link).then((opened) => checkPlace(place, opened));
}

async function openNode(reader: MapReader, link: Link): Promise<MapNode> {
  const bytes = await reader.blocks.get(link.id);
  const payload = openBlock(reader.primitives, link, "mapNode", bytes);
  let node: MapNode;
  try {
    node = decodeNode(payload);
  } catch {
    // Once more, to be refused by its name: making one for every node takes too long.
    node = decodeNode(payload, nameOf(link));
  }
  reader.cache.set(link, node, payload.length);
  return node;
}

/**
 * The node of a level under which `key` belongs, or the nearest above that level.
 * @param strictly - the one whose keys end before `key` instead.
 */
export function findNode(
  reader: MapReader,
  place: NodePlace,
  key: Uint8Array,
  level: number,
  strictly: boolean,
): PlacedNode | Promise<PlacedNode> {
  const below = ({ node }: PlacedNode): number => {
    const index = Math.max(0, lastNotAbove(node.keys, key));
    // The first key of a node is below `key`: else its parent had led to the node before.
    const isStart = strictly && equalBytes(node.keys[index] as Uint8Array, key);
    return isStart ? index - 1 : index;
  };
  for (let placed = readNode(reader, place); ; ) {
    if (placed instanceof Promise) {
      return placed.then((found) =>
        found.node.level <= level
          ? found
          : findNode(reader, childPlace(found, below(found)), key, level, strictly),
      );
    }
    if (placed.node.level <= level) return placed;
    placed = readNode(reader, childPlace(placed, below(placed)));
  }
}

/** The value of a key, if the map has it; at once if its nodes are cached. @throws as readNode */
export function getFromMap(
  reader: MapReader,
  root: MapRoot,
  key: Uint8Array,
): Uint8Array | undefined | Promise<Uint8Array | undefined> {
  if (root === undefined) return undefined;
  const valueIn = ({ node }: PlacedNode): Uint8Array | undefined => {
    const index = lastNotAbove(node.keys, key);
    const found = node.keys[index];
    return found !== undefined && equalBytes(found, key) ? node.values[index] : undefined;
  };
  const leaf = findNode(reader, rootPlace(root), key, 0, false);
  return leaf instanceof Promise ? leaf.then(valueIn) : valueIn(leaf);
}

/** The last item whose key is not above `key`. @throws not-found, damaged, newer */
export async function floorInMap(
  reader: MapReader,
  root: MapRoot,
  key: Uint8Array,
): Promise<MapItem | undefined> {
  if (root === undefined) return undefined;
  // A leaf that is not the leftmost begins with a key that is not above the one it is found by.
  const { node } = await findNode(reader, rootPlace(root), key, 0, false);
  const index = lastNotAbove(node.keys, key);
  if (index < 0) return undefined;
  return [node.keys[index] as Uint8Array, node.values[index] as Uint8Array];
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
  const first = compareBytes(from, prefix) > 0 ? from : prefix;
  const path: { placed: PlacedNode; index: number }[] = [];
  let place = rootPlace(root);
  for (;;) {
    const placed = await readNode(reader, place);
    const { keys, values, level } = placed.node;
    const index = lastNotAbove(keys, first);
    if (level > 0) path.push({ placed, index: Math.max(0, index) });
    else {
      const isAtFirst = index >= 0 && equalBytes(keys[index] as Uint8Array, first);
      for (let i = isAtFirst ? index : index + 1; i < keys.length; i++) {
        const key = keys[i] as Uint8Array;
        if (!startsWithBytes(key, prefix)) return;
        yield [key, values[i] as Uint8Array];
      }
      stepOn(path);
    }
    const top = path.at(-1);
    if (top === undefined) return;
    place = childPlace(top.placed, top.index);
    if (compareBytes(place.start, prefix) > 0 && !startsWithBytes(place.start, prefix)) return;
  }
}

/** Steps to the next child, in the nearest node above that has one more. */
function stepOn(path: { readonly placed: PlacedNode; index: number }[]): void {
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    top.index++;
    if (top.index < top.placed.node.keys.length) return;
    path.pop();
  }
}
