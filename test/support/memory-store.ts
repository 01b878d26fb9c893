import { hash } from "node:crypto";
import type { SealedBlock } from "../../src/node/blocks/ports.ts";
import { compareBytes, equalBytes, toHex } from "../../src/node/core/bytes.ts";
import { showCid } from "../../src/node/core/cid.ts";
import { CloudError } from "../../src/node/core/cloud-error.ts";
import { IdMap, IdSet } from "../../src/node/core/id-map.ts";
import type { BlockId, SpaceId, WriterId } from "../../src/node/core/ids.ts";
import type {
  CheckReport,
  Collection,
  CommitRecords,
  HeadCommit,
  RecordTable,
  Store,
  StoreBatch,
  StoredHead,
} from "../../src/node/store/store.ts";

interface Held {
  readonly id: BlockId;
  bytes: Uint8Array;
  bad: boolean;
}

/** A {@link Store} in memory, with a door for tests to damage it. */
export interface MemoryStore extends Store {
  /** Replaces the bytes of a block behind the store's back. */
  damage(id: BlockId, change: (bytes: Uint8Array) => Uint8Array): void;
  /** A store with the same durable content, as after a restart. */
  reopen(): MemoryStore;
}

interface Content {
  readonly blocks: Map<string, Held>;
  /** By {@link headKey}. */
  readonly heads: Map<string, StoredHead>;
  /** By {@link rowKey}. */
  readonly settings: Map<string, Uint8Array>;
  readonly records: Map<string, Uint8Array>;
}

/** The whole port over `Map`s: the model that the store on disk is compared with. */
export function memoryStore(
  content: Content = {
    blocks: new Map(),
    heads: new Map(),
    settings: new Map(),
    records: new Map(),
  },
): MemoryStore {
  const { blocks, heads, settings } = content;
  const open = new Set<Set<string>>();
  const insides = new WeakMap<
    StoreBatch,
    { touched: Set<string>; staged: Map<string, SealedBlock> }
  >();
  let collection: { readonly kept: Set<string> } | undefined;
  let closed = false;

  const mustBeOpen = (): void => {
    if (closed) throw new CloudError("unavailable", "the store in memory was closed");
  };
  const isSound = ({ id, bytes }: Held): boolean => equalBytes(hash("sha256", bytes, "buffer"), id);
  const damaged = (id: BlockId): CloudError =>
    new CloudError("damaged", `block ${showCid(id)} is damaged`);

  const has = (id: BlockId): boolean => {
    mustBeOpen();
    return blocks.get(toHex(id))?.bad === false;
  };

  const get = async (id: BlockId): Promise<Uint8Array> => {
    await Promise.resolve();
    mustBeOpen();
    const held = blocks.get(toHex(id));
    if (held === undefined) throw new CloudError("not-found", `block ${showCid(id)} is not there`);
    held.bad = !isSound(held);
    if (held.bad) throw damaged(id);
    return held.bytes.slice();
  };

  const begin = (): StoreBatch => {
    mustBeOpen();
    const touched = new Set<string>();
    const staged = new Map<string, SealedBlock>();
    let ended = false;
    open.add(touched);
    const mustGoOn = (): void => {
      mustBeOpen();
      if (ended) throw new CloudError("usage", "the batch has ended");
    };
    const write = (): void => {
      for (const [key, { id, bytes }] of staged) {
        const held = blocks.get(key);
        if (held === undefined) blocks.set(key, { id, bytes: bytes.slice(), bad: false });
        else if (held.bad) [held.bytes, held.bad] = [bytes.slice(), false];
      }
      staged.clear();
    };
    const batch: StoreBatch = {
      put: (block) => {
        mustGoOn();
        touched.add(toHex(block.id));
        if (!has(block.id)) staged.set(toHex(block.id), block);
      },
      reserve: async () => {
        await Promise.resolve();
        mustGoOn();
        return undefined;
      },
      flush: async () => {
        mustGoOn();
        write();
        await Promise.resolve();
      },
      makeReadable: () => batch.flush(),
      commit: async (records: CommitRecords = {}) => {
        mustGoOn();
        write();
        for (const head of [records.retired, records.head]) {
          if (head !== undefined) setHead(heads, head);
        }
        for (const { space, name, value } of records.settings ?? []) {
          if (value === undefined) settings.delete(rowKey(name, space));
          else settings.set(rowKey(name, space), value);
        }
        ended = true;
        open.delete(touched);
        for (const key of touched) collection?.kept.add(key);
        await Promise.resolve();
      },
      absorb: async (other) => {
        await Promise.resolve();
        mustGoOn();
        const taken = insides.get(other);
        if (taken === undefined || other === batch || !open.has(taken.touched)) {
          throw new CloudError("usage", "a batch takes over only another open batch of its store");
        }
        for (const key of taken.touched) touched.add(key);
        for (const [key, block] of taken.staged) staged.set(key, block);
        other.abandon();
      },
      abandon: () => {
        ended = true;
        open.delete(touched);
      },
    };
    insides.set(batch, { touched, staged });
    return batch;
  };

  const collect = (): Collection => {
    mustBeOpen();
    if (collection !== undefined) throw new CloudError("storage-busy", "a collection is under way");
    const marked = new Set<string>();
    const run = { kept: new Set<string>() };
    collection = run;
    const mustGoOn = (): void => {
      if (collection !== run) throw new CloudError("usage", "the collection has ended");
    };
    return {
      mark: (id) => {
        mustGoOn();
        const fresh = !marked.has(toHex(id));
        if (blocks.has(toHex(id))) marked.add(toHex(id));
        return fresh;
      },
      sweep: async (signal) => {
        mustGoOn();
        await Promise.resolve();
        collection = undefined;
        if (signal?.aborted === true) throw new CloudError("cancelled", "cancelled");
        const freed = { freedBlocks: 0, freedBytes: 0 };
        for (const [key, { bytes }] of blocks) {
          if (marked.has(key) || run.kept.has(key) || [...open].some((put) => put.has(key)))
            continue;
          blocks.delete(key);
          freed.freedBlocks += 1;
          freed.freedBytes += bytes.length;
        }
        return freed;
      },
      measure: async () => {
        mustGoOn();
        await Promise.resolve();
        collection = undefined;
        const dead = [...blocks].filter(
          ([key]) =>
            !marked.has(key) && !run.kept.has(key) && ![...open].some((put) => put.has(key)),
        );
        const freedBytes = dead.reduce((bytes, [, held]) => bytes + held.bytes.length, 0);
        return { freedBlocks: dead.length, freedBytes };
      },
      abandon: () => {
        if (collection === run) collection = undefined;
      },
    };
  };

  const check = async (options: Parameters<Store["check"]>[0] = {}): Promise<CheckReport> => {
    mustBeOpen();
    await Promise.resolve();
    if (options.signal?.aborted === true) throw new CloudError("cancelled", "cancelled");
    for (const held of blocks.values()) held.bad = !isSound(held);
    options.onProgress?.(blocks.size, blocks.size);
    const bad = [...blocks.values()].filter((held) => held.bad).map(({ id }) => id);
    return { blocks: blocks.size, damaged: bad, problems: [] };
  };

  return {
    get,
    locate: () => undefined,
    has,
    begin,
    collect,
    check,
    records: memoryRecords(content.records),
    spaces: () => {
      mustBeOpen();
      const spaces = new IdSet([...heads.values()].map(({ space }) => space));
      return [...spaces].sort(compareBytes);
    },
    heads: (space) => {
      mustBeOpen();
      return newestOf(heads.values(), space);
    },
    headRecord: (wanted) => {
      mustBeOpen();
      const found = [...heads.values()].find(({ bytes }) =>
        equalBytes(hash("sha256", bytes, "buffer"), wanted),
      );
      return found?.bytes;
    },
    setting: (name, space) => {
      mustBeOpen();
      return settings.get(rowKey(name, space));
    },
    usage: () => {
      mustBeOpen();
      let blockBytes = 0;
      for (const { bytes } of blocks.values()) blockBytes += bytes.length;
      const quarantined = [...blocks.values()].filter(({ bad }) => bad).length;
      const bytes = { blockBytes, paddingShare: 0, diskBytes: blockBytes };
      return { blocks: blocks.size, ...bytes, quarantined };
    },
    ids: () => {
      mustBeOpen();
      return [...blocks.values()].map(({ id }) => id);
    },
    refusal: undefined,
    acceptLoss: () => {
      mustBeOpen();
      return Promise.reject(new CloudError("usage", "a store in memory has no log to lose"));
    },
    close: async () => {
      closed = true;
      await Promise.resolve();
    },
    damage: (id, change) => {
      const held = blocks.get(toHex(id));
      if (held !== undefined) held.bytes = change(held.bytes);
    },
    reopen: () => {
      closed = true;
      return memoryStore(content);
    },
  };
}

/** Names a setting of a space, or of the folder. */
function rowKey(name: string, space?: SpaceId): string {
  return `${space === undefined ? "" : toHex(space)}/${name}`;
}

/** Names one head of one writer of a space. */
function headKey({ space, writer, seq }: StoredHead): string {
  return `${toHex(space)}/${toHex(writer)}/${seq.toString()}`;
}

function setHead(heads: Map<string, StoredHead>, { keepFrom, ...head }: HeadCommit): void {
  heads.set(headKey(head), head);
  for (const [key, other] of heads) {
    const isOfChain = equalBytes(other.space, head.space) && equalBytes(other.writer, head.writer);
    if (isOfChain && other.seq < keepFrom) heads.delete(key);
  }
}

function newestOf(heads: Iterable<StoredHead>, space: SpaceId): StoredHead[] {
  const newest = new IdMap<WriterId, StoredHead>();
  for (const head of heads) {
    if (!equalBytes(head.space, space)) continue;
    const other = newest.get(head.writer);
    if (other === undefined || other.seq < head.seq) newest.set(head.writer, head);
  }
  return [...newest.values()].sort((a, b) => compareBytes(a.writer, b.writer));
}

function memoryRecords(rows: Map<string, Uint8Array>): RecordTable {
  return {
    get: (name) => rows.get(name),
    entries: (prefix) =>
      [...rows].filter(([name]) => name.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1)),
    write: (changes) => {
      for (const [name, value] of changes) {
        if (value === undefined) rows.delete(name);
        else rows.set(name, value);
      }
    },
  };
}
