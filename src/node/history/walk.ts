import { decodeRecordLink, type Link, type RecordLink } from "../blocks/link.ts";
import { decodeNode } from "../blocks/map-node.ts";
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
import {
  checkPlace,
  childPlace,
  type MapReader,
  type MapRoot,
  type NodePlace,
  rootPlace,
} from "../blocks/sealed-map.ts";
import { refuseShape } from "../blocks/shape.ts";
import { toBinaryString } from "../core/bytes.ts";
import { CloudError, isCloudError } from "../core/cloud-error.ts";
import type { BlockId } from "../core/ids.ts";
import { showStamp } from "../core/stamp.ts";
import { decodeEntry } from "../tree/entry.ts";
import { decodeState } from "../tree/state.ts";
import { isListed, parseVectorItem } from "../tree/version-vector.ts";
import {
  decodeDeviceName,
  decodeLogItem,
  decodePurged,
  decodeRevision,
  decodeVersion,
  parseLogKey,
  parseNameKey,
  parsePurgedKey,
  parseTagKey,
  parseVersionKey,
} from "./revision.ts";

/** What a walk tells its caller. */
export interface Visitor {
  /** Met a link to a block. @returns whether to go into it: false stops there. */
  enter(link: Link, kind: BlockKind): boolean;
  /**
   * A block is missing, damaged or not what it should be.
   * @param concerns - what needs it, where that is the drive as a whole; which files need a block
   * {@link findConcerned} tells.
   */
  damaged(id: BlockId, error: Error, concerns: string | undefined): void;
  /** Called now and then, so that a caller can report progress, yield or stop by throwing. */
  step(): Promise<void>;
}

/** How much of each block a walk reads. */
export interface WalkDepth {
  /** Whether content blocks are read and opened too, or only named. */
  readonly content: boolean;
}

/**
 * Walks every block that a revision retains: its tree, its versions, the states in its log and
 * tags. Each block is opened once. What can't be read is told and passed over.
 */
export async function walkRetained(
  reader: MapReader,
  revision: Link,
  visitor: Visitor,
  depth: WalkDepth,
): Promise<void> {
  await new Walk(reader, visitor, depth).revision(revision);
}

/** Errors that tell of a block, not of the disk or the caller. */
export function isBlockFault(error: unknown): error is CloudError {
  return isCloudError(error, "damaged", "not-found", "newer", "invalid-name");
}

class Walk {
  readonly #reader: MapReader;
  readonly #visitor: Visitor;
  readonly #depth: WalkDepth;
  /** How many records the packs met so far hold. */
  readonly #packs = new Map<string, number>();

  constructor(reader: MapReader, visitor: Visitor, depth: WalkDepth) {
    this.#reader = reader;
    this.#visitor = visitor;
    this.#depth = depth;
  }

  async revision(link: Link): Promise<void> {
    const revision = await this.#open(link, "revision", "the whole drive", decodeRevision);
    if (revision === undefined) return;
    await this.#stateBehind(revision.state, "");
    await this.#map(revision.versions, "the versions of files", (key, value) => {
      parseVersionKey(key);
      const record = decodeRecordLink(decodeVersion(value).link);
      return () => this.#record(record);
    });
    await this.#map(revision.log, "the journal", (key, value) => {
      const [{ state }, when] = [decodeLogItem(value), `@${showStamp(parseLogKey(key))}`];
      return () => this.#stateBehind(state, when);
    });
    await this.#map(revision.tags, "the tags", (key, value) => {
      const [{ state }, when] = [decodeLogItem(value), `@${parseTagKey(key).name}`];
      return () => this.#stateBehind(state, when);
    });
    await this.#map(revision.purged, "what was purged", (key, value) => {
      parsePurgedKey(key);
      decodePurged(value);
      return () => Promise.resolve();
    });
    await this.#map(revision.names, "the names of devices", (key, value) => {
      parseNameKey(key);
      decodeDeviceName(value);
      return () => Promise.resolve();
    });
  }

  async #stateBehind(link: Link, when: string): Promise<void> {
    const state = await this.#open(link, "state", `the whole drive${when}`, decodeState);
    if (state === undefined) return;
    const concerns = `the tree of files${when}`;
    for (const map of ["tree", "removed"] as const) {
      await this.#map(state[map], concerns, (key, value) => {
        const records = decodeEntry(key, value, map).content.map(({ link: to }) =>
          decodeRecordLink(to),
        );
        return async () => {
          for (const record of records) await this.#record(record);
        };
      });
    }
    const none = () => (): Promise<void> => Promise.resolve();
    for (const stored of [state.vv, state.floor]) {
      if (isListed(stored)) continue;
      await this.#map(stored, concerns, (key, value) => {
        parseVectorItem(key, value);
        return none();
      });
    }
    await this.#map(state.folders, concerns, none);
    await this.#map(state.loose, concerns, none);
  }

  /** @param read - decodes an item. @returns what to do with it, whose errors are the caller's. */
  async #map(
    root: MapRoot,
    concerns: string,
    read: (key: Uint8Array, value: Uint8Array) => () => Promise<void>,
  ): Promise<void> {
    if (root !== undefined) await this.#node(rootPlace(root), concerns, read);
  }

  async #node(
    place: NodePlace,
    concerns: string,
    read: (key: Uint8Array, value: Uint8Array) => () => Promise<void>,
  ): Promise<void> {
    const placed = await this.#open(place.link, "mapNode", concerns, (payload) =>
      checkPlace(place, decodeNode(payload)),
    );
    if (placed === undefined) return;
    const { node } = placed;
    for (const [i, key] of node.keys.entries()) {
      let visit: () => Promise<void>;
      try {
        const child = node.level > 0 ? childPlace(placed, i) : undefined;
        if (child === undefined) visit = read(key, node.values[i] as Uint8Array);
        else visit = () => this.#node(child, concerns, read);
      } catch (error) {
        // An item that makes no sense, in a node that is sound.
        if (!isBlockFault(error)) throw error;
        this.#visitor.damaged(place.link.id, error, concerns);
        continue;
      }
      await visit();
    }
  }

  async #record(link: RecordLink): Promise<void> {
    const isPack = link.place !== undefined;
    // The other records of a pack are alive with it: what they need is kept as well.
    const records = await this.#open(link, isPack ? "pack" : "record", undefined, (payload) =>
      (isPack ? decodePack(payload) : [payload]).map(decodeRecord),
    );
    if (isPack && records !== undefined) this.#packs.set(toBinaryString(link.id), records.length);
    this.#checkPlace(link);
    for (const { size, content } of records ?? []) {
      if (content instanceof Uint8Array) continue;
      await this.#content(content, size, indexDepth(size));
    }
  }

  #checkPlace({ id, place }: RecordLink): void {
    const size = this.#packs.get(toBinaryString(id));
    if (place === undefined || size === undefined || place < size) return;
    const error = new CloudError("damaged", "a link points beyond the end of its pack");
    this.#visitor.damaged(id, error, undefined);
  }

  async #content(links: readonly Link[], size: number, depth: number): Promise<void> {
    const span = chunkBytes * indexFanout ** depth;
    for (const [i, link] of links.entries()) {
      const below = Math.min(span, size - i * span);
      if (depth > 0) {
        const count = Math.ceil(chunkCount(below) / indexFanout ** (depth - 1));
        const children = await this.#open(link, "index", undefined, (payload) =>
          decodeLinks(payload, count, "a block of an index"),
        );
        if (children !== undefined) await this.#content(children, below, depth - 1);
      } else if (this.#depth.content) {
        await this.#open(link, "content", undefined, (payload) => {
          if (payload.length !== below) {
            refuseShape("a content block", "as many bytes as its place");
          }
        });
      } else this.#visitor.enter(link, "content");
    }
  }

  /** Opens a block when it is first met; tells if that can't be. */
  async #open<Decoded>(
    link: Link,
    kind: BlockKind,
    concerns: string | undefined,
    decode: (payload: Uint8Array) => Decoded,
  ): Promise<Decoded | undefined> {
    if (!this.#visitor.enter(link, kind)) return undefined;
    await this.#visitor.step();
    try {
      const bytes = await this.#reader.blocks.get(link.id);
      return decode(openBlock(this.#reader.primitives, link, kind, bytes));
    } catch (error) {
      if (!isBlockFault(error)) throw error;
      this.#visitor.damaged(link.id, error, concerns);
      return undefined;
    }
  }
}
