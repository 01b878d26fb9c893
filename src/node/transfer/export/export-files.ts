import { dirname } from "node:path";
import { decodeRecordLink, type EncodedLinks, type EncodedRecordLink } from "../../blocks/link.ts";
import {
  chunkBytes,
  chunkCount,
  decodeLinks,
  encodeLinks,
  topLinks,
  type VersionRecord,
} from "../../blocks/record.ts";
import { CloudError } from "../../core/cloud-error.ts";
import { IdMap } from "../../core/id-map.ts";
import type { BlockId } from "../../core/ids.ts";
import type { DiskThread } from "../disk/disk-threads.ts";
import {
  type BlockFinders,
  blockFinders,
  type FindBlock,
  findChunks,
  lostItem,
} from "../find-blocks.ts";
import type { TransferParts } from "../parts.ts";
import { Slots } from "../slots.ts";
import type { BlockAt } from "../worker/block-files.ts";
import type { DiskFolder } from "../worker/disk-folder.ts";
import { recordColumns } from "../worker/item-columns.ts";
import { type FileMeta, temporaryName } from "../worker/new-file.ts";
import {
  type ChunksItem,
  type FailedItem,
  type JobType,
  maxWholeFileBytes,
  type OpenedItem,
  type SealJobs,
  type WrittenItem,
} from "../worker/seal-jobs.ts";

/** Sealed bytes, about, that one job takes. */
const jobBytes = 2 * 1024 * 1024;
/** Chunks in one stretch of a large file. */
const rangeChunks = 8;
/** Large files that are written side by side. */
const openLargeFiles = 2;

/** Something to write. */
export interface ExportItem {
  readonly kind: "file" | "folder" | "link";
  /** Absolute, on the disk. */
  readonly path: string;
  /** The folder that it is in, there. */
  readonly folder: DiskFolder;
  /** In the drive. */
  readonly shown: string;
  /** To its record. */
  readonly link: EncodedRecordLink;
}

/** Who is told what became of things. */
export interface ExportSink {
  /** Aborted: what is under way is given up. */
  readonly signal: AbortSignal;
  /** Whether files with chunks must be on the disk before they are at their places. */
  readonly durable: boolean;
  /** Whether files that are newer stay at their places. */
  readonly keepsNewer: boolean;
  /** Throws to give up. */
  readonly mustGoOn: () => void;
  readonly onWritten: (item: ExportItem, size: number) => void;
  /** So many bytes of a large file were written. */
  readonly onBytes?: (bytes: number) => void;
  /** A folder or a symbolic link was opened: `content` is where the link leads. */
  readonly onOpened: (item: ExportItem, meta: FileMeta, content: Uint8Array) => void;
  readonly onFailed: (item: ExportItem, failure: Omit<FailedItem, "outcome">) => void;
}

/** A file whose record was opened and whose chunks are to be written. */
interface ChunkedFile {
  readonly item: ExportItem;
  readonly opened: OpenedItem & { readonly outcome: "chunked" };
}

/**
 * Has the workers read and open records and chunks and write files. They are told where the sealed
 * blocks lie; those that are small, or not there any more, they get from the store by way of us.
 */
export class ExportFiles {
  readonly #parts: TransferParts;
  readonly #disk: DiskThread;
  readonly #sink: ExportSink;
  readonly #jobs: Slots;
  readonly #blocks: BlockFinders;
  readonly #large = new Slots(openLargeFiles);

  constructor(parts: TransferParts, disk: DiskThread, sink: ExportSink) {
    this.#parts = parts;
    this.#disk = disk;
    this.#sink = sink;
    this.#jobs = new Slots(parts.pool.width);
    this.#blocks = blockFinders(parts.space.store);
  }

  /**
   * Writes things whose folders are there, once there is room for more.
   * @throws what gave up before: see {@link drain}
   */
  async add(items: readonly ExportItem[]): Promise<void> {
    await this.#jobs.room();
    this.#jobs.begin(() => this.#openRecords(items, this.#blocks.locate));
  }

  /** Resolves when all is written. @throws cancelled, storage-full, storage, unexpected */
  async drain(): Promise<void> {
    // Each may begin more of the other.
    await this.settle();
    this.#large.check();
    this.#jobs.check();
  }

  /** Resolves when nothing is under way, whatever came of it. */
  async settle(): Promise<void> {
    await this.#jobs.settle();
    await this.#large.settle();
    await this.#jobs.settle();
  }

  async #openRecords(wanted: readonly ExportItem[], find: FindBlock): Promise<void> {
    this.#sink.mustGoOn();
    const packs = new IdMap<BlockId, { at: number } | { failure: FailedItem }>();
    const blocks: BlockAt[] = [];
    const found: { item: ExportItem; block: number }[] = [];
    for (const item of wanted) {
      const { id } = decodeRecordLink(item.link);
      let pack = packs.get(id);
      if (pack === undefined) {
        const got = await find(id);
        pack = "fault" in got ? { failure: got } : { at: blocks.push(got) - 1 };
        packs.set(id, pack);
      }
      if ("at" in pack) found.push({ item, block: pack.at });
      else this.#sink.onFailed(item, pack.failure);
    }
    const items = recordColumns(found.map(({ item, block }) => ({ ...item, block })));
    const { keepsNewer } = this.#sink;
    const job = { type: "records", blocks, items, keepsNewer } as const;
    const result = await this.#run<"records">(job);
    const chunked: ChunkedFile[] = [];
    const unread: ExportItem[] = [];
    found.forEach(({ item }, i) => {
      const opened = result.items[i] as OpenedItem;
      if (opened.outcome === "chunked") chunked.push({ item, opened });
      else if (opened.outcome === "unread") unread.push(item);
      else this.#settleItem(item, opened);
    });
    this.#writeChunked(chunked);
    if (unread.length > 0) await this.#openRecords(unread, this.#blocks.get);
  }

  #settleItem(
    item: ExportItem,
    opened: Exclude<OpenedItem, { outcome: "chunked" | "unread" }>,
  ): void {
    if (opened.outcome === "failed") this.#fail(item, opened);
    else if (opened.outcome === "written") this.#sink.onWritten(item, opened.size);
    else this.#sink.onOpened(item, opened, opened.content);
  }

  #fail(item: ExportItem, failure: FailedItem): void {
    this.#sink.onFailed(item, failure);
    if (failure.fault !== "full") return;
    throw new CloudError(
      "storage-full",
      `can't write ${JSON.stringify(item.path)}: ${failure.why}`,
    );
  }

  /** Begins to write files that have chunks, small ones together. */
  #writeChunked(files: readonly ChunkedFile[]): void {
    let together: ChunkedFile[] = [];
    let bytes = 0;
    const flush = (): void => {
      const taken = together;
      together = [];
      bytes = 0;
      if (taken.length > 0) this.#jobs.begin(() => this.#writeSmall(taken, this.#blocks.locate));
    };
    for (const file of files) {
      const { size } = file.opened;
      if (size > maxWholeFileBytes || this.#sink.durable)
        this.#large.begin(() => this.#writeLarge(file));
      else {
        together.push(file);
        bytes += size;
        if (bytes >= jobBytes) flush();
      }
    }
    flush();
  }

  async #writeSmall(files: readonly ChunkedFile[], find: FindBlock): Promise<void> {
    this.#sink.mustGoOn();
    const { keepsNewer } = this.#sink;
    const items: ChunksItem[] = [];
    const written: ChunkedFile[] = [];
    for (const file of files) {
      const { item, opened } = file;
      const { size, mtime, mode, links } = opened;
      const blocks = await findChunks(links, find);
      if ("fault" in blocks) this.#fail(item, blocks);
      else {
        const { path, folder } = item;
        const meta = { mtime, mode, keepsNewer };
        items.push({ path, folder, meta, size, offset: 0, links, blocks });
        written.push(file);
      }
    }
    const result = await this.#run<"chunks">({ type: "chunks", items });
    const unread: ChunkedFile[] = [];
    written.forEach((file, i) => {
      const outcome = result.items[i] as WrittenItem;
      if (outcome.outcome === "unread") unread.push(file);
      else this.#settleItem(file.item, outcome);
    });
    if (unread.length > 0) await this.#writeSmall(unread, this.#blocks.get);
  }

  /** Writes a large file beside its place, stretch by stretch, and puts it there when it is whole. */
  async #writeLarge({ item, opened }: ChunkedFile): Promise<void> {
    this.#sink.mustGoOn();
    const { size, mtime, mode, links } = opened;
    const content = decodeLinks(links, topLinks(size), "a version record");
    const record = { size, mtime, mode, content };
    const { path, folder } = item;
    const temporary = `${dirname(path)}/${temporaryName()}`;
    const journal = this.#parts.unfinished;
    await journal.begin(temporary);
    let isInPlace = false;
    try {
      const { durable, keepsNewer } = this.#sink;
      const end = { temporary, path, folder, meta: { mtime, mode, keepsNewer }, durable };
      let failure =
        (await this.#disk.call("openLargeFile", end)) ??
        (await this.#writeStretches({ path: temporary, folder }, record));
      this.#sink.mustGoOn();
      failure ??= await this.#disk.call("closeLargeFile", end);
      isInPlace = failure === undefined;
      if (failure !== undefined) this.#fail(item, failure);
      else this.#sink.onWritten(item, size);
    } finally {
      const isGone =
        isInPlace || (await this.#disk.call("removeFile", temporary, folder).catch(() => false));
      if (isGone) journal.end(temporary);
    }
  }

  /** @returns what went wrong first, if anything did */
  async #writeStretches(
    file: Pick<ExportItem, "path" | "folder">,
    record: VersionRecord,
  ): Promise<FailedItem | undefined> {
    const count = Math.ceil(record.size / (rangeChunks * chunkBytes));
    let failure: FailedItem | undefined;
    let next = 0;
    const writeOn = async (): Promise<void> => {
      while (next < count && failure === undefined) {
        const stretch = next++;
        const failed = await this.#jobs.run(() => this.#writeStretch(file, record, stretch));
        failure ??= failed;
      }
    };
    await Promise.all(Array.from({ length: this.#parts.pool.width }, writeOn));
    return failure;
  }

  async #writeStretch(
    { path, folder }: Pick<ExportItem, "path" | "folder">,
    record: VersionRecord,
    stretch: number,
  ): Promise<FailedItem | undefined> {
    this.#sink.mustGoOn();
    const offset = stretch * rangeChunks * chunkBytes;
    const size = Math.min(record.size - offset, rangeChunks * chunkBytes);
    let links: EncodedLinks;
    try {
      const first = stretch * rangeChunks;
      const found = await this.#parts.content.chunkLinks(record, first, chunkCount(size));
      links = encodeLinks(found);
    } catch (error) {
      return lostItem(error);
    }
    const item = { path, folder, size, offset, links };
    let outcome = await this.#writeChunks(item, this.#blocks.locate);
    if (outcome.outcome === "unread") outcome = await this.#writeChunks(item, this.#blocks.get);
    if (outcome.outcome === "failed") return outcome;
    this.#sink.onBytes?.(size);
    return undefined;
  }

  #run<Type extends JobType>(
    job: SealJobs[Type]["job"] & { readonly type: Type },
  ): Promise<SealJobs[Type]["result"]> {
    return this.#parts.pool.run<Type>(job, this.#sink);
  }

  async #writeChunks(item: Omit<ChunksItem, "blocks">, find: FindBlock): Promise<WrittenItem> {
    const blocks = await findChunks(item.links, find);
    if ("fault" in blocks) return blocks;
    const items = [{ ...item, blocks }];
    const result = await this.#run<"chunks">({ type: "chunks", items });
    return result.items[0] as WrittenItem;
  }
}
