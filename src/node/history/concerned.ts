import { LRUCache } from "lru-cache";
import { decodeRecordLink, type Link } from "../blocks/link.ts";
import { childLink, decodeNode } from "../blocks/map-node.ts";
import { decodePack, recordAt } from "../blocks/pack.ts";
import {
  chunkBytes,
  chunkCount,
  decodeLinks,
  decodeRecord,
  indexDepth,
  indexFanout,
} from "../blocks/record.ts";
import { type BlockKind, openBlock } from "../blocks/seal.ts";
import type { MapReader, MapRoot } from "../blocks/sealed-map.ts";
import { toBinaryString } from "../core/bytes.ts";
import type { BlockId, EntryId } from "../core/ids.ts";
import { formatPath } from "../core/path.ts";
import { showStamp } from "../core/stamp.ts";
import { decodeEntry, type Entry, isRoot } from "../tree/entry.ts";
import { decodeState, type StoredState } from "../tree/state.ts";
import {
  decodeLogItem,
  decodeRevision,
  decodeVersion,
  parseLogKey,
  parseTagKey,
  parseVersionKey,
} from "./revision.ts";
import { isBlockFault } from "./walk.ts";

/** Packs whose links are held while others are read. */
const heldPacks = 256;

/** What is asked of {@link findConcerned}. */
export interface Concern {
  /** Ids of the blocks asked about, as binary strings. */
  readonly blocks: ReadonlySet<string>;
  /** Told of a file that needs one, now as `/a/b`, else as `/a/b@12-a1b2c3d4`; may be told twice. */
  readonly tell: (id: BlockId, path: string) => void;
  /** Called now and then, as a walk's. */
  readonly step: () => Promise<void>;
}

/**
 * Finds the files and versions that need one of some blocks. Reads all records, no content; passes
 * over what can't be read.
 */
export async function findConcerned(
  reader: MapReader,
  revision: Link,
  concern: Concern,
): Promise<void> {
  await new Search(reader, concern).revision(revision);
}

class Search {
  readonly #reader: MapReader;
  readonly #concern: Concern;
  /** Ids of the entries of now, by which versions are named and told from those shown. */
  readonly #paths = new Map<string, string>();
  readonly #shown = new Set<string>();
  /** Records, map nodes and states that were looked into. */
  readonly #seen = new Set<string>();
  readonly #packs = new LRUCache<string, { readonly pack: Uint8Array[] | undefined }>({
    max: heldPacks,
  });

  constructor(reader: MapReader, concern: Concern) {
    this.#reader = reader;
    this.#concern = concern;
  }

  async revision(link: Link): Promise<void> {
    const revision = await this.#open(link, "revision", decodeRevision);
    if (revision === undefined) return;
    const state = await this.#open(revision.state, "state", decodeState);
    if (state !== undefined) {
      await this.#namePaths(state);
      await this.#state(state, "");
    }
    await this.#items(revision.versions, async (key, value) => {
      const { id, stamp } = parseVersionKey(key);
      const { link: record } = decodeVersion(value);
      if (this.#shown.has(toBinaryString(id) + toBinaryString(record))) return;
      const path = this.#paths.get(toBinaryString(id)) ?? "a removed file";
      await this.#record(record, `${path}@${showStamp(stamp)}`);
    });
    await this.#items(revision.log, (key, value) =>
      this.#earlier(decodeLogItem(value).state, `@${showStamp(parseLogKey(key))}`),
    );
    await this.#items(revision.tags, (key, value) =>
      this.#earlier(decodeLogItem(value).state, `@${parseTagKey(key).name}`),
    );
    await this.#items(revision.purged, () => Promise.resolve());
  }

  async #namePaths(state: StoredState): Promise<void> {
    const places = new Map<string, { parent: EntryId; name: string }>();
    for (const root of [state.tree, state.removed]) {
      await this.#items(root, (key, value) => {
        const entry = decodeEntry(key, value);
        const parent = root === state.tree ? (key.subarray(0, 16) as EntryId) : entry.parent;
        places.set(toBinaryString(entry.id), { parent, name: entry.name });
        return Promise.resolve();
      });
    }
    this.#seen.clear();
    for (const id of places.keys()) {
      const names: string[] = [];
      const met = new Set<string>();
      for (let at = id; !met.has(at); ) {
        met.add(at);
        const place = places.get(at);
        if (place === undefined) break;
        names.push(place.name);
        if (isRoot(place.parent)) break;
        at = toBinaryString(place.parent);
      }
      this.#paths.set(id, formatPath(names.reverse()));
    }
  }

  /** A state of the past: only what no later one has is looked into. */
  async #earlier(link: Link, when: string): Promise<void> {
    const state = await this.#open(link, "state", decodeState);
    if (state !== undefined) await this.#state(state, when);
  }

  async #state(state: StoredState, when: string): Promise<void> {
    for (const root of [state.tree, state.removed]) {
      await this.#items(root, async (key, value) => {
        await this.#entry(decodeEntry(key, value), when);
      });
    }
  }

  async #entry(entry: Entry, when: string): Promise<void> {
    const id = toBinaryString(entry.id);
    const path = this.#paths.get(id) ?? `…/${entry.name}`;
    for (const { link } of entry.content) {
      if (when === "") this.#shown.add(id + toBinaryString(link));
      else if (this.#seen.has(toBinaryString(link))) continue;
      await this.#record(link, `${path}${when}`);
    }
  }

  async #record(encoded: Uint8Array, path: string): Promise<void> {
    this.#seen.add(toBinaryString(encoded));
    const link = decodeRecordLink(encoded);
    this.#ask(link, path);
    const { place } = link;
    const payload =
      place === undefined
        ? await this.#open(link, "record", (bytes) => bytes)
        : recordIn(await this.#pack(link), place);
    if (payload === undefined) return;
    const { size, content } = decodeRecord(payload);
    if (!(content instanceof Uint8Array)) {
      await this.#content(content, size, indexDepth(size), path);
    }
  }

  async #pack(link: Link): Promise<Uint8Array[] | undefined> {
    const name = toBinaryString(link.id);
    const held = this.#packs.get(name) ?? { pack: await this.#open(link, "pack", decodePack) };
    this.#packs.set(name, held);
    return held.pack;
  }

  async #content(links: readonly Link[], size: number, depth: number, path: string): Promise<void> {
    const span = chunkBytes * indexFanout ** depth;
    for (const [i, link] of links.entries()) {
      this.#ask(link, path);
      if (depth === 0) continue;
      const below = Math.min(span, size - i * span);
      const count = Math.ceil(chunkCount(below) / indexFanout ** (depth - 1));
      const children = await this.#open(link, "index", (payload) =>
        decodeLinks(payload, count, "a block of an index"),
      );
      if (children !== undefined) await this.#content(children, below, depth - 1, path);
    }
  }

  #ask(link: Link, path: string): void {
    if (this.#concern.blocks.has(toBinaryString(link.id))) this.#concern.tell(link.id, path);
  }

  /** Goes through the items of a map, by nodes not seen before. */
  async #items(
    root: MapRoot,
    onItem: (key: Uint8Array, value: Uint8Array) => Promise<void>,
  ): Promise<void> {
    if (root === undefined) return;
    const name = toBinaryString(root.id);
    if (this.#seen.has(name)) return;
    this.#seen.add(name);
    const node = await this.#open(root, "mapNode", decodeNode);
    for (const [i, key] of (node?.keys ?? []).entries()) {
      if (node === undefined) return;
      try {
        if (node.level > 0) await this.#items(childLink(node, i), onItem);
        else await onItem(key, node.values[i] as Uint8Array);
      } catch (error) {
        if (!isBlockFault(error)) throw error;
      }
    }
  }

  async #open<Decoded>(
    link: Link,
    kind: BlockKind,
    decode: (payload: Uint8Array) => Decoded,
  ): Promise<Decoded | undefined> {
    await this.#concern.step();
    try {
      const bytes = await this.#reader.blocks.get(link.id);
      return decode(openBlock(this.#reader.primitives, link, kind, bytes));
    } catch (error) {
      if (!isBlockFault(error)) throw error;
      return undefined;
    }
  }
}

function recordIn(pack: readonly Uint8Array[] | undefined, place: number): Uint8Array | undefined {
  return pack === undefined ? undefined : recordAt(pack, place);
}
