import type { BlockGetter, BlockPutter, SealedBlock } from "../blocks/ports.ts";
import type { CloudError } from "../core/cloud-error.ts";
import type { BlockId, SpaceId, WriterId } from "../core/ids.ts";

/** The record of a signed head. */
export interface StoredHead {
  readonly space: SpaceId;
  readonly writer: WriterId;
  /** 1 or more; what was recorded under the same seq is replaced. */
  readonly seq: number;
  readonly bytes: Uint8Array;
}

/** A head to be recorded, and how much of its writer's chain stays below it. */
export interface HeadCommit extends StoredHead {
  /** The records of this writer in this space whose seq is smaller go. */
  readonly keepFrom: number;
}

/** A row of the settings table. Never anything readable: seal it first. */
export interface SettingRow {
  /** The space that it belongs to; absent: the data folder as a whole. */
  readonly space?: SpaceId;
  readonly name: string;
  /** `undefined` removes the row. */
  readonly value: Uint8Array | undefined;
}

/** What a commit records beside its blocks, in the same transaction. */
export interface CommitRecords {
  /** Refers only to blocks durable by this commit. */
  readonly head?: HeadCommit;
  /** The last head of the writer before, where another one goes on with `head`. */
  readonly retired?: HeadCommit;
  readonly settings?: readonly SettingRow[];
}

/** A block that somebody holds who doesn't hand it over yet. */
export interface HeldBlock {
  readonly id: BlockId;
  /** Bytes. */
  readonly length: number;
}

/** A piece of a file that is there, for some blocks of one length, nothing between one and the next. */
export interface Room {
  readonly path: string;
  readonly offset: number;
  readonly blocks: number;
}

/** Where another process writes blocks. Whoever has it says once how it ended. */
export interface Reservation {
  /** Those that the store lacks, by their place in what was asked, in the order to be written. */
  readonly wanted: Uint32Array;
  /** Each takes the next of them. */
  readonly rooms: readonly Room[];
  /** They are written, as they were asked about. */
  written(): void;
  /**
   * They are not: the batch fails.
   * @param mayStillWrite - who was to write them has not come to its end.
   * @returns what the batch fails with.
   */
  lost(error: Error, mayStillWrite?: boolean): Error;
}

/** Bytes of a block in a file of the store. */
export interface FilePlace {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

/**
 * Blocks on their way into the store. From `put` until the end of the batch no collection of
 * garbage takes them, whether or not the store had them before.
 */
export interface StoreBatch extends BlockPutter {
  /**
   * Stages a block. A block that the store has (and that is not quarantined) costs no write. The
   * bytes are taken to be what the id says: who has them from a stranger hashes them first.
   */
  put(block: SealedBlock): void;
  /**
   * Sets room aside for blocks that another process writes by itself, so that their bytes never pass
   * through this one. Until it says that they are written a commit waits.
   * @returns `undefined`: they are to be put; no room was set aside.
   * @throws as {@link commit}
   */
  reserve(blocks: readonly HeldBlock[]): Promise<Reservation | undefined>;
  /**
   * Writes what is staged so that memory stays bounded. Not yet durable, not yet referred to, and
   * what {@link Store.get} finds of it is not said before the commit. May leave the last few MiB on
   * their way, so that the caller works while the disk does. An error ends the batch.
   */
  flush(): Promise<void>;
  /** Writes all that is staged, so that {@link Store.get} finds it. Not yet durable. */
  makeReadable(): Promise<void>;
  /**
   * Writes the rest and the records in one transaction, after the segments are synced. Durable when
   * it resolves; on an error nothing of `records` is there and the batch is ended.
   * @throws storage-full, storage-read-only, storage
   */
  commit(records?: CommitRecords): Promise<void>;
  /**
   * Takes over all that another open batch of the same store put, which ends. So content that was
   * staged for itself becomes durable by the commit that refers to it, and is safe until then:
   * committed on its own it would be garbage to a collection that begins in between.
   * @throws what a flush of the other failed with
   */
  absorb(other: StoreBatch): Promise<void>;
  /** Ends the batch without records. Blocks already flushed are garbage for the next collection. */
  abandon(): void;
}

/** One run of garbage collection: mark all that is live, then sweep. */
export interface Collection {
  /**
   * Marks a block as live. A mark says nothing about the blocks it links to.
   * @returns whether it was unmarked before, so that walks can stop; true for one not in the store.
   */
  mark(id: BlockId): boolean;
  /**
   * Removes every block not marked, not put since the collection began and not in an open batch,
   * in small transactions beside running writes; then compacts segments that became mostly holes.
   * Ends the run, however it goes.
   * @throws cancelled, if `signal` said so; what was removed until then stays removed.
   */
  sweep(signal?: AbortSignal): Promise<{ freedBlocks: number; freedBytes: number }>;
  /**
   * Counts what a sweep would remove at this moment. Ends the run.
   * @throws cancelled, if `signal` said so
   */
  measure(signal?: AbortSignal): Promise<{ freedBlocks: number; freedBytes: number }>;
  /** Ends the run without removing anything; a sweep under way ends as if cancelled. */
  abandon(): void;
}

/** What {@link Store.check} found. */
export interface CheckReport {
  /** Blocks read and hashed. */
  readonly blocks: number;
  /** Blocks whose bytes are not what their hash says; now in quarantine. */
  readonly damaged: readonly BlockId[];
  /**
   * Sentences on what is wrong with the database itself: what it says in two places that don't agree.
   * Empty if it is sound; at most 101, the last one tells how many more there are.
   */
  readonly problems: readonly string[];
}

/**
 * A table of small public records by name, for Helia's datastore. Nothing secret belongs here, and
 * nothing that a person wrote.
 */
export interface RecordTable {
  get(name: string): Uint8Array | undefined;
  /** Rows whose name begins with `prefix`, sorted by name, as they were when asked for. */
  entries(prefix: string): Iterable<readonly [name: string, value: Uint8Array]>;
  /** Sets rows, or removes those with `undefined`, in one transaction. @throws as commit does */
  write(rows: ReadonlyMap<string, Uint8Array | undefined>): void;
}

/** What a store holds and takes. */
export interface StoreUsage {
  readonly blocks: number;
  /** Of all blocks together. */
  readonly blockBytes: number;
  /** What part of them is padding, about, from 0 to 1. */
  readonly paddingShare: number;
  readonly diskBytes: number;
  /** Blocks in quarantine, and those that could not be read since the store was opened. */
  readonly quarantined: number;
}

/**
 * The durable home of one data folder: SQLite for small blocks, index, heads and settings,
 * append-only segment files for large blocks. DESIGN §5. Everything in it is ciphertext or public.
 */
export interface Store extends BlockGetter {
  /**
   * Why nothing can be written and every commit fails, in words for the user; `undefined`: it can be.
   * The disk is read-only, or acknowledged commits were lost with the database's log.
   */
  readonly refusal: CloudError | undefined;
  /** Helia's own records. */
  readonly records: RecordTable;
  /**
   * The bytes of a block, hashed on every read. A bad one goes to quarantine until its bytes are
   * right again; one that can't be read is as if it were missing until it can.
   * @throws not-found; damaged, naming the CID.
   */
  get(id: BlockId): Promise<Uint8Array>;
  /**
   * Where another process finds a block. It may be moved or gone by then, and nobody has looked at
   * the bytes: who reads them hashes them, and if they are wrong asks {@link get}.
   * @returns `undefined` if there is no such place: then ask {@link get}.
   */
  locate(id: BlockId): FilePlace | undefined;
  /** Whether a sound block is there. False for one in quarantine, so that a put repairs it. */
  has(id: BlockId): boolean;
  /** Opens a batch; any number may be open side by side. */
  begin(): StoreBatch;
  /** The spaces of which there are heads. */
  spaces(): SpaceId[];
  /** The latest head of each writer of a space, by writer. */
  heads(space: SpaceId): StoredHead[];
  /** The record of a head, the latest or one below it in its chain. @param hash - its SHA-256. */
  headRecord(hash: Uint8Array): Uint8Array | undefined;
  /** One row of the settings table: of a space, or of the data folder as a whole. */
  setting(name: string, space?: SpaceId): Uint8Array | undefined;
  usage(): StoreUsage;
  /** Ids of all blocks, quarantined ones included, in the order of insertion. */
  ids(): Iterable<BlockId>;
  /** Reads and hashes every block, and compares all that the index says in two places. */
  check(options?: {
    signal?: AbortSignal;
    onProgress?: (done: number, total: number) => void;
  }): Promise<CheckReport>;
  /** Begins a collection of garbage. @throws storage-busy, if one is under way. */
  collect(): Collection;
  /**
   * Lets a store that has lost acknowledged commits go on without them the next time it is opened.
   * What lies in segments beyond them is copied into the folder `lost` first.
   * @param onKept - called before it is final: has to see to it that no writer signs the numbers again
   * that it signed before.
   * @throws usage, if nothing is missing; storage-full, storage
   */
  acceptLoss(onKept: () => void): Promise<void>;
  /** Ends open batches, checkpoints and closes the files. */
  close(): Promise<void>;
}
