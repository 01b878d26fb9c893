import { decodeRecordLink, type EncodedLinks, type EncodedRecordLink } from "../../blocks/link.ts";
import { chunkBytes, chunkCount, decodeLinks, encodeLinks, topLinks } from "../../blocks/record.ts";
import { CloudError } from "../../core/cloud-error.ts";
import { IdMap } from "../../core/id-map.ts";
import type { BlockId } from "../../core/ids.ts";
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
import { type LinkItem, linkColumns } from "../worker/item-columns.ts";
import type { FailedItem, JobType, SealJobs } from "../worker/seal-jobs.ts";
import type { SearchedChunks, SearchedItem, SearchedRecord } from "../worker/search-jobs.ts";
import { ahead } from "./ahead.ts";
import type { FoundLine } from "./match-text.ts";
import type { SearchItem } from "./search-items.ts";
import type { TextQuery } from "./text-query.ts";

/** Files whose records one job opens. */
const runFiles = 256;
/** Bytes, about, that one job looks into. */
const jobBytes = 2 * 1024 * 1024;
/** A larger file is looked into in stretches of so many chunks. */
const stretchChunks = 32;
const stretchBytes = stretchChunks * chunkBytes;
/** A regular expression that took too long with so many files is given up. */
const maxSlow = 3;

/** A file that is to be looked into. */
export interface SearchedFile {
  /** In the drive. */
  readonly path: string;
  /** To its record. */
  readonly link: EncodedRecordLink;
}

interface ChunkedFile extends SearchedFile {
  /** Of its run. */
  readonly index: number;
  readonly size: number;
  /** The encoded content of its record. */
  readonly links: EncodedLinks;
}

/** What became of some files. */
interface Run {
  readonly items: readonly SearchItem[];
  /** They come last. */
  readonly large: readonly ChunkedFile[];
  readonly files: number;
}

/**
 * Has the processes that open blocks look into files: no plain text comes here but the lines that are
 * told. Files come in the order in which they are given.
 */
export class TextSearch {
  readonly #parts: Pick<TransferParts, "space" | "content" | "pool">;
  readonly #query: TextQuery;
  readonly #signal: AbortSignal;
  readonly #blocks: BlockFinders;
  readonly #jobs: Slots;
  #slow = 0;
  /** Files that were looked into. */
  searched = 0;

  constructor(
    parts: Pick<TransferParts, "space" | "content" | "pool">,
    query: TextQuery,
    signal: AbortSignal,
  ) {
    this.#parts = parts;
    this.#query = query;
    this.#signal = signal;
    this.#blocks = blockFinders(parts.space.store);
    this.#jobs = new Slots(parts.pool.width);
  }

  /** @throws cancelled; usage, if the regular expression takes too long; unavailable; unexpected */
  async *items(files: AsyncIterable<SearchedFile>): AsyncGenerator<readonly SearchItem[]> {
    const { width } = this.#parts.pool;
    try {
      for await (const { items, large, files: count } of ahead(this.#runs(files), 2 * width)) {
        this.searched += count;
        yield items;
        for (const file of large) {
          yield* this.#searchLarge(file);
          this.searched++;
        }
      }
    } finally {
      await this.#jobs.settle();
    }
  }

  async *#runs(files: AsyncIterable<SearchedFile>): AsyncGenerator<() => Promise<Run>> {
    let run: SearchedFile[] = [];
    for await (const file of files) {
      if (run.push(file) < runFiles) continue;
      const taken = run;
      run = [];
      yield () => this.#searchRun(taken);
    }
    if (run.length > 0) yield () => this.#searchRun(run);
  }

  async #searchRun(files: readonly SearchedFile[]): Promise<Run> {
    const items: SearchItem[][] = files.map(() => []);
    const settle = (index: number, outcome: Exclude<SearchedItem, { outcome: "unread" }>): void => {
      const { path } = files[index] as SearchedFile;
      items[index] = this.#itemsOf(path, outcome);
    };
    const numbered = files.map((file, index) => ({ ...file, index }));
    const chunked = await this.#searchRecords(numbered, this.#blocks.locate, settle);
    const large = chunked.filter(({ size }) => size > stretchBytes);
    await Promise.all(
      inGroups(chunked.filter(({ size }) => size <= stretchBytes)).map((group) =>
        this.#searchChunks(group, this.#blocks.locate, settle),
      ),
    );
    return { items: items.flat(), large, files: files.length - large.length };
  }

  /** @returns the files that have chunks. */
  async #searchRecords(
    files: readonly (SearchedFile & { readonly index: number })[],
    find: FindBlock,
    settle: Settle,
  ): Promise<ChunkedFile[]> {
    const packs = new IdMap<BlockId, { at: number } | { failure: FailedItem }>();
    const blocks: BlockAt[] = [];
    const found: (LinkItem & { readonly file: SearchedFile & { readonly index: number } })[] = [];
    for (const file of files) {
      const { id } = decodeRecordLink(file.link);
      let pack = packs.get(id);
      if (pack === undefined) {
        const got = await find(id);
        pack = "fault" in got ? { failure: got } : { at: blocks.push(got) - 1 };
        packs.set(id, pack);
      }
      if ("at" in pack) found.push({ file, link: file.link, block: pack.at });
      else settle(file.index, pack.failure);
    }
    if (found.length === 0) return [];
    const type = "search records" as const;
    const job = { type, query: this.#query, blocks, items: linkColumns(found) };
    const result = await this.#run<typeof type>(job);
    const chunked: ChunkedFile[] = [];
    const unread: (SearchedFile & { readonly index: number })[] = [];
    for (const [i, { file }] of found.entries()) {
      const outcome = result.items[i] as SearchedRecord;
      if (outcome.outcome === "unread") unread.push(file);
      else if (outcome.outcome !== "chunked") settle(file.index, outcome);
      else chunked.push({ ...file, size: outcome.size, links: outcome.links });
    }
    if (unread.length === 0) return chunked;
    return [...chunked, ...(await this.#searchRecords(unread, this.#blocks.get, settle))];
  }

  async #searchChunks(
    files: readonly ChunkedFile[],
    find: FindBlock,
    settle: Settle,
  ): Promise<void> {
    const items: SearchedChunks[] = [];
    const asked: ChunkedFile[] = [];
    for (const file of files) {
      const { size, links, index } = file;
      const blocks = await findChunks(links, find);
      if ("fault" in blocks) settle(index, blocks);
      else {
        items.push({ size, links, blocks, offset: 0, own: size });
        asked.push(file);
      }
    }
    const outcomes = await this.#askOfChunks(items);
    const unread: ChunkedFile[] = [];
    for (const [i, file] of asked.entries()) {
      const outcome = outcomes[i] as SearchedItem;
      if (outcome.outcome === "unread") unread.push(file);
      else settle(file.index, outcome);
    }
    if (unread.length > 0) await this.#searchChunks(unread, this.#blocks.get, settle);
  }

  /** Looks into a large file, stretch by stretch. */
  async *#searchLarge(file: ChunkedFile): AsyncGenerator<readonly SearchItem[]> {
    const { path } = file;
    const { wants, linesEach } = this.#query;
    let breaks = 0;
    let count = 0;
    const most = wants === "file" ? 1 : linesEach || Infinity;
    for await (const outcome of ahead(this.#stretches(file), this.#parts.pool.width)) {
      if (outcome.outcome !== "searched") {
        yield this.#itemsOf(path, outcome);
        return;
      }
      const { found } = outcome;
      const left = most - count;
      const lines = firstLines(found.lines, left).map((line) => movedBy(line, breaks));
      count += Math.min(found.count, left);
      if (wants === "lines" && found.count > 0) {
        yield [{ type: "file", path, count: Math.min(found.count, left), lines }];
      }
      if (count >= most) break;
      breaks += outcome.breaks ?? 0;
    }
    if (wants !== "lines" && count > 0) yield [{ type: "file", path, count, lines: [] }];
  }

  async *#stretches(
    file: ChunkedFile,
  ): AsyncGenerator<() => Promise<Exclude<SearchedItem, { outcome: "unread" }>>> {
    // What is no text is told by the first.
    const first = await this.#searchStretch(file, 0);
    yield () => Promise.resolve(first);
    if (first.outcome !== "searched") return;
    for (let offset = stretchBytes; offset < file.size; offset += stretchBytes) {
      yield () => this.#searchStretch(file, offset);
    }
  }

  async #searchStretch(
    { size, links }: ChunkedFile,
    offset: number,
  ): Promise<Exclude<SearchedItem, { outcome: "unread" }>> {
    const own = Math.min(stretchBytes, size - offset);
    const bytes = Math.min(own + chunkBytes, size - offset);
    let chunks: EncodedLinks;
    try {
      const content = decodeLinks(links, topLinks(size), "a version record");
      const record = { size, mtime: 0, mode: 0, content };
      const first = offset / chunkBytes;
      chunks = encodeLinks(await this.#parts.content.chunkLinks(record, first, chunkCount(bytes)));
    } catch (error) {
      return lostItem(error);
    }
    for (const find of [this.#blocks.locate, this.#blocks.get]) {
      const blocks = await findChunks(chunks, find);
      if ("fault" in blocks) return blocks;
      const [outcome] = await this.#askOfChunks([
        { size: bytes, links: chunks, blocks, offset, own },
      ]);
      if (outcome !== undefined && outcome.outcome !== "unread") return outcome;
    }
    throw new CloudError("unexpected", "a block was not where it was given");
  }

  async #askOfChunks(items: readonly SearchedChunks[]): Promise<readonly SearchedItem[]> {
    if (items.length === 0) return [];
    const type = "search chunks" as const;
    return (await this.#run<typeof type>({ type, query: this.#query, items })).items;
  }

  #run<Type extends JobType>(
    job: SealJobs[Type]["job"] & { readonly type: Type },
  ): Promise<SealJobs[Type]["result"]> {
    return this.#jobs.run(() => {
      this.#signal.throwIfAborted();
      return this.#parts.pool.run<Type>(job, { signal: this.#signal });
    });
  }

  #itemsOf(path: string, outcome: Exclude<SearchedItem, { outcome: "unread" }>): SearchItem[] {
    switch (outcome.outcome) {
      case "searched": {
        const { count, lines } = outcome.found;
        return count === 0 ? [] : [{ type: "file", path, count, lines }];
      }
      case "binary":
        return [{ type: "binary", path }];
      case "failed":
        return [{ type: "failed", path, why: outcome.why }];
      case "slow":
        this.#noteSlow();
        return [{ type: "failed", path, why: "the regular expression takes too long with it" }];
    }
  }

  #noteSlow(): void {
    if (++this.#slow < maxSlow) return;
    throw new CloudError(
      "usage",
      `the regular expression took more than 2 s with each of ${maxSlow.toString()} files: look for something simpler`,
    );
  }
}

type Settle = (index: number, outcome: Exclude<SearchedItem, { outcome: "unread" }>) => void;

/** Files whose contents are looked into by one job each. */
function inGroups(files: readonly ChunkedFile[]): ChunkedFile[][] {
  const groups: ChunkedFile[][] = [];
  let bytes = jobBytes;
  for (const file of files) {
    if (bytes >= jobBytes) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)?.push(file);
    bytes += file.size;
  }
  return groups;
}

/** The lines up to so many in which it was found. */
function firstLines(lines: readonly FoundLine[], most: number): FoundLine[] {
  let left = most;
  const end = lines.findIndex(({ ranges }) => ranges.length > 0 && --left < 0);
  return end < 0 ? [...lines] : lines.slice(0, end);
}

function movedBy(line: FoundLine, breaks: number): FoundLine {
  return { ...line, line: line.line + breaks };
}
