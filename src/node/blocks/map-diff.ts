import { compareBytes, equalBytes } from "../core/bytes.ts";
import type { Link } from "./link.ts";
import { childLink, type MapNode, type MapReader, type MapRoot, readNode } from "./sealed-map.ts";

/** One key whose values differ; the side without it is `undefined`. */
export interface MapDifference {
  readonly key: Uint8Array;
  readonly a: Uint8Array | undefined;
  readonly b: Uint8Array | undefined;
}

const before = new Uint8Array(0);

/** A place in a map: either before an unopened node, or before an item of a leaf. */
class Cursor {
  readonly #reader: MapReader;
  readonly #stack: { node: MapNode; index: number }[] = [];
  #pending: { link: Link; start: Uint8Array; level: number | undefined } | undefined;

  constructor(reader: MapReader, root: MapRoot) {
    this.#reader = reader;
    if (root !== undefined) this.#pending = { link: root, start: before, level: undefined };
  }

  /** The unopened node ahead, with its level if a parent tells it. */
  get node(): { link: Link; start: Uint8Array; level: number | undefined } | undefined {
    return this.#pending;
  }

  /** The item ahead, if no node is. */
  get item(): { key: Uint8Array; value: Uint8Array } | undefined {
    const top = this.#stack.at(-1);
    if (this.#pending !== undefined || top === undefined) return undefined;
    return {
      key: top.node.keys[top.index] as Uint8Array,
      value: top.node.values[top.index] as Uint8Array,
    };
  }

  /** Opens the node ahead. */
  async open(): Promise<void> {
    const ahead = this.#pending;
    if (ahead === undefined) return;
    const node = await readNode(this.#reader, ahead.link, ahead.level);
    this.#stack.push({ node, index: -1 });
    this.#pending = undefined;
    this.advance();
  }

  /** Steps over the node or the item ahead. */
  advance(): void {
    this.#pending = undefined;
    for (let top = this.#stack.at(-1); top !== undefined; top = this.#stack.at(-1)) {
      top.index++;
      if (top.index < top.node.keys.length) {
        if (top.node.level > 0) {
          this.#pending = {
            link: childLink(top.node, top.index),
            start: top.node.keys[top.index] as Uint8Array,
            level: top.node.level - 1,
          };
        }
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
      const levelA = nodeA.level ?? (await readNode(reader, nodeA.link)).level;
      const levelB = nodeB.level ?? (await readNode(reader, nodeB.link)).level;
      if (levelA >= levelB) await a.open();
      if (levelB >= levelA) await b.open();
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
