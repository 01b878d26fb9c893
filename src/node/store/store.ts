import type { BlockGetter, BlockPutter, SealedBlock } from "../blocks/ports.ts";
import type { BlockId, WriterId } from "../core/ids.ts";

/** What a commit records beside its blocks, in the same transaction. */
export interface CommitRecords {
  /** The signed head of one writer, which refers only to blocks durable by this commit. */
  readonly head?: { readonly writer: WriterId; readonly bytes: Uint8Array };
  /** Rows of the settings table; `undefined` removes one. Never anything readable: seal it first. */
  readonly settings?: ReadonlyMap<string, Uint8Array | undefined>;
}

/**
 * Blocks on their way into the store. From `put` until the end of the batch no collection of
 * garbage takes them, whether or not the store had them before.
 */
export interface StoreBatch extends BlockPutter {
  /** Stages a block. A block that the store has (and that is not quarantined) costs no write. */
  put(block: SealedBlock): void;
  /** Writes what is staged so that memory stays bounded. Not yet durable, not yet referred to. */
  flush(): Promise<void>;
  /**
   * Writes the rest and the records in one transaction, after the segments are synced. Durable when
   * it resolves; on an error nothing of `records` is there and the batch is ended.
   * @throws storage-full, storage-read-only, storage
   */
  commit(records?: CommitRecords): Promise<void>;
  /** Ends the batch without records. Blocks already flushed are garbage for the next collection. */
  abandon(): void;
}

/** One run of garbage collection: mark all that is live, then sweep. */
export interface Collection {
  /** Marks a block as live. @returns whether it was unmarked before, so that walks can stop. */
  mark(id: BlockId): boolean;
  /**
   * Removes every block not marked, not put since the collection began and not in an open batch,
   * in small transactions beside running writes; then compacts segments that became mostly holes.
   */
  sweep(signal?: AbortSignal): Promise<{ freedBlocks: number; freedBytes: number }>;
  /** Ends the run without removing anything. */
  abandon(): void;
}

/** What {@link Store.check} found. */
export interface CheckReport {
  /** Blocks read and hashed. */
  readonly blocks: number;
  /** Blocks whose bytes are not what their hash says; now in quarantine. */
  readonly damaged: readonly BlockId[];
}

/**
 * The durable home of one data folder: SQLite for small blocks, index, heads and settings,
 * append-only segment files for large blocks. DESIGN §5. Everything in it is ciphertext or public.
 */
export interface Store extends BlockGetter {
  /**
   * The bytes of a block, hashed on every read. A bad one goes to quarantine.
   * @throws not-found; damaged, naming the CID.
   */
  get(id: BlockId): Promise<Uint8Array>;
  /** Whether a sound block is there. False for one in quarantine, so that a put repairs it. */
  has(id: BlockId): boolean;
  /** Opens a batch; any number may be open side by side. */
  begin(): StoreBatch;
  /** The latest head of each writer. */
  heads(): { readonly writer: WriterId; readonly bytes: Uint8Array }[];
  /** One row of the settings table. */
  setting(name: string): Uint8Array | undefined;
  /** Number of blocks, bytes of blocks, bytes on disk, blocks in quarantine. */
  usage(): { blocks: number; blockBytes: number; diskBytes: number; quarantined: number };
  /** Ids of all blocks, quarantined ones included, in the order of insertion. */
  ids(): Iterable<BlockId>;
  /** Reads and hashes every block. */
  check(options?: {
    signal?: AbortSignal;
    onProgress?: (done: number, total: number) => void;
  }): Promise<CheckReport>;
  /** Begins a collection of garbage. @throws storage-busy, if one is under way. */
  collect(): Collection;
  /** Ends open batches, checkpoints and closes the files. */
  close(): Promise<void>;
}
