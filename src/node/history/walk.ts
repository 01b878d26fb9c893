import { decodeRecordLink, type Link } from "../blocks/link.ts";
import { childLink, decodeNode } from "../blocks/map-node.ts";
import { decodePack } from "../blocks/pack.ts";
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
import { refuseShape } from "../blocks/shape.ts";
import { toBinaryString } from "../core/bytes.ts";
import { isCloudError } from "../core/cloud-error.ts";
import type { BlockId, EntryId } from "../core/ids.ts";
import { formatPath } from "../core/path.ts";
import { showStamp } from "../core/stamp.ts";
import { decodeEntry, isRoot } from "../tree/entry.ts";
import { decodeState, type State } from "../tree/state.ts";
import {
  decodeLogItem,
  decodeVersion,
  parseLogKey,
  parseTagKey,
  parseVersionKey,
  type Revision,
} from "./revision.ts";
import type { Tip } from "./tip.ts";

/** What a walk tells its caller. */
export interface Visitor {
  /**
   * Met a block for the first time. @returns whether to go into it: false stops there.
   */
  enter(id: BlockId): boolean;
  /** A block is missing, damaged or not what it should be; told again for each thing that needs it. */
  damaged(id: BlockId, error: Error, concerns: string): void;
  /** Called now and then, so that a caller can report progress, yield or stop by throwing. */
  step(): Promise<void>;
}

/** How much of each block a walk reads. */
export interface WalkDepth {
  /** Whether content blocks are read and opened too, or only named. */
  readonly content: boolean;
}

/**
 * Walks every block that a tip retains: its tree, its versions, the states in its log and tags.
 * Each block is opened once; what is met again is told again if it was damaged.
 */
export async function walkRetained(
  reader: MapReader,
  tip: Tip,
  visitor: Visitor,
  depth: WalkDepth,
): Promise<void> {
  const walk = new Walk(reader, visitor, depth);
  await walk.revision(tip.link, tip.revision, tip.state);
}

class Walk {
  readonly #reader: MapReader;
  readonly #visitor: Visitor;
  readonly #depth: WalkDepth;
  readonly #damage = new Map<string, Error>();
  /** Where each entry stands now, by id; of folders also to make the paths below. */
  readonly #paths = new Map<string, string>();

  constructor(reader: MapReader, visitor: Visitor, depth: WalkDepth) {
    this.#reader = reader;
    this.#visitor = visitor;
    this.#depth = depth;
  }

  async revision(link: Link, revision: Revision, state: State): Promise<void> {
    this.#visitor.enter(link.id);
    this.#visitor.enter(revision.state.id);
    await this.#namePaths(state);
    await this.#state(state, "");
    await this.#map(revision.versions, "the versions of files", async (key, value) => {
      const { id, stamp } = parseVersionKey(key);
      const path = this.#paths.get(toBinaryString(id)) ?? "a removed file";
      await this.#record(decodeVersion(value).link, `${path}@${showStamp(stamp)}`);
    });
    await this.#map(revision.log, "the journal", async (key, value) => {
      const { state: at } = decodeLogItem(value);
      await this.#stateBehind(at, `@${showStamp(parseLogKey(key))}`);
    });
    await this.#map(revision.tags, "the tags", async (key, value) => {
      await this.#stateBehind(decodeLogItem(value).state, `@${parseTagKey(key).name}`);
    });
  }

  /** Learns the paths of now first, so that damage can be told by them. */
  async #namePaths(state: State): Promise<void> {
    const parents = new Map<string, { parent: EntryId; name: string }>();
    for (const root of [state.tree, state.removed]) {
      await this.#map(
        root,
        "the tree of files",
        (key, value) => {
          const entry = decodeEntry(key, value);
          const parent = root === state.tree ? (key.subarray(0, 16) as EntryId) : entry.parent;
          parents.set(toBinaryString(entry.id), { parent, name: entry.name });
          return Promise.resolve();
        },
        true,
      );
    }
    for (const id of parents.keys()) {
      const names: string[] = [];
      const seen = new Set<string>();
      for (let at = id; !seen.has(at); ) {
        seen.add(at);
        const place = parents.get(at);
        if (place === undefined) break;
        names.push(place.name);
        if (isRoot(place.parent)) break;
        at = toBinaryString(place.parent);
      }
      this.#paths.set(id, formatPath(names.reverse()));
    }
  }

  async #stateBehind(link: Link, when: string): Promise<void> {
    const state = await this.#open(link, "state", `the whole drive${when}`, decodeState);
    if (state !== undefined) await this.#state(state, when);
  }

  async #state(state: State, when: string): Promise<void> {
    for (const root of [state.tree, state.removed]) {
      await this.#map(root, `the tree of files${when}`, async (key, value) => {
        const entry = decodeEntry(key, value);
        const path = this.#paths.get(toBinaryString(entry.id)) ?? `…/${entry.name}`;
        for (const { link } of entry.content) await this.#record(link, `${path}${when}`);
      });
    }
    const none = (): Promise<void> => Promise.resolve();
    await this.#map(state.folders, `the tree of files${when}`, none);
    await this.#map(state.loose, `the tree of files${when}`, none);
  }

  async #map(
    root: MapRoot,
    concerns: string,
    onItem: (key: Uint8Array, value: Uint8Array) => Promise<void>,
    again = false,
  ): Promise<void> {
    if (root === undefined) return;
    const node = await this.#open(root, "mapNode", concerns, decodeNode, again);
    if (node === undefined) return;
    for (let i = 0; i < node.keys.length; i++) {
      if (node.level > 0) await this.#map(childLink(node, i), concerns, onItem, again);
      else await onItem(node.keys[i] as Uint8Array, node.values[i] as Uint8Array);
    }
  }

  async #record(encoded: Uint8Array, concerns: string): Promise<void> {
    const link = decodeRecordLink(encoded);
    const records = await this.#open(
      link,
      link.place === undefined ? "record" : "pack",
      concerns,
      (payload) => (link.place === undefined ? [payload] : decodePack(payload)),
    );
    // The other records of a pack are alive with it: what they need is kept as well.
    for (const payload of records ?? []) {
      const { size, content } = decodeRecord(payload);
      if (content instanceof Uint8Array) continue;
      await this.#content(content, size, indexDepth(size), concerns);
    }
  }

  async #content(
    links: readonly Link[],
    size: number,
    depth: number,
    concerns: string,
  ): Promise<void> {
    const span = chunkBytes * indexFanout ** depth;
    for (const [i, link] of links.entries()) {
      const below = Math.min(span, size - i * span);
      if (depth > 0) {
        const count = Math.ceil(chunkCount(below) / indexFanout ** (depth - 1));
        const children = await this.#open(link, "index", concerns, (payload) =>
          decodeLinks(payload, count, "a block of an index"),
        );
        if (children !== undefined) await this.#content(children, below, depth - 1, concerns);
      } else if (this.#depth.content) {
        await this.#open(link, "content", concerns, (payload) => {
          if (payload.length !== below)
            refuseShape("a content block", "as many bytes as its place");
        });
      } else this.#visitor.enter(link.id);
    }
  }

  /** Opens a block when it is first met; tells its damage each time. */
  async #open<Decoded>(
    link: Link,
    kind: BlockKind,
    concerns: string,
    decode: (payload: Uint8Array) => Decoded,
    again = false,
  ): Promise<Decoded | undefined> {
    const name = toBinaryString(link.id);
    const known = this.#damage.get(name);
    if (known !== undefined) {
      this.#visitor.damaged(link.id, known, concerns);
      return undefined;
    }
    if (!again && !this.#visitor.enter(link.id)) return undefined;
    await this.#visitor.step();
    try {
      const bytes = await this.#reader.blocks.get(link.id);
      return decode(openBlock(this.#reader.primitives, link, kind, bytes));
    } catch (error) {
      if (!isCloudError(error, "damaged", "not-found", "newer", "invalid-name")) throw error;
      this.#damage.set(name, error);
      this.#visitor.damaged(link.id, error, concerns);
      return undefined;
    }
  }
}
