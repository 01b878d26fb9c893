import { CloudError } from "../core/cloud-error.ts";
import type { BlockId, SpaceId } from "../core/ids.ts";
import { Batch } from "./batch.ts";
import type { BlockIndex, BlockRow } from "./block-index.ts";
import { type CheckOptions, checkStore } from "./check/check-store.ts";
import type { Database } from "./database.ts";
import type { ExtentIndex } from "./extent-index.ts";
import { GarbageCollection } from "./garbage-collection.ts";
import { keepTails, type LogLoss } from "./log/lost-log.ts";
import type { NamedRows, StoreRows } from "./named-rows.ts";
import type { PaddingShare } from "./padding-share.ts";
import { readBlock } from "./read-block.ts";
import type { Segments } from "./segments.ts";
import type {
  CheckReport,
  Collection,
  FilePlace,
  RecordTable,
  Store,
  StoreBatch,
  StoredHead,
  StoreUsage,
} from "./store.ts";

/** Ids fetched at once by {@link Store.ids}. */
const sliceRows = 1000;

/** The opened parts of a store on disk. */
export interface StoreParts {
  readonly database: Database;
  readonly index: BlockIndex;
  readonly extents: ExtentIndex;
  readonly rows: NamedRows;
  readonly segments: Segments;
  readonly padding: PaddingShare;
  readonly inlineBytes: number;
  /** Present if acknowledged commits are missing. */
  readonly loss: LogLoss | undefined;
  readonly leastMovedBytes: number;
}

/** The {@link Store} of one folder: who may write, collect and close when. */
export class LocalStore implements Store {
  readonly #parts: StoreParts;
  readonly #batches = new Set<Batch>();
  /** Of batches that have ended: what somebody still writes for them. */
  readonly #ending = new Set<Promise<void>>();
  #collection: GarbageCollection | undefined;
  /** Of those for whom no block may go. */
  readonly #holds = new Set<object>();
  #closing: Promise<void> | undefined;

  constructor(parts: StoreParts) {
    this.#parts = parts;
  }

  get records(): RecordTable {
    return this.#open().rows.records;
  }

  get refusal(): CloudError | undefined {
    return this.#open().database.refusal;
  }

  async acceptLoss(onKept: () => void): Promise<void> {
    const { database, extents, segments, loss } = this.#open();
    const { folder } = database;
    if (loss === undefined) {
      throw new CloudError("usage", `the store in ${folder} has all that was acknowledged`);
    }
    await keepTails(folder, segments.sizes, extents);
    onKept();
    await loss.accept();
  }

  async get(id: BlockId): Promise<Uint8Array> {
    return readBlock(this.#open(), id);
  }

  locate(id: BlockId): FilePlace | undefined {
    const { index, segments } = this.#open();
    const row = index.findSound(id);
    const place = row === undefined ? undefined : index.place(row);
    if (place === undefined || place === "unreadable") return undefined;
    if (place instanceof Uint8Array) return undefined;
    const { segment, offset, length } = place;
    return { path: segments.pathOf(segment), offset, length };
  }

  has(id: BlockId): boolean {
    return this.#open().index.findSound(id) !== undefined;
  }

  begin(): StoreBatch {
    const { index, segments, rows, inlineBytes, leastMovedBytes } = this.#open();
    const onEnd = (batch: Batch, committed: boolean): void => {
      this.#batches.delete(batch);
      if (committed) this.#collection?.keep(batch.protectedRows);
      const ending = batch.settled().then(() => {
        segments.release(batch);
        this.#ending.delete(ending);
      });
      this.#ending.add(ending);
    };
    const batch = new Batch({ index, segments, rows, inlineBytes, leastMovedBytes, onEnd });
    this.#batches.add(batch);
    return batch;
  }

  spaces(): SpaceId[] {
    return this.#open().rows.spaces();
  }

  heads(space: SpaceId): StoredHead[] {
    return this.#open().rows.heads(space);
  }

  headRecord(hash: Uint8Array): Uint8Array | undefined {
    return this.#open().rows.headRecord(hash);
  }

  /** All heads, settings and records, the heads' chains included. */
  rows(): StoreRows {
    return this.#open().rows.all();
  }

  /** Puts rows in the place of all heads, settings and records, durably and in one step. */
  replaceRows(all: StoreRows): void {
    const { index, rows } = this.#open();
    index.transaction(true, () => {
      rows.replaceAll(all);
    });
  }

  /**
   * Has no block go until it is called back: no collection begins.
   * @throws storage-busy, if one is under way
   */
  holdBlocks(): () => void {
    this.#open();
    if (this.#collection !== undefined) {
      throw new CloudError("storage-busy", "a collection of garbage is under way: try again later");
    }
    const hold = {};
    this.#holds.add(hold);
    return () => {
      this.#holds.delete(hold);
    };
  }

  setting(name: string, space?: SpaceId): Uint8Array | undefined {
    return this.#open().rows.setting(name, space);
  }

  usage(): StoreUsage {
    const { index, database, segments, padding } = this.#open();
    const { blocks, bytes: blockBytes, quarantined } = index.totals;
    return {
      blocks,
      blockBytes,
      paddingShare: padding.share,
      diskBytes: database.diskBytes() + segments.diskBytes(),
      quarantined,
    };
  }

  *ids(): Iterable<BlockId> {
    let last = 0;
    for (;;) {
      const rows = this.#open().index.sliceByRow(last, sliceRows);
      if (rows.length === 0) return;
      for (const { row, id } of rows) {
        last = row;
        yield id;
      }
    }
  }

  async check(options?: CheckOptions): Promise<CheckReport> {
    return checkStore(this.#open(), options);
  }

  collect(): Collection {
    const { database, index, extents, segments, leastMovedBytes } = this.#open();
    if (this.#collection !== undefined) {
      throw new CloudError("storage-busy", "a collection of garbage is under way already");
    }
    if (this.#holds.size > 0) {
      const message = "nothing can be freed while a backup is under way: try again when it is done";
      throw new CloudError("storage-busy", message);
    }
    const isProtected = (block: BlockRow): boolean => {
      for (const batch of this.#batches) if (batch.protects(block)) return true;
      return false;
    };
    const onEnd = (): void => {
      this.#collection = undefined;
    };
    const options = { database, index, extents, segments, leastMovedBytes, isProtected, onEnd };
    this.#collection = new GarbageCollection(options);
    return this.#collection;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { database, segments } = this.#parts;
    const collection = this.#collection;
    collection?.abandon();
    const batches = [...this.#batches];
    for (const batch of batches) batch.abandon();
    for (const batch of batches) await batch.settled();
    await Promise.all(this.#ending);
    await collection?.settled();
    await segments.close();
    database.close();
  }

  /** @throws unavailable, once it was closed. */
  #open(): StoreParts {
    if (this.#closing === undefined) return this.#parts;
    throw new CloudError(
      "unavailable",
      `the store in ${this.#parts.database.folder} was closed; start the node again`,
    );
  }
}
