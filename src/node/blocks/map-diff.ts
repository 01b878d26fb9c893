import { compareBytes, equalBytes } from "../core/bytes.ts";
import {
  childPlace,
  type MapReader,
  type MapRoot,
  type NodePlace,
  type PlacedNode,
  readNode,
  rootPlace,
} from "./sealed-map.ts";

/** One key whose values differ; the side without it is `undefined`. */
export interface MapDifference {
  readonly key: Uint8Array;
  readonly a: Uint8Array | undefined;
  readonly b: Uint8Array | undefined;
}

/** A place in a map: either before an unopened node, or before an item of a leaf. */
class Cursor {
  readonly #reader: MapReader;
  readonly #stack: { placed: PlacedNode; index: number }[] = [];
  #ahead: NodePlace | undefined;

  constructor(reader: MapReader, root: MapRoot) {
    this.#reader = reader;
    if (root !== undefined) this.#ahead = rootPlace(root);
  }

  /** The unopened node ahead. */
  get node(): NodePlace | undefined {
    return this.#ahead;
  }

  /** The item ahead, if no node is. */
  get item(): { key: Uint8Array; value: Uint8Array } | undefined {
    const top = this.#stack.at(-1);
    if (this.#ahead !== undefined || top === undefined) return undefined;
    const { keys, values } = top.placed.node;
    return { key: keys[top.index] as Uint8Array, value: values[top.index] as Uint8Array };
  }

  /** Opens the node ahead. */
  async open(): Promise<void> {
    if (this.#ahead === undefined) return;
    const placed = await readNode(this.#reader, this.#ahead);
    this.#stack.push({ placed, index: -1 });
    this.advance();
  }

  /** Steps over the node or the item ahead. */
  advance(): void {
    this.#ahead = undefined;
    for (let top = this.#stack.at(-1); top !== undefined; top = this.#stack.at(-1)) {
      top.index++;
      const { keys, level } = top.placed.node;
      if (top.index < keys.length) {
        if (level > 0) this.#ahead = childPlace(top.placed, top.index);
        return;
      }
      this.#stack.pop();
    }
  }
}

/**
 * The keys whose values differ between two maps, in order. Opens only nodes that differ, so the
 * cost grows with the difference and the height, not with the maps.
 * @throws not-found, damaged, newer
 */
export async function* diffMaps(
  reader: MapReader,
  rootA: MapRoot,
  rootB: MapRoot,
): AsyncGenerator<MapDifference> {
  const a = new Cursor(reader, rootA);
  const b = new Cursor(reader, rootB);
  for (;;) {
    const [nodeA, nodeB, itemA, itemB] = [a.node, b.node, a.item, b.item];
    if (nodeA !== undefined && nodeB !== undefined) {
      if (equalBytes(nodeA.link.id, nodeB.link.id) && equalBytes(nodeA.start, nodeB.start)) {
        a.advance();
        b.advance();
        continue;
      }
      // What begins first is opened first: the other side may come to the same node yet.
      const order = compareBytes(nodeA.start, nodeB.start);
      const levelA = nodeA.level ?? (await readNode(reader, nodeA)).node.level;
      const levelB = nodeB.level ?? (await readNode(reader, nodeB)).node.level;
      if (order < 0 || (order === 0 && levelA >= levelB)) await a.open();
      if (order > 0 || (order === 0 && levelB >= levelA)) await b.open();
    } else if (nodeA !== undefined) {
      if (itemB !== undefined && compareBytes(itemB.key, nodeA.start) < 0) {
        yield { key: itemB.key, a: undefined, b: itemB.value };
        b.advance();
      } else await a.open();
    } else if (nodeB !== undefined) {
      if (itemA !== undefined && compareBytes(itemA.key, nodeB.start) < 0) {
        yield { key: itemA.key, a: itemA.value, b: undefined };
        a.advance();
      } else await b.open();
    } else if (itemA !== undefined && itemB !== undefined) {
      const order = compareBytes(itemA.key, itemB.key);
      if (order < 0) {
        yield { key: itemA.key, a: itemA.value, b: undefined };
        a.advance();
      } else if (order > 0) {
        yield { key: itemB.key, a: undefined, b: itemB.value };
        b.advance();
      } else {
        if (!equalBytes(itemA.value, itemB.value)) {
          yield { key: itemA.key, a: itemA.value, b: itemB.value };
        }
        a.advance();
        b.advance();
      }
    } else if (itemA !== undefined) {
      yield { key: itemA.key, a: itemA.value, b: undefined };
      a.advance();
    } else if (itemB !== undefined) {
      yield { key: itemB.key, a: undefined, b: itemB.value };
      b.advance();
    } else return;
  }
}
