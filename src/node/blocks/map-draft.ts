import { compareBytes, equalBytes, startsWithBytes, toBinaryString } from "../core/bytes.ts";
import type { BoundaryKey, ContentKey } from "../crypto/derive.ts";
import { encodeLink, type Link } from "./link.ts";
import type { BlockPutter } from "./ports.ts";
import { sealBlock } from "./seal.ts";
import {
  childLink,
  encodeNode,
  getFromMap,
  lastNotAbove,
  levelOfKey,
  type MapItem,
  type MapNode,
  type MapReader,
  type MapRoot,
  rangeOfMap,
  readNode,
} from "./sealed-map.ts";

/** What writing the maps of a space takes. */
export interface MapWriter extends MapReader {
  readonly contentKey: ContentKey;
  readonly boundaryKey: BoundaryKey;
  /** {@link defaultFanoutBits} in the format; smaller only to test with few keys. */
  readonly fanoutBits: number;
}

interface Change {
  readonly key: Uint8Array;
  /** `undefined`: the key goes. */
  readonly value: Uint8Array | undefined;
}

const leftmost = new Uint8Array(0);
const bucketBytes = 16;

/** Changes that lie under one prefix of 16 bytes, kept in the order of their keys. */
interface Bucket {
  readonly byKey: Map<string, Change>;
  readonly sorted: Change[];
}

/**
 * A sealed map being changed: reads see the changes, nothing is sealed before {@link flush}.
 *
 * Invariant: the result is a function of the resulting items alone, whatever the order of changes.
 */
export class MapDraft {
  readonly #writer: MapWriter;
  #root: MapRoot;
  #buckets = new Map<string, Bucket>();

  constructor(writer: MapWriter, root: MapRoot) {
    this.#writer = writer;
    this.#root = root;
  }

  /** Whether anything was set or deleted since the last flush. */
  get dirty(): boolean {
    return this.#buckets.size > 0;
  }

  /** The value of a key, changes included. */
  get(key: Uint8Array): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const change = this.#bucketOf(key)?.byKey.get(toBinaryString(key));
    if (change !== undefined) return change.value;
    return this.#root === undefined ? undefined : getFromMap(this.#writer, this.#root, key);
  }

  /** Sets a key of 1 to 512 bytes. The arrays must not be changed afterwards. */
  set(key: Uint8Array, value: Uint8Array): void {
    this.#change({ key, value });
  }

  /** Removes a key, whether or not the map has it. */
  delete(key: Uint8Array): void {
    this.#change({ key, value: undefined });
  }

  /**
   * The items whose key begins with `prefix`, in order. What is changed while it runs may or may
   * not show.
   * @param prefix - empty, or at least 16 bytes.
   */
  async *range(prefix: Uint8Array): AsyncGenerator<MapItem> {
    const changes = this.#changesUnder(prefix);
    let next = 0;
    for await (const item of rangeOfMap(this.#writer, this.#root, prefix)) {
      let replaced = false;
      for (; next < changes.length; next++) {
        const change = changes[next] as Change;
        const order = compareBytes(change.key, item[0]);
        if (order > 0) break;
        if (order === 0) replaced = true;
        if (change.value !== undefined) yield [change.key, change.value];
      }
      if (!replaced) yield item;
    }
    for (const change of changes.slice(next)) {
      if (change.value !== undefined) yield [change.key, change.value];
    }
  }

  /** Whether any key begins with `prefix`. */
  async hasPrefix(prefix: Uint8Array): Promise<boolean> {
    const first = await this.range(prefix)[Symbol.asyncIterator]().next();
    return first.done !== true;
  }

  /** Seals the changed nodes into `putter`. @returns the root of the map as it now is. */
  async flush(putter: BlockPutter): Promise<MapRoot> {
    if (!this.dirty) return this.#root;
    const changes = [...this.#buckets.values()]
      .flatMap(({ sorted }) => sorted)
      .sort((a, b) => compareBytes(a.key, b.key));
    this.#buckets = new Map();
    this.#root = await rewrite(this.#writer, putter, this.#root, changes);
    return this.#root;
  }

  #bucketOf(key: Uint8Array): Bucket | undefined {
    return this.#buckets.get(toBinaryString(key.subarray(0, bucketBytes)));
  }

  #change(change: Change): void {
    const name = toBinaryString(change.key.subarray(0, bucketBytes));
    let bucket = this.#buckets.get(name);
    if (bucket === undefined) {
      bucket = { byKey: new Map(), sorted: [] };
      this.#buckets.set(name, bucket);
    }
    const key = toBinaryString(change.key);
    const known = bucket.byKey.has(key);
    bucket.byKey.set(key, change);
    const last = bucket.sorted.at(-1);
    if (last === undefined || compareBytes(last.key, change.key) < 0) bucket.sorted.push(change);
    else {
      const index = firstNotBelow(bucket.sorted, change.key);
      bucket.sorted.splice(index, known ? 1 : 0, change);
    }
  }

  #changesUnder(prefix: Uint8Array): Change[] {
    if (prefix.length < bucketBytes) {
      return [...this.#buckets.values()]
        .flatMap(({ sorted }) => sorted)
        .filter(({ key }) => startsWithBytes(key, prefix))
        .sort((a, b) => compareBytes(a.key, b.key));
    }
    const sorted = this.#bucketOf(prefix)?.sorted ?? [];
    const found: Change[] = [];
    for (let i = firstNotBelow(sorted, prefix); i < sorted.length; i++) {
      const change = sorted[i] as Change;
      if (!startsWithBytes(change.key, prefix)) break;
      found.push(change);
    }
    return found;
  }
}

function firstNotBelow(sorted: readonly Change[], key: Uint8Array): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareBytes((sorted[middle] as Change).key, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** An item on its way into a node; `begins` is known only for keys that stood in a node before. */
interface Item {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly begins: boolean | undefined;
}

/** Applies changes level by level from the leaves up. */
async function rewrite(
  writer: MapWriter,
  putter: BlockPutter,
  root: MapRoot,
  changes: readonly Change[],
): Promise<MapRoot> {
  const levels = new Map<string, number>();
  const levelOf = (key: Uint8Array): number => {
    const name = toBinaryString(key);
    let level = levels.get(name);
    if (level === undefined) {
      level = levelOfKey(writer.primitives, writer.boundaryKey, key, writer.fanoutBits);
      levels.set(name, level);
    }
    return level;
  };
  const rootLevel = root === undefined ? -1 : (await readNode(writer, root)).level;
  let pending = changes;
  let top = rootLevel;
  for (let level = 0; level <= top || level === 0; level++) {
    pending = await rewriteLevel(writer, putter, root, rootLevel, level, pending, levelOf);
    if (pending.length === 0) return root;
    for (const { key, value } of pending) {
      if (value !== undefined && key.length > 0) top = Math.max(top, levelOf(key));
    }
  }
  const only = pending.at(-1)?.value;
  return only === undefined ? root : lower(writer, only);
}

/** Steps down while the root holds nothing but its leftmost child. */
async function lower(writer: MapWriter, encoded: Uint8Array): Promise<MapRoot> {
  let link = childLink({ level: 1, keys: [leftmost], values: [encoded] }, 0);
  for (;;) {
    const node = await readNode(writer, link);
    if (node.level === 0) return node.keys.length === 0 ? undefined : link;
    if (node.keys.length > 1) return link;
    link = childLink(node, 0);
  }
}

interface OldNode {
  /** The key under which its parent holds it; empty for the leftmost. */
  readonly start: Uint8Array;
  readonly node: MapNode;
  /** Encoded; `undefined` where the level stands above the old root. */
  readonly link: Uint8Array | undefined;
}

/** The old node of a level that holds `key`, or with `strictly` the one that ends before it. */
async function oldNodeAt(
  writer: MapWriter,
  root: MapRoot,
  rootLevel: number,
  level: number,
  key: Uint8Array,
  strictly: boolean,
): Promise<OldNode> {
  if (root === undefined || level > rootLevel) {
    const above = root !== undefined && level === rootLevel + 1;
    const node = above
      ? { level, keys: [leftmost], values: [encodeLink(root)] }
      : { level, keys: [], values: [] };
    return { start: leftmost, node, link: undefined };
  }
  let link: Link = root;
  let start: Uint8Array = leftmost;
  let node = await readNode(writer, link);
  while (node.level > level) {
    let index = lastNotAbove(node.keys, key);
    if (strictly && index > 0 && equalBytes(node.keys[index] as Uint8Array, key)) index--;
    index = Math.max(0, index);
    start = node.keys[index] as Uint8Array;
    link = childLink(node, index);
    node = await readNode(writer, link, node.level - 1);
  }
  return { start, node, link: encodeLink(link) };
}

/** Changes of one level in, changes of the level above out. */
async function rewriteLevel(
  writer: MapWriter,
  putter: BlockPutter,
  root: MapRoot,
  rootLevel: number,
  level: number,
  changes: readonly Change[],
  levelOf: (key: Uint8Array) => number,
): Promise<Change[]> {
  const above: Change[] = [];
  const oldLinks = new Map<string, Uint8Array>();
  let open: { start: Uint8Array; items: Item[] } | undefined;
  let lastOldStart: Uint8Array | undefined;

  const close = (): void => {
    if (open === undefined) return;
    const node = {
      level,
      keys: open.items.map(({ key }) => key),
      values: open.items.map(({ value }) => value),
    };
    const payload = encodeNode(node);
    const { link, block } = sealBlock(
      writer.primitives,
      writer.contentKey,
      "mapNode",
      payload,
      false,
    );
    const encoded = encodeLink(link);
    const old = oldLinks.get(toBinaryString(open.start));
    if (old === undefined || !equalBytes(old, encoded)) {
      putter.put(block);
      writer.cache.set(link, node, block.bytes.length);
      above.push({ key: open.start, value: encoded });
    }
    open = undefined;
  };

  const append = (items: Iterable<Item>): void => {
    for (const item of items) {
      const begins = item.begins ?? levelOf(item.key) > level;
      if (begins && item.key.length > 0) {
        close();
        open = { start: item.key, items: [item] };
      } else if (open === undefined) open = { start: leftmost, items: [item] };
      else open.items.push(item);
    }
  };

  const enter = (old: OldNode): void => {
    if (old.link !== undefined) oldLinks.set(toBinaryString(old.start), old.link);
    lastOldStart = old.start;
  };

  for (let at = 0; at < changes.length; ) {
    const old = await oldNodeAt(writer, root, rootLevel, level, (changes[at] as Change).key, false);
    const next = await endOfNode(writer, root, rootLevel, level, old, changes, at);
    const group = changes.slice(at, next);
    at = next;
    const [first] = group;
    const loses =
      old.start.length > 0 &&
      first !== undefined &&
      first.value === undefined &&
      equalBytes(first.key, old.start);
    if (loses) {
      // What is left of a node without its first key goes to the node before.
      const previous = await oldNodeAt(writer, root, rootLevel, level, old.start, true);
      if (lastOldStart === undefined || !equalBytes(lastOldStart, previous.start)) {
        close();
        enter(previous);
        open = { start: previous.start, items: [] };
        append(mergeItems(previous.node, []));
      }
      above.push({ key: old.start, value: undefined });
      enter(old);
      append(mergeItems(old.node, group));
    } else {
      close();
      enter(old);
      open = { start: old.start, items: [] };
      append(mergeItems(old.node, group, old.start));
    }
  }
  close();
  return sortLast(above);
}

/** Index of the first change beyond the old node. */
async function endOfNode(
  writer: MapWriter,
  root: MapRoot,
  rootLevel: number,
  level: number,
  old: OldNode,
  changes: readonly Change[],
  from: number,
): Promise<number> {
  // Double the step while the change still falls in the same node, then halve: a node takes a few
  // look-ups however many of its keys change.
  const inside = async (index: number): Promise<boolean> => {
    const { key } = changes[index] as Change;
    const { start } = await oldNodeAt(writer, root, rootLevel, level, key, false);
    return equalBytes(start, old.start);
  };
  let low = from;
  let step = 1;
  let high = from + 1;
  while (high < changes.length && (await inside(high))) {
    low = high;
    step *= 2;
    high = Math.min(low + step, changes.length);
  }
  high = Math.min(high, changes.length);
  while (low + 1 < high) {
    const middle = (low + high) >>> 1;
    if (await inside(middle)) low = middle;
    else high = middle;
  }
  return low + 1;
}

/** The items of a node with changes applied, in order. */
function* mergeItems(
  node: MapNode,
  changes: readonly Change[],
  start?: Uint8Array,
): Generator<Item> {
  let next = 0;
  for (let i = 0; i < node.keys.length; i++) {
    const key = node.keys[i] as Uint8Array;
    let value: Uint8Array | undefined = node.values[i];
    for (; next < changes.length; next++) {
      const change = changes[next] as Change;
      const order = compareBytes(change.key, key);
      if (order > 0) break;
      if (order === 0) value = change.value;
      else if (change.value !== undefined) {
        yield { key: change.key, value: change.value, begins: undefined };
      }
    }
    // The first key of a node is why the node begins there; no other key of it begins one.
    if (value !== undefined) yield { key, value, begins: false };
  }
  for (const change of changes.slice(next)) {
    if (change.value !== undefined) {
      const begins = start !== undefined && equalBytes(start, change.key) ? false : undefined;
      yield { key: change.key, value: change.value, begins };
    }
  }
}

/** In the order of keys; of two changes of one key the last counts. */
function sortLast(changes: readonly Change[]): Change[] {
  const byKey = new Map<string, Change>();
  for (const change of changes) byKey.set(toBinaryString(change.key), change);
  return [...byKey.values()].sort((a, b) => compareBytes(a.key, b.key));
}
