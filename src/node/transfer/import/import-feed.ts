import { nextRecord, recordTime } from "../../blocks/content/next-record.ts";
import { decodeRecordLink, encodeLink, encodeRecordLink, type Link } from "../../blocks/link.ts";
import { decodeRecord, encodeRecord } from "../../blocks/record.ts";
import { sealInto } from "../../blocks/seal-into.ts";
import { CloudError, isCloudError } from "../../core/cloud-error.ts";
import { asBlockId } from "../../core/ids.ts";
import { systemErrorWords } from "../../platform/system-error.ts";
import type { StoreBatch } from "../../store/store.ts";
import { isLive } from "../../tree/entry.ts";
import { shownContent } from "../../tree/lookup.ts";
import type { Notes } from "../notes.ts";
import type { TransferParts } from "../parts.ts";
import { Slots } from "../slots.ts";
import {
  type SealedItem,
  type SourceItem,
  sealedItems,
  sourceColumns,
} from "../worker/item-columns.ts";
import {
  maxWholeFileBytes,
  type RangeResult,
  type SealedBlocks,
  type SealKeys,
} from "../worker/seal-jobs.ts";
import { type LargeFile, type LargeFilePort, sealLargeFile } from "./import-large.ts";
import { type ImportItem, itemPath, showItem } from "./import-walk.ts";

/** What one job takes of small files. */
const runBytes = 4 * 1024 * 1024;
const runItems = 512;
/** Sealed bytes that wait in memory before they go to the store. */
const flushBytes = 8 * 1024 * 1024;
/** Large files that are read side by side. */
const openLargeFiles = 2;

/** Who is told how a feed goes on. */
export interface FeedSink {
  /** So many bytes of content were dealt with. */
  readonly onBytes: (bytes: number) => void;
  /** The outcome of some more things stands in them. */
  readonly onSettled: () => void;
}

/**
 * Has the workers read and seal what an import takes in, and hands the sealed blocks to a batch.
 *
 * Invariant: what is under way, sealed and not yet written is bounded, whatever the source holds.
 */
export class ImportFeed {
  readonly #parts: TransferParts;
  readonly #notes: Notes;
  readonly #sink: FeedSink;
  readonly #keys: SealKeys;
  readonly #jobs: Slots;
  readonly #large = new Slots(openLargeFiles);
  readonly #largePort: LargeFilePort = {
    range: (path, offset, length) => this.#jobs.run(() => this.#sealRange(path, offset, length)),
    sealIndex: (payload) => encodeLink(this.#seal("index", payload)),
  };
  #batch: StoreBatch;
  #staged = 0;
  #run: ImportItem[] = [];
  #runBytes = 0;
  #ended = false;

  constructor(parts: TransferParts, notes: Notes, sink: FeedSink) {
    this.#parts = parts;
    this.#notes = notes;
    this.#sink = sink;
    this.#jobs = new Slots(parts.pool.width);
    const { contentKey, boundaryKey } = parts.space.writer;
    // Copies: a view would take with it whatever else its buffer holds.
    this.#keys = {
      contentKey: contentKey.slice() as SealKeys["contentKey"],
      boundaryKey: boundaryKey.slice() as SealKeys["boundaryKey"],
    };
    this.#batch = parts.space.store.begin();
  }

  /** Where the blocks go until {@link next}. */
  get batch(): StoreBatch {
    return this.#batch;
  }

  /** Begins another batch. Nothing may be under way. */
  next(): void {
    this.#batch = this.#parts.space.store.begin();
    this.#staged = 0;
  }

  /**
   * Takes one thing in. Its outcome stands in it once {@link drain} resolved.
   * @throws what went wrong with the store or with a worker, of anything before
   */
  add(item: ImportItem): void {
    this.#jobs.check();
    if (item.kind === "file" && item.size > maxWholeFileBytes) {
      this.#large.begin(() => this.#sealLarge(item));
      return;
    }
    this.#run.push(item);
    if (item.kind === "file") this.#runBytes += item.size;
    if (this.#run.length >= runItems || this.#runBytes >= runBytes) this.#sealRun();
  }

  /** Resolves when all that was added is sealed and in the batch. @throws as {@link add} */
  async drain(): Promise<void> {
    if (this.#run.length > 0) this.#sealRun();
    await this.#large.drain();
    await this.#jobs.drain();
  }

  /** Waits for what is under way, then abandons the batch. */
  async abandon(): Promise<void> {
    this.#ended = true;
    await this.#large.settle();
    await this.#jobs.settle();
    this.#batch.abandon();
  }

  #sealRun(): void {
    const run = this.#run;
    this.#run = [];
    this.#runBytes = 0;
    this.#jobs.begin(async () => {
      this.#mustGoOn();
      const items = sourceColumns(await Promise.all(run.map((item) => this.#source(item))));
      const job = { type: "files", keys: this.#keys, items } as const;
      const sealed = await this.#parts.pool.run<"files">(job);
      const outcomes = sealedItems(sealed.items);
      run.forEach((item, i) => {
        this.#settle(item, outcomes[i] as SealedItem);
      });
      this.#sink.onSettled();
      await this.#store(sealed);
    });
  }

  /** What a worker is told of an item; asked for late, since the record before may be large. */
  async #source(item: ImportItem): Promise<SourceItem> {
    const { kind, size, mtimeMs, ctimeMs, mode } = item;
    const before = await this.#before(item);
    return { kind, path: itemPath(item), size, mtimeMs, ctimeMs, mode, before };
  }

  /** The payload of the record that the drive shows at the place of an item. */
  async #before({ entry, kind }: ImportItem): Promise<Uint8Array | undefined> {
    if (entry?.kind !== kind || !isLive(entry)) return undefined;
    const shown = shownContent(entry);
    if (shown === undefined) return undefined;
    try {
      // A copy: a view would take the whole pack with it.
      return (await this.#parts.content.recordPayload(decodeRecordLink(shown.link))).slice();
    } catch (error) {
      // What the drive lost is taken in anew.
      if (isCloudError(error, "damaged", "not-found")) return undefined;
      throw error;
    }
  }

  /** Notes what became of an item. */
  #settle(item: ImportItem, sealed: SealedItem): void {
    item.outcome = sealed.outcome;
    if (sealed.outcome === "failed") {
      this.#notes.fail("storage", `${showItem(item)} can't be read: ${sealed.why}`);
      return;
    }
    if (item.kind === "file") this.#sink.onBytes(sealed.size);
    if (sealed.outcome === "same") {
      item.link = item.entry === undefined ? undefined : shownContent(item.entry)?.link;
      return;
    }
    item.link = sealed.link;
    if (!sealed.unsteady) return;
    item.steady = false;
    this.#notes.add(`${showItem(item)} changed while it was read: import it again once it rests`);
  }

  async #store({ ids, blocks }: SealedBlocks): Promise<void> {
    blocks.forEach((bytes, i) => {
      this.#batch.put({ id: asBlockId(ids.subarray(i * 32, (i + 1) * 32)), bytes });
      this.#staged += bytes.length;
    });
    if (this.#staged < flushBytes) return;
    this.#staged = 0;
    await this.#batch.flush();
  }

  async #sealLarge(item: ImportItem): Promise<void> {
    this.#mustGoOn();
    const before = await this.#before(item);
    const { size, mtimeMs, ctimeMs, mode, inode: ino } = item;
    const path = itemPath(item);
    const file = await sealLargeFile(this.#largePort, { path, size, mtimeMs, ctimeMs, mode, ino });
    if ("failed" in file) {
      this.#settle(item, { outcome: "failed", why: file.failed });
      return;
    }
    this.#settle(item, this.#sealLargeRecord(file, before));
    this.#sink.onSettled();
  }

  #sealLargeRecord(file: LargeFile, before: Uint8Array | undefined): SealedItem {
    const { size, mode, content, unsteady } = file;
    let payload: Uint8Array;
    try {
      const asked = { size, mtime: recordTime(file.mtimeMs), mode, content };
      const next = nextRecord(asked, before && decodeRecord(before));
      if (next === undefined) return { outcome: "same", size: 0 };
      payload = encodeRecord(next);
    } catch (error) {
      return { outcome: "failed", why: systemErrorWords(error) };
    }
    const link = encodeRecordLink(this.#seal("record", payload));
    return { outcome: "put", link, size: 0, unsteady };
  }

  #seal(kind: "record" | "index", payload: Uint8Array): Link {
    return sealInto(this.#parts.space.writer, this.#batch, kind, payload);
  }

  #mustGoOn(): void {
    if (this.#ended) throw new CloudError("cancelled", "the import was cancelled");
  }

  async #sealRange(path: string, offset: number, length: number): Promise<RangeResult> {
    this.#mustGoOn();
    const job = { type: "range", keys: this.#keys, path, offset, length } as const;
    const sealed = await this.#parts.pool.run<"range">(job);
    if ("failed" in sealed) return sealed;
    await this.#store(sealed);
    this.#sink.onBytes(sealed.bytesRead);
    return sealed;
  }
}
