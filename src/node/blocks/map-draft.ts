import { compareBytes, startsWithBytes } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import { maxKeyBytes } from "./map-node.ts";
import { type MapSealer, rewriteMap } from "./map-rewrite.ts";
import type { BlockPutter } from "./ports.ts";
import { getFromMap, type MapItem, type MapRoot, rangeOfMap } from "./sealed-map.ts";
import { type MapChange, SortedChanges } from "./sorted-changes.ts";

export type { MapSealer } from "./map-rewrite.ts";

/**
 * A sealed map being changed: reads see the changes, nothing is sealed before {@link flush}.
 *
 * Invariant: the result is a function of the resulting items alone, whatever the order of changes.
 */
export class MapDraft {
  readonly #sealer: MapSealer;
  readonly #first: MapRoot;
  #root: MapRoot;
  #changes = new SortedChanges();

  constructor(sealer: MapSealer, root: MapRoot) {
    this.#sealer = sealer;
    this.#first = root;
    this.#root = root;
  }

  /** Whether anything was set or deleted, be it sealed already or not. */
  get dirty(): boolean {
    return this.#root !== this.#first || !this.#changes.isEmpty;
  }

  /** Whether the map is known to hold nothing. */
  get isEmpty(): boolean {
    return this.#root === undefined && this.#changes.isEmpty;
  }

  /** The value of a key, changes included. @throws not-found, damaged, newer */
  get(key: Uint8Array): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const change = this.#changes.get(key);
    return change === undefined ? getFromMap(this.#sealer, this.#root, key) : change.value;
  }

  /**
   * Sets a key of 1 to 512 bytes. The arrays must not be changed afterwards.
   * @throws unexpected, for a key of another length
   */
  set(key: Uint8Array, value: Uint8Array): void {
    if (key.length === 0 || key.length > maxKeyBytes) {
      throw new CloudError(
        "unexpected",
        `expected a key of 1 to ${maxKeyBytes.toString()} bytes, got ${key.length.toString()}`,
      );
    }
    this.#changes.set({ key, value });
  }

  /** Removes a key, whether or not the map has it. */
  delete(key: Uint8Array): void {
    if (key.length > 0) this.#changes.set({ key, value: undefined });
  }

  /**
   * The items whose key begins with `prefix`, in order, from `from` on if that is given, as they are
   * when the first is asked for.
   * @throws not-found, damaged, newer
   */
  async *range(prefix: Uint8Array, from: Uint8Array = prefix): AsyncGenerator<MapItem> {
    const changes = this.#changesUnder(prefix, from);
    let next = 0;
    for await (const item of rangeOfMap(this.#sealer, this.#root, prefix, from)) {
      let replaced = false;
      for (; next < changes.length; next++) {
        const change = changes[next] as MapChange;
        const order = compareBytes(change.key, item[0]);
        if (order > 0) break;
        if (order === 0) replaced = true;
        if (change.value !== undefined) yield [change.key, change.value];
      }
      if (!replaced) yield item;
    }
    for (; next < changes.length; next++) {
      const { key, value } = changes[next] as MapChange;
      if (value !== undefined) yield [key, value];
    }
  }

  /** Whether any key begins with `prefix`. @throws not-found, damaged, newer */
  async hasPrefix(prefix: Uint8Array): Promise<boolean> {
    for (const { key, value } of this.#changes.from(prefix)) {
      if (!startsWithBytes(key, prefix)) break;
      if (value !== undefined) return true;
    }
    for await (const [key] of rangeOfMap(this.#sealer, this.#root, prefix)) {
      // What is changed under the prefix is gone, or it would have been found above.
      if (this.#changes.get(key) === undefined) return true;
    }
    return false;
  }

  /**
   * Seals the changed nodes into `putter`. Where that fails the draft is as it was before.
   * @returns the root of the map as it now is.
   * @throws not-found, damaged, newer
   */
  async flush(putter: BlockPutter): Promise<MapRoot> {
    if (this.#changes.isEmpty) return this.#root;
    this.#root = await rewriteMap(this.#sealer, putter, this.#root, this.#changes.all());
    this.#changes = new SortedChanges();
    return this.#root;
  }

  #changesUnder(prefix: Uint8Array, from: Uint8Array): MapChange[] {
    if (from.length === 0) return this.#changes.all();
    const found: MapChange[] = [];
    for (const change of this.#changes.from(compareBytes(from, prefix) > 0 ? from : prefix)) {
      if (!startsWithBytes(change.key, prefix)) break;
      found.push(change);
    }
    return found;
  }
}
