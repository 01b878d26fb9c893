import { compareBytes, equalBytes, toBinaryString } from "../core/bytes.ts";
import type { BoundaryKey } from "../crypto/derive.ts";
import { decodeLink, encodeLink } from "./link.ts";
import { decodeNode, encodeNode, leftmost, levelOfKey, type MapNode } from "./map-node.ts";
import type { BlockPutter, SealedBlock } from "./ports.ts";
import { sealBlock } from "./seal.ts";
import type { Sealer } from "./seal-into.ts";
import { findNode, type MapReader, type MapRoot, readNode, rootPlace } from "./sealed-map.ts";
import type { MapChange } from "./sorted-changes.ts";

/** What sealing the maps of a space takes. */
export interface MapSealer extends MapReader, Sealer {
  readonly boundaryKey: BoundaryKey;
  /** {@link defaultFanoutBits} in the format; smaller only to test with few keys. */
  readonly fanoutBits: number;
}

/** A change of one level; those of an inner level are links to the nodes below. */
interface LevelChange extends MapChange {
  /** How high the key reaches, where that is known. */
  readonly reach?: number | undefined;
}

/** A node as it was, or what stands for one above the old root. */
interface OldNode {
  readonly node: MapNode;
  readonly start: Uint8Array;
  readonly end: Uint8Array | undefined;
  /** Encoded; `undefined` where there was none. */
  readonly link: Uint8Array | undefined;
}

/** A node in the making. */
interface OpenNode {
  readonly start: Uint8Array;
  readonly reach: number | undefined;
  readonly keys: Uint8Array[];
  readonly values: Uint8Array[];
}

/** The new leftmost node of a level. */
interface LeftmostNode {
  readonly node: MapNode;
  /** Kept back if the node holds nothing but its own leftmost child: it may be needless. */
  readonly kept: SealedBlock | undefined;
}

/**
 * Writes a map anew with changes, level by level from the leaves up. FORMAT §9.1.
 *
 * Invariant: a node begins at a key just if the key reaches above the node's level, and at the
 * leftmost end; so a change rewrites the nodes on its path, and where a first key comes or goes the
 * neighbour to the left.
 * @param changes - in the order of their keys, one for each.
 * @returns the root; `undefined` if nothing is left.
 */
export function rewriteMap(
  sealer: MapSealer,
  putter: BlockPutter,
  root: MapRoot,
  changes: readonly MapChange[],
): Promise<MapRoot> {
  return new Rewrite(sealer, putter, root).run(changes);
}

class Rewrite {
  readonly #sealer: MapSealer;
  readonly #putter: BlockPutter;
  readonly #root: MapRoot;
  #rootLevel = -1;
  /** The highest level that a node of the result stands on, as far as is known. */
  #top = 0;
  /** By encoded link; one for each level at most. */
  readonly #leftmosts = new Map<string, LeftmostNode>();

  // The level being written.
  #level = 0;
  #above: LevelChange[] = [];
  #open: OpenNode | undefined;
  #lastOldStart: Uint8Array | undefined;
  /** Links of the old nodes that were entered, by start. */
  #oldLinks = new Map<string, Uint8Array>();

  constructor(sealer: MapSealer, putter: BlockPutter, root: MapRoot) {
    this.#sealer = sealer;
    this.#putter = putter;
    this.#root = root;
  }

  async run(changes: readonly MapChange[]): Promise<MapRoot> {
    const root = this.#root;
    if (root !== undefined) {
      this.#rootLevel = (await readNode(this.#sealer, rootPlace(root))).node.level;
      this.#top = this.#rootLevel;
    }
    let pending: readonly LevelChange[] = changes;
    for (let level = 0; level <= this.#top; level++) {
      pending = await this.#writeLevel(level, pending);
      if (pending.length === 0) return root;
    }
    // One node is left at the top, and it is the leftmost.
    const [top] = pending;
    return top?.value === undefined ? root : this.#lower(top.value);
  }

  /** Changes of one level in, changes of the level above out. */
  async #writeLevel(level: number, changes: readonly LevelChange[]): Promise<LevelChange[]> {
    this.#level = level;
    this.#above = [];
    this.#lastOldStart = undefined;
    this.#oldLinks = new Map();
    for (let at = 0; at < changes.length; ) {
      const first = changes[at] as LevelChange;
      const old = await this.#oldNode(first.key, false);
      const from = at;
      while (at < changes.length && isInside(old, changes[at] as LevelChange)) at++;
      const group = changes.slice(from, at);
      if (first.value === undefined && old.start.length > 0 && equalBytes(first.key, old.start)) {
        await this.#openBefore(old);
        // What is left of a node without its first key goes to the node before.
        this.#above.push({ key: old.start, value: undefined });
        this.#enter(old);
      } else {
        this.#close();
        this.#enter(old);
        this.#open = emptyNode(old.start);
      }
      this.#append(old, group);
    }
    this.#close();
    return this.#above.sort((a, b) => compareBytes(a.key, b.key));
  }

  /** The old node that holds `key`, or with `strictly` the one that ends before it. */
  async #oldNode(key: Uint8Array, strictly: boolean): Promise<OldNode> {
    const [root, level] = [this.#root, this.#level];
    if (root === undefined || level > this.#rootLevel) {
      const isNext = root !== undefined && level === this.#rootLevel + 1;
      const node = isNext
        ? { level, keys: [leftmost], values: [encodeLink(root)] }
        : { level, keys: [], values: [] };
      return { node, start: leftmost, end: undefined, link: undefined };
    }
    const place = rootPlace(root);
    const { node, start, end, link } = await findNode(this.#sealer, place, key, level, strictly);
    return { node, start, end, link: encodeLink(link) };
  }

  /** Sees to it that the node before an old one is open. */
  async #openBefore(old: OldNode): Promise<void> {
    const before = await this.#oldNode(old.start, true);
    if (this.#lastOldStart !== undefined && equalBytes(this.#lastOldStart, before.start)) return;
    this.#close();
    this.#enter(before);
    this.#open = emptyNode(before.start);
    this.#append(before, []);
  }

  #enter(old: OldNode): void {
    this.#lastOldStart = old.start;
    if (old.link !== undefined) this.#oldLinks.set(toBinaryString(old.start), old.link);
  }

  /** Adds the items of an old node, with changes, to what is open. */
  #append({ node }: OldNode, changes: readonly LevelChange[]): void {
    const { keys, values } = node;
    let next = 0;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as Uint8Array;
      let value: Uint8Array | undefined = values[i];
      for (; next < changes.length; next++) {
        const change = changes[next] as LevelChange;
        const order = compareBytes(change.key, key);
        if (order > 0) break;
        if (order === 0) value = change.value;
        else this.#addNew(change);
      }
      // Only the first key of an old node reaches above its level, and there a node is open.
      if (value !== undefined) this.#add(key, value);
    }
    for (; next < changes.length; next++) this.#addNew(changes[next] as LevelChange);
  }

  #add(key: Uint8Array, value: Uint8Array): void {
    const open = (this.#open ??= emptyNode(leftmost));
    open.keys.push(key);
    open.values.push(value);
  }

  /** Adds a key that no node of the level had. */
  #addNew({ key, value, reach: known }: LevelChange): void {
    if (value === undefined) return;
    if (key.length > 0) {
      const { primitives, boundaryKey, fanoutBits } = this.#sealer;
      const reach = known ?? levelOfKey(primitives, boundaryKey, key, fanoutBits);
      if (reach > this.#level) {
        this.#close();
        this.#open = { start: key, reach, keys: [], values: [] };
        this.#top = Math.max(this.#top, reach);
      }
    }
    this.#add(key, value);
  }

  /** Seals what is open, and tells the level above if it is another node than before. */
  #close(): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    const { primitives, contentKey, cache } = this.#sealer;
    const payload = encodeNode({ level: this.#level, keys: open.keys, values: open.values });
    const { link, block } = sealBlock(primitives, contentKey, "mapNode", payload, false);
    const encoded = encodeLink(link);
    const old = this.#oldLinks.get(toBinaryString(open.start));
    if (old !== undefined && equalBytes(old, encoded)) return;
    this.#above.push({ key: open.start, value: encoded, reach: open.reach });
    // Decoded anew: views of one payload take less memory than arrays of their own.
    const node = decodeNode(payload);
    const isLeftmost = open.start.length === 0;
    const kept = isLeftmost && isNeedlessAtTop(node) ? block : undefined;
    if (isLeftmost) this.#leftmosts.set(toBinaryString(encoded), { node, kept });
    if (kept !== undefined) return;
    this.#putter.put(block);
    cache.set(link, node, payload.length);
  }

  /**
   * Steps down while the top holds nothing but its leftmost child, so that a map has one height.
   * Seals the other nodes that were kept back for it.
   */
  async #lower(encoded: Uint8Array): Promise<MapRoot> {
    let top: Uint8Array | undefined = encoded;
    for (let level: number | undefined; top !== undefined; ) {
      const name: string = toBinaryString(top);
      const node: MapNode = this.#leftmosts.get(name)?.node ?? (await this.#readOld(top, level));
      if (!isNeedlessAtTop(node)) break;
      this.#leftmosts.delete(name);
      level = node.level - 1;
      [top] = node.values;
    }
    for (const { kept } of this.#leftmosts.values()) {
      if (kept !== undefined) this.#putter.put(kept);
    }
    return top === undefined ? undefined : decodeLink(top);
  }

  /** A leftmost node that this rewrite did not touch. */
  async #readOld(encoded: Uint8Array, level: number | undefined): Promise<MapNode> {
    const place = { link: decodeLink(encoded), level, start: leftmost, end: undefined };
    return (await readNode(this.#sealer, place)).node;
  }
}

/** Whether a leftmost node holds nothing but its own leftmost child, or nothing at all. */
function isNeedlessAtTop(node: MapNode): boolean {
  return node.keys.length === (node.level === 0 ? 0 : 1);
}

function emptyNode(start: Uint8Array): OpenNode {
  return { start, reach: undefined, keys: [], values: [] };
}

function isInside(old: OldNode, change: LevelChange): boolean {
  return old.end === undefined || compareBytes(change.key, old.end) < 0;
}
