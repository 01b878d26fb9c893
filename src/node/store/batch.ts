import { setImmediate as nextTurn } from "node:timers/promises";
import type { SealedBlock } from "../blocks/ports.ts";
import { compareBytes } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import type { BlockId } from "../core/ids.ts";
import { Turns } from "../core/turns.ts";
import type { BlockIndex, BlockRow, Extent, Place } from "./block-index.ts";
import { Filling, nothingWanted, type WantedBlock } from "./filling.ts";
import { leastMovedBlockBytes } from "./move-out.ts";
import type { NamedRows } from "./named-rows.ts";
import { RowSet } from "./row-set.ts";
import type { Segments } from "./segments.ts";
import type { CommitRecords, HeldBlock, Reservation, StoreBatch } from "./store.ts";

/** What one transaction takes while others wait for the event loop: some 3 ms. */
const sliceBlocks = 128;
const sliceBytes = 512 * 1024;
/** So little of large blocks goes into the database, where a segment would cost a second sync. */
const maxBriefBytes = 64 * 1024;
/** Blocks that wait for their row; more are entered by a flush. */
const maxUnentered = 4096;
/** Bytes of small blocks that wait, so that many are written at once, in an order that tells nothing. */
const windowBytes = 8 * 1024 * 1024;

/** What a batch needs of its store. */
export interface BatchOptions {
  readonly index: BlockIndex;
  readonly segments: Segments;
  readonly rows: NamedRows;
  /** Blocks longer than so many bytes go to a segment. */
  readonly inlineBytes: number;
  /** Small blocks that together have so many bytes go to a segment too. */
  readonly leastMovedBytes: number;
  /** Told once that the batch protects nothing any more. */
  readonly onEnd: (batch: Batch, committed: boolean) => void;
}

interface Entry {
  readonly id: BlockId;
  readonly place: Place;
}

function byHash(a: Entry, b: Entry): number {
  return compareBytes(a.id, b.id);
}

/** Blocks in the order of their hashes, as many together as one transaction takes. */
function slicesOf(entries: readonly Entry[]): Entry[][] {
  const slices: Entry[][] = [];
  let bytes = Infinity;
  for (const entry of [...entries].sort(byHash)) {
    const slice = slices.at(-1);
    const inlineBytes = entry.place instanceof Uint8Array ? entry.place.length : 0;
    if (slice === undefined || slice.length >= sliceBlocks || bytes >= sliceBytes) {
      slices.push([entry]);
      bytes = inlineBytes;
    } else {
      slice.push(entry);
      bytes += inlineBytes;
    }
  }
  return slices;
}

/** One string for each hash; cheaper than hexadecimal. */
function keyOf(id: BlockId): string {
  return Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString("latin1");
}

/**
 * Blocks on their way in: small ones wait in memory for a transaction, large ones are appended to a
 * segment and then wait for the transaction that enters them in the index.
 *
 * In what order things came is not to be seen in what was written: rows are entered in the order of
 * hashes, bytes are appended in the order of lengths. So a file is not known by its chunks' lengths
 * one after the other. Blocks of one length stay in the order in which they are read.
 *
 * Invariants:
 * 1. A row that a put found, or that the batch wrote, is in `protectedRows` until the end.
 * 2. Extents are entered only after a sync that began when their append was done, or their room was
 *    filled.
 * 3. A commit's records are in the last transaction, which is durable.
 * 4. Nothing is entered after the end.
 */
export class Batch implements StoreBatch {
  /** Rows that the batch found or wrote: no collection of garbage may take them. */
  readonly protectedRows = new RowSet();
  readonly #options: BatchOptions;
  readonly #small = new Map<string, SealedBlock>();
  #smallBytes = 0;
  /** Large blocks on their way to the index, so that a second put of one costs nothing. */
  readonly #large = new Set<string>();
  #unwritten: SealedBlock[] = [];
  #appending: Promise<void> = Promise.resolve();
  #appends = 0;
  readonly #filling: Filling;
  #unentered: Entry[] = [];
  /** Of flushes and the commit. */
  readonly #turns = new Turns();
  #state: "open" | "committing" | "ended" = "open";
  #failure: Error | undefined;

  constructor(options: BatchOptions) {
    this.#options = options;
    this.#filling = new Filling(options.segments, this);
  }

  put(block: SealedBlock): void {
    this.#mustBeOpen();
    const key = keyOf(block.id);
    if (this.#isThere(block.id, key)) return;
    if (block.bytes.length <= this.#options.inlineBytes) {
      this.#small.set(key, block);
      this.#smallBytes += block.bytes.length;
    } else {
      this.#large.add(key);
      this.#unwritten.push(block);
    }
  }

  async reserve(blocks: readonly HeldBlock[]): Promise<Reservation | undefined> {
    this.#mustBeOpen();
    const wanted: WantedBlock[] = [];
    const keys = new Set<string>();
    let length = 0;
    for (const [number, block] of blocks.entries()) {
      const key = keyOf(block.id);
      if (keys.has(key) || this.#isThere(block.id, key)) continue;
      keys.add(key);
      wanted.push({ ...block, number });
      length += block.length;
    }
    if (wanted.length === 0) return nothingWanted;
    if (length <= maxBriefBytes) return undefined;
    for (const key of keys) this.#large.add(key);
    return this.#filling.reserve(wanted, {
      onWritten: (filled) => {
        if (this.#state !== "ended") this.#unentered.push(...filled);
      },
      onLost: (error) => {
        this.#fail(error);
      },
    });
  }

  async flush(): Promise<void> {
    this.#mustBeOpen();
    await this.#inTurn(async () => {
      const earlier = this.#appending;
      if (this.#smallBytes >= windowBytes) this.#moveOut();
      this.#append();
      if (this.#small.size >= maxUnentered) await this.#enterAll(this.#takeSmall());
      await earlier;
      if (this.#unentered.length >= maxUnentered) await this.#enterLarge();
    });
  }

  async makeReadable(): Promise<void> {
    this.#mustBeOpen();
    await this.#inTurn(async () => {
      if (this.#smallBytes >= this.#options.leastMovedBytes) this.#moveOut();
      this.#append();
      await this.#enterAll(this.#takeSmall());
      await this.#appending;
      await this.#filled();
      if (this.#unentered.length > 0) await this.#enterLarge();
    });
  }

  async commit(records: CommitRecords = {}): Promise<void> {
    this.#mustBeOpen();
    this.#state = "committing";
    try {
      if (this.#appends === 0 && this.#turns.isIdle) this.#takeBrief();
      if (this.#needsOneTransaction()) this.#finish(this.#takeSmall(), records);
      else await this.#inTurn(() => this.#commitInSlices(records));
    } catch (error) {
      this.#end(false);
      throw error;
    }
    this.#end(true);
  }

  async absorb(other: StoreBatch): Promise<void> {
    if (!(other instanceof Batch) || other === this) {
      throw new CloudError("usage", "a batch takes over only another batch of its store");
    }
    await other.#turns.settled();
    await other.#appending;
    await other.#filled();
    this.#mustBeOpen();
    other.#mustBeOpen();
    this.protectedRows.addAll(other.protectedRows);
    for (const [key, block] of other.#small) {
      if (this.#small.has(key)) continue;
      this.#small.set(key, block);
      this.#smallBytes += block.bytes.length;
    }
    for (const key of other.#large) this.#large.add(key);
    this.#unwritten.push(...other.#unwritten);
    this.#unentered.push(...other.#unentered);
    this.#options.segments.share(other, this);
    other.#end(false);
  }

  abandon(): void {
    if (this.#state === "open") this.#end(false);
  }

  /** Whether a collection must leave this block: also one that another batch wrote meanwhile. */
  protects({ row, id }: BlockRow): boolean {
    if (this.protectedRows.has(row)) return true;
    const key = keyOf(id);
    return this.#small.has(key) || this.#large.has(key);
  }

  /** Resolves when nothing of the batch is under way. */
  async settled(): Promise<void> {
    await this.#turns.settled();
    await this.#appending.catch(() => undefined);
    await this.#filling.settled();
  }

  /** Whether a block need not be staged: the store has it, and keeps it, or it is on its way. */
  #isThere(id: BlockId, key: string): boolean {
    const row = this.#options.index.findSound(id);
    if (row !== undefined) this.protectedRows.add(row);
    return row !== undefined || this.#small.has(key) || this.#large.has(key);
  }

  /** Resolves when nobody fills room any more. @throws what the first of them failed with */
  async #filled(): Promise<void> {
    await this.#filling.settled();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Keeps large blocks out of segments where a save has only a few, such as nodes of a map. */
  #takeBrief(): void {
    const bytes = this.#unwritten.reduce((sum, block) => sum + block.bytes.length, 0);
    if (bytes === 0 || bytes > maxBriefBytes || this.#unentered.length > 0) return;
    for (const block of this.#unwritten.splice(0)) {
      const key = keyOf(block.id);
      this.#large.delete(key);
      this.#small.set(key, block);
    }
    this.#smallBytes += bytes;
  }

  #needsOneTransaction(): boolean {
    const nothingLarge =
      this.#unwritten.length === 0 && this.#appends === 0 && this.#filling.isIdle;
    const fits = this.#small.size <= sliceBlocks && this.#smallBytes <= sliceBytes;
    return this.#turns.isIdle && nothingLarge && this.#unentered.length === 0 && fits;
  }

  async #commitInSlices(records: CommitRecords): Promise<void> {
    if (this.#smallBytes >= this.#options.leastMovedBytes) this.#moveOut();
    this.#append();
    await this.#appending;
    await this.#filled();
    if (this.#unentered.length > 0) await this.#options.segments.sync();
    const slices = slicesOf([...this.#takeSmall(), ...this.#unentered.splice(0)]);
    const last = slices.pop() ?? [];
    await this.#enterSlices(slices);
    this.#finish(last, records);
  }

  /** The durable transaction: what is left, and the records. */
  #finish(entries: readonly Entry[], records: CommitRecords): void {
    const { index, rows } = this.#options;
    if (entries.length === 0 && records.head === undefined && records.settings === undefined) {
      index.sync();
      return;
    }
    index.transaction(true, () => {
      this.#enter([...entries].sort(byHash));
      if (records.retired !== undefined) rows.setHead(records.retired);
      if (records.head !== undefined) rows.setHead(records.head);
      if (records.settings !== undefined) rows.setSettings(records.settings);
    });
  }

  /** Has small blocks go to a segment too, where one follows the other and no page is left half empty. */
  #moveOut(): void {
    for (const [key, block] of this.#small) {
      if (block.bytes.length < leastMovedBlockBytes) continue;
      this.#small.delete(key);
      this.#smallBytes -= block.bytes.length;
      this.#large.add(key);
      this.#unwritten.push(block);
    }
  }

  /** Hands the large blocks staged so far to the segments. */
  #append(): void {
    if (this.#unwritten.length === 0) return;
    const blocks = this.#unwritten.sort((a, b) => a.bytes.length - b.bytes.length);
    this.#unwritten = [];
    this.#appends += 1;
    const earlier = this.#appending;
    const parts = blocks.map(({ bytes }) => bytes);
    const append = this.#options.segments.append(parts, this).then(async (extents) => {
      await earlier;
      for (const [i, { id }] of blocks.entries()) {
        this.#unentered.push({ id, place: extents[i] as Extent });
      }
      this.#appends -= 1;
    });
    append.catch(() => undefined); // whoever awaits `appending` gets it
    this.#appending = append;
  }

  async #enterLarge(): Promise<void> {
    const written = this.#unentered.splice(0); // appends that end meanwhile may miss this sync
    await this.#options.segments.sync();
    this.#mustGoOn();
    await this.#enterAll(written);
  }

  /** Enters blocks in transactions of their own. */
  async #enterAll(entries: readonly Entry[]): Promise<void> {
    await this.#enterSlices(slicesOf(entries));
  }

  async #enterSlices(slices: readonly (readonly Entry[])[]): Promise<void> {
    for (const slice of slices) {
      this.#options.index.transaction(false, () => {
        this.#enter(slice);
      });
      await nextTurn();
      this.#mustGoOn();
    }
  }

  #enter(entries: readonly Entry[]): void {
    for (const { id, place } of entries) {
      this.protectedRows.add(this.#options.index.insert(id, place));
      const key = keyOf(id);
      this.#large.delete(key);
      if (this.#small.delete(key)) this.#smallBytes -= place.length;
    }
  }

  /** The small blocks, which stay staged until they are entered. */
  #takeSmall(): Entry[] {
    return Array.from(this.#small.values(), ({ id, bytes: place }) => ({ id, place }));
  }

  /** One flush or commit after the other; an error ends the batch. */
  async #inTurn(work: () => Promise<void>): Promise<void> {
    await this.#turns.take(async () => {
      if (this.#failure !== undefined) throw this.#failure;
      try {
        await work();
      } catch (error) {
        this.#fail(error);
        throw error;
      }
    });
  }

  #fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(String(error));
    if (this.#state === "open") this.#end(false);
  }

  #mustBeOpen(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#state !== "open") throw new CloudError("usage", "the batch has ended");
  }

  /** Asked after every wait: once the batch is abandoned its segments may go at any time. */
  #mustGoOn(): void {
    if (this.#state === "ended") throw new CloudError("cancelled", "the batch was abandoned");
  }

  #end(committed: boolean): void {
    this.#state = "ended";
    this.#small.clear();
    this.#unwritten = [];
    this.#unentered = [];
    this.#large.clear();
    this.#options.onEnd(this, committed);
  }
}
