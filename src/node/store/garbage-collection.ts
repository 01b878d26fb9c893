import { setImmediate as nextTurn } from "node:timers/promises";
import { CloudError } from "../core/cloud-error.ts";
import type { BlockId } from "../core/ids.ts";
import type { BlockIndex, BlockRow } from "./block-index.ts";
import { compactSegments } from "./compaction.ts";
import type { Database } from "./database.ts";
import type { ExtentIndex } from "./extent-index.ts";
import { moveBlocksOut } from "./move-out.ts";
import { RowSet } from "./row-set.ts";
import type { Segments } from "./segments.ts";
import type { Collection } from "./store.ts";

/** Rows looked at in one turn of the event loop, and removed in one transaction: at most some 10 ms. */
const sliceRows = 64;
/** Pages moved in one turn: some 2 ms. */
const slicePages = 64;
/** Free pages that are not worth moving others for. */
const fewPages = 64;

/** What a collection needs of its store. */
export interface CollectionOptions {
  readonly database: Database;
  readonly index: BlockIndex;
  readonly extents: ExtentIndex;
  readonly segments: Segments;
  /** Bytes of blocks in the database from which they are moved into a segment. */
  readonly leastMovedBytes: number;
  /** Whether an open batch protects a block. */
  readonly isProtected: (block: BlockRow) => boolean;
  /** Told once that the collection is over. */
  readonly onEnd: () => void;
}

/**
 * One collection of garbage: marks by row, then sweeps.
 *
 * Invariants:
 * 1. A mark and a protection are two things: a block that was put again is kept, but a walk that
 *    meets it must still go on to what it links to.
 * 2. Whether a row is kept is asked in the turn in which it is removed, so a put either found it
 *    before, and then it is protected, or finds it gone and writes it.
 * 3. Rows are gone durably before their segment is.
 */
export class GarbageCollection implements Collection {
  readonly #options: CollectionOptions;
  readonly #marked = new RowSet();
  readonly #kept = new RowSet();
  #state: "marking" | "sweeping" | "ended" = "marking";
  #stopping = false;
  #settled: Promise<unknown> = Promise.resolve();

  constructor(options: CollectionOptions) {
    this.#options = options;
  }

  mark(id: BlockId): boolean {
    this.#mustBeMarking();
    const row = this.#options.index.find(id);
    return row === undefined || this.#marked.add(row);
  }

  /** Keeps rows of a batch that was committed meanwhile. */
  keep(rows: RowSet): void {
    this.#kept.addAll(rows);
  }

  async sweep(signal?: AbortSignal): Promise<{ freedBlocks: number; freedBytes: number }> {
    this.#mustBeMarking();
    this.#state = "sweeping";
    const sweep = this.#sweep(signal);
    this.#settled = sweep.catch(() => undefined);
    return sweep;
  }

  async measure(signal?: AbortSignal): Promise<{ freedBlocks: number; freedBytes: number }> {
    this.#mustBeMarking();
    this.#state = "sweeping";
    const { index } = this.#options;
    const measured = this.#eachDead(this.#mayGoOn(signal), (dead) =>
      dead.reduce((bytes, { row }) => bytes + index.lengthOf(row), 0),
    );
    this.#settled = measured.catch(() => undefined);
    return measured.finally(() => {
      this.#end();
    });
  }

  abandon(): void {
    if (this.#state === "marking") this.#end();
    else this.#stopping = true;
  }

  /** Resolves when nothing of the collection is under way. */
  async settled(): Promise<void> {
    await this.#settled;
  }

  async #sweep(signal?: AbortSignal): Promise<{ freedBlocks: number; freedBytes: number }> {
    const mayGoOn = this.#mayGoOn(signal);
    const { index, extents, segments, leastMovedBytes } = this.#options;
    try {
      const freed = await this.#eachDead(mayGoOn, (dead) => index.remove(dead));
      await compactSegments({ index, extents, segments, mayGoOn });
      await moveBlocksOut({ index, segments, leastMovedBytes, mayGoOn });
      await this.#shrinkDatabase(mayGoOn);
      return freed;
    } finally {
      this.#end();
    }
  }

  /** Throws once the collection is to end. */
  #mayGoOn(signal: AbortSignal | undefined): () => void {
    return () => {
      if (signal?.aborted === true || this.#stopping) {
        throw new CloudError("cancelled", "the collection of garbage was cancelled");
      }
    };
  }

  /** Hands over what nothing needs, slice by slice. @param take - returns the bytes of a slice. */
  async #eachDead(
    mayGoOn: () => void,
    take: (dead: readonly BlockRow[]) => number,
  ): Promise<{ freedBlocks: number; freedBytes: number }> {
    const { index, isProtected } = this.#options;
    let freedBlocks = 0;
    let freedBytes = 0;
    let last: BlockId | undefined;
    for (;;) {
      mayGoOn();
      const slice = index.sliceByHash(last, sliceRows);
      last = slice.at(-1)?.id;
      if (last === undefined) return { freedBlocks, freedBytes };
      const dead = slice.filter(
        (block) =>
          !this.#marked.has(block.row) && !this.#kept.has(block.row) && !isProtected(block),
      );
      if (dead.length > 0) freedBytes += take(dead);
      freedBlocks += dead.length;
      await nextTurn();
    }
  }

  async #shrinkDatabase(mayGoOn: () => void): Promise<void> {
    const { database } = this.#options;
    let free = database.pragma("freelist_count");
    if (free <= fewPages) free = 0;
    while (free > 0) {
      const before = free;
      free = database.vacuumSlice(slicePages);
      if (free >= before) break; // others use up and free pages meanwhile, or it can't be vacuumed
      await nextTurn();
      mayGoOn();
    }
    database.truncateLog();
  }

  #mustBeMarking(): void {
    if (this.#state === "marking") return;
    throw new CloudError("usage", "the collection of garbage has ended");
  }

  #end(): void {
    this.#state = "ended";
    this.#options.onEnd();
  }
}
