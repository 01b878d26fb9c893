import { nextRecord, recordTime } from "../../blocks/content/next-record.ts";
import { decodeRecordLink, encodeLink, encodeRecordLink, type Link } from "../../blocks/link.ts";
import { decodeRecord, encodeRecord } from "../../blocks/record.ts";
import { sealInto } from "../../blocks/seal-into.ts";
import { CloudError, isCloudError } from "../../core/cloud-error.ts";
import { systemErrorWords } from "../../platform/system-error.ts";
import type { OpenSpace } from "../../space/open-space.ts";
import type { StoreBatch } from "../../store/store.ts";
import type { DiskThread } from "../disk/disk-threads.ts";
import type { Notes } from "../notes.ts";
import type { TransferParts } from "../parts.ts";
import { Slots } from "../slots.ts";
import {
  type SealedSource,
  type SourceItem,
  sealedSources,
  sourceColumns,
} from "../worker/item-columns.ts";
import { maxWholeFileBytes, type RangeResult, type SealKeys } from "../worker/seal-jobs.ts";
import {
  type FailedItem,
  itemPath,
  type OpenItem,
  type SealedItem,
  type SeenItem,
  showItem,
  shownAt,
} from "./import-item.ts";
import { type LargeFile, type LargeFilePort, sealLargeFile } from "./import-large.ts";

/** What one job takes of small files. */
const runBytes = 2 * 1024 * 1024;
const runItems = 256;
/** Sealed bytes that wait in memory before they go to the store. */
const flushBytes = 8 * 1024 * 1024;
/** Large files that are read side by side. */
const openLargeFiles = 2;

/** Who is told how a feed goes on. */
export interface FeedSink {
  /** Aborted: what is under way is given up. */
  readonly signal: AbortSignal;
  /** So many bytes of content were dealt with. */
  readonly onBytes: (bytes: number) => void;
  /** Some more things are sealed; their content is on its way to the batch. */
  readonly onSealed: (sealed: readonly Numbered<SealedItem>[]) => void;
}

/** Small things that one job takes. */
interface Run {
  readonly items: Numbered<OpenItem>[];
  bytes: number;
}

/** A thing under the number that whoever asked for it knows it by. */
export interface Numbered<Item> {
  readonly at: number;
  readonly item: Item;
}

/**
 * Has the workers read and seal what an import takes in, and hands the sealed blocks to a batch.
 *
 * Invariant: what is under way, sealed and not yet written is bounded, whatever the source holds.
 */
export class ImportFeed {
  readonly #disk: DiskThread;
  readonly #parts: TransferParts;
  readonly #notes: Notes;
  readonly #sink: FeedSink;
  #keys: SealKeys;
  readonly #jobs: Slots;
  readonly #large = new Slots(openLargeFiles);
  readonly #largePort: LargeFilePort = {
    range: (path, offset, length) => this.#jobs.run(() => this.#sealRange(path, offset, length)),
    sealIndex: (payload) => encodeLink(this.#seal("index", payload)),
    look: (path) => this.#disk.call("look", path),
  };
  #batch: StoreBatch;
  #staged = 0;
  /** By the user to whom things belong: a job packs records together, and those of others stay apart. */
  readonly #runs = new Map<number, Run>();
  #ended = false;

  constructor(parts: TransferParts, disk: DiskThread, notes: Notes, sink: FeedSink) {
    this.#disk = disk;
    this.#parts = parts;
    this.#notes = notes;
    this.#sink = sink;
    this.#jobs = new Slots(parts.pool.width);
    this.#keys = sealKeysOf(parts.space);
    this.#batch = parts.space.store.begin();
  }

  /** Where the blocks go until {@link next}. */
  get batch(): StoreBatch {
    return this.#batch;
  }

  /** Begins another batch, under the keys of the day. Nothing may be under way. */
  next(): void {
    this.#keys = sealKeysOf(this.#parts.space);
    this.#batch = this.#parts.space.store.begin();
    this.#staged = 0;
  }

  /**
   * Takes one thing in; what comes of it is told under its number, before {@link drain} resolves.
   * @throws what went wrong with the store or with a worker, of anything before
   */
  add(at: number, item: OpenItem): void {
    this.#jobs.check();
    const { kind, size, owner } = item.seen;
    if (kind === "file" && size > maxWholeFileBytes) {
      this.#large.begin(() => this.#sealLarge(at, item));
      return;
    }
    const run = this.#runs.get(owner) ?? { items: [], bytes: 0 };
    this.#runs.set(owner, run);
    run.items.push({ at, item });
    if (kind === "file") run.bytes += size;
    if (run.items.length < runItems && run.bytes < runBytes) return;
    this.#runs.delete(owner);
    this.#sealRun(run.items);
  }

  /** Resolves when all that was added is sealed and in the batch. @throws as {@link add} */
  async drain(): Promise<void> {
    for (const { items } of this.#runs.values()) this.#sealRun(items);
    this.#runs.clear();
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

  #sealRun(run: readonly Numbered<OpenItem>[]): void {
    this.#jobs.begin(async () => {
      this.#mustGoOn();
      const sources = await Promise.all(run.map(({ item }) => this.#source(item)));
      const items = sourceColumns(sources);
      const job = { type: "files", keys: this.#keys, items } as const;
      const { signal } = this.#sink;
      const sealed = await this.#parts.pool.run<"files">(job, { batch: this.#batch, signal });
      const outcomes = sealedSources(sealed.items);
      this.#sink.onSealed(
        run.map(({ at, item }, i) => {
          return { at, item: this.#settle(item, outcomes[i] as SealedSource) };
        }),
      );
      await this.#flush(runBytes);
    });
  }

  /** What a worker is told of an item; asked for late, since the record before may be large. */
  async #source(item: OpenItem): Promise<SourceItem> {
    const { kind, size, mtimeMs, ctimeMs, mode } = item.seen;
    const before = await this.#before(item);
    return { kind, path: itemPath(item.seen), size, mtimeMs, ctimeMs, mode, before };
  }

  /** The payload of the record that the drive shows at the place of an item. */
  async #before({ seen, entry }: OpenItem): Promise<Uint8Array | undefined> {
    const shown = shownAt(seen, entry);
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

  /** What became of a thing, told if that is not what was asked for. */
  #settle({ seen, inner, entry }: OpenItem, sealed: SealedSource): SealedItem {
    if (sealed.outcome === "failed") return this.#fail(seen, sealed.why);
    if (seen.kind === "file") this.#sink.onBytes(sealed.size);
    if (sealed.outcome === "same") {
      const shown = shownAt(seen, entry);
      return shown === undefined
        ? this.#fail(seen, "it was passed over")
        : { outcome: "same", seen, inner, ...shown };
    }
    const { link, record, unsteady } = sealed;
    if (unsteady) {
      this.#notes.add(`${showItem(seen)} changed while it was read: import it again once it rests`);
    }
    return { outcome: "put", seen, inner, entry, link, record, steady: !unsteady };
  }

  #fail(seen: SeenItem, why: string): FailedItem {
    this.#notes.fail("storage", `${showItem(seen)} can't be read: ${why}`);
    return { outcome: "failed", seen };
  }

  /** Told how many more bytes were sealed, about. */
  async #flush(bytes: number): Promise<void> {
    this.#staged += bytes;
    if (this.#staged < flushBytes) return;
    this.#staged = 0;
    await this.#batch.flush();
  }

  async #sealLarge(at: number, item: OpenItem): Promise<void> {
    this.#mustGoOn();
    const before = await this.#before(item);
    const { size, mtimeMs, ctimeMs, mode, inode: ino } = item.seen;
    const path = itemPath(item.seen);
    const file = await sealLargeFile(this.#largePort, { path, size, mtimeMs, ctimeMs, mode, ino });
    const sealed: SealedSource =
      "failed" in file
        ? { outcome: "failed", why: file.failed }
        : this.#sealLargeRecord(file, before);
    this.#sink.onSealed([{ at, item: this.#settle(item, sealed) }]);
  }

  #sealLargeRecord(file: LargeFile, before: Uint8Array | undefined): SealedSource {
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
    const record = this.#parts.space.primitives.sha256(payload);
    return { outcome: "put", link, record, size: 0, unsteady };
  }

  #seal(kind: "record" | "index", payload: Uint8Array): Link {
    return sealInto(this.#parts.space.sealer, this.#batch, kind, payload);
  }

  #mustGoOn(): void {
    if (this.#ended) throw new CloudError("cancelled", "the import was cancelled");
  }

  async #sealRange(path: string, offset: number, length: number): Promise<RangeResult> {
    this.#mustGoOn();
    const job = { type: "range", keys: this.#keys, path, offset, length } as const;
    const { signal } = this.#sink;
    const sealed = await this.#parts.pool.run<"range">(job, { batch: this.#batch, signal });
    if ("failed" in sealed) return sealed;
    await this.#flush(length);
    this.#sink.onBytes(sealed.bytesRead);
    return sealed;
  }
}

/** What the processes seal with now. */
export function sealKeysOf({ keys: { contentKey, boundaryKey }, sealer }: OpenSpace): SealKeys {
  return { contentKey, boundaryKey, compresses: sealer.compresses ?? true };
}
