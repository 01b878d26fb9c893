import { statSync } from "node:fs";
import { join } from "node:path";
import { CloudError, isCloudError } from "../../core/cloud-error.ts";
import { formatPath, parsePath } from "../../core/path.ts";
import { compareStamps } from "../../core/stamp.ts";
import type { Tip } from "../../history/tip.ts";
import { isSameFile } from "../../platform/same-file.ts";
import type { CommitLoop } from "../../space/commit-loop.ts";
import { showRevision } from "../../space/describe.ts";
import type { WorkCall } from "../../space/work-call.ts";
import type { ImportReport } from "../../transfer/reports.ts";
import { emptyState } from "../../tree/state.ts";
import { viewState } from "../../tree/state-view.ts";
import type { DiskThread } from "../disk/disk-threads.ts";
import { Notes } from "../notes.ts";
import type { TransferParts } from "../parts.ts";
import { ImportCache } from "./import-cache.ts";
import { findDestination } from "./import-dest.ts";
import { ImportFeed } from "./import-feed.ts";
import type { MadeFolders, MatchedFolder, MatchedItem, PlacedItem } from "./import-item.ts";
import { ImportMatch } from "./import-match.ts";
import { ImportMemory } from "./import-memory.ts";
import { ImportSlice, type SliceRevision } from "./import-slice.ts";
import { type HomeOnDisk, walkFolder } from "./import-walk.ts";
import type { OpenedSource } from "./open-source.ts";

/** What changed so recently may change again within one tick of the disk's clock. */
const racyMs = 2000;
/** Milliseconds between two reports of progress. */
const progressMs = 100;
/** Files of the data folder that the node holds locks on. */
const lockedNames = ["node.lock", "store.db"];

/** Imports of one drive wait for each other: two at once would only hold twice the memory. */
const queues = new WeakMap<CommitLoop, ImportQueue>();

interface ImportQueue {
  /** The last one in it, if any is under way. */
  last?: Promise<unknown>;
  /** How many have ended. */
  ended: number;
}

function queueOf(loop: CommitLoop): ImportQueue {
  const known = queues.get(loop) ?? { ended: 0 };
  queues.set(loop, known);
  return known;
}

/**
 * Takes the contents of a local folder into a folder of the drive: files, folders and symbolic
 * links with their modes and times. What is unchanged makes no version, and what the source does not
 * have stays. One revision, or one for every 8,000 things.
 * @param source - absolute path of a folder.
 * @param dest - path in the drive; made if it is not there.
 * @throws not-found; not-a-folder; usage; invalid-name; cancelled, and then the drive is as it was,
 * but for whole revisions of a larger import; storage and its kin
 */
export async function importTree(
  parts: TransferParts,
  source: string,
  dest: string,
  call: WorkCall,
): Promise<ImportReport> {
  const names = parsePath(dest);
  const asked = parts.loop.tip;
  const queue = queueOf(parts.loop);
  const { ended } = queue;
  return parts.pool.disks.use(source, call.signal, async (disk) => {
    // Before its turn, so that a disk that doesn't answer holds up no other import.
    const opened = await disk.call("openSource", source);
    const turn = (queue.last ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => {
        // What the imports before it changed is no change beside it.
        const seen = queue.ended === ended ? asked : parts.loop.tip;
        return new Import(parts, disk, { source: opened, names, seen }, call).run();
      });
    queue.last = turn;
    return turn.finally(() => {
      queue.ended++;
      if (queue.last === turn) delete queue.last;
    });
  });
}

/** What an import is to do. */
interface ImportTask {
  readonly source: OpenedSource;
  /** Of the path in the drive. */
  readonly names: readonly string[];
  /** The revision that the drive was at when the import began. */
  readonly seen: Tip | undefined;
}

/** One import under way. */
class Import {
  readonly #parts: TransferParts;
  readonly #disk: DiskThread;
  readonly #source: OpenedSource;
  readonly #names: readonly string[];
  readonly #call: WorkCall;
  readonly #notes = new Notes();
  readonly #feed: ImportFeed;
  readonly #cache: ImportCache;
  readonly #memory: ImportMemory;
  /** The revision that the drive was at when the import began. */
  readonly #seen: Tip | undefined;
  /** The latest revision that only this import has changed since. */
  #own: Tip | undefined;
  #isOwn = true;
  readonly #counts = { files: 0, folders: 0, links: 0, bytes: 0, unchanged: 0 };
  readonly #walked = { ignored: 0, hardLinks: 0, foreign: 0, farTimes: 0 };
  readonly #made: MadeFolders = new WeakMap();
  #slice: ImportSlice;
  readonly #progress = { done: 0, found: 0, walking: true, last: 0 };

  constructor(
    parts: TransferParts,
    disk: DiskThread,
    { source, names, seen }: ImportTask,
    call: WorkCall,
  ) {
    this.#parts = parts;
    this.#disk = disk;
    this.#source = source;
    this.#names = names;
    this.#call = call;
    this.#seen = seen;
    this.#own = this.#seen;
    this.#feed = new ImportFeed(parts, disk, this.#notes, {
      signal: call.signal,
      onBytes: (bytes) => {
        this.#progress.done += bytes;
        this.#tell();
      },
      onSealed: (sealed) => {
        this.#slice.settle(sealed);
      },
    });
    this.#slice = this.#newSlice();
    this.#cache = new ImportCache(parts.space, source.path, formatPath(names));
    this.#memory = new ImportMemory(this.#cache, this.#made, parts.now() - racyMs);
  }

  async run(): Promise<ImportReport> {
    try {
      await this.#takeIn();
    } catch (error) {
      await this.#feed.abandon();
      await this.#slice.rest();
      throw isCloudError(error, "cancelled") ? this.#cancelled(error) : error;
    }
    return this.#report();
  }

  async #takeIn(): Promise<void> {
    const { space, now } = this.#parts;
    const view = viewState(space.sealer, this.#seen?.state ?? emptyState);
    const { root, missing } = await findDestination(
      space,
      view,
      this.#feed.batch,
      this.#names,
      this.#source,
      now(),
    );
    const match = await ImportMatch.begin(space, this.#seen, this.#cache, this.#notes);
    const home = this.#homeFolder(root);
    const context = { disk: this.#disk, notes: this.#notes, home, counts: this.#walked };
    for (const item of missing) this.#slice.add(item);
    const walked = walkFolder(root, context, (part) => {
      this.#mustGoOn();
      return match.match(part);
    });
    for await (const items of walked) {
      for (const item of items) this.#take(item);
      this.#tell();
      if (this.#slice.isFull) await this.#endSlice(match, false);
    }
    this.#progress.walking = false;
    await this.#endSlice(match, true);
  }

  #homeFolder(root: MatchedFolder): HomeOnDisk | undefined {
    const { home } = this.#parts;
    const folder = statSync(home, { throwIfNoEntry: false });
    if (folder === undefined) return undefined;
    if (isSameFile(this.#source.stat, folder)) {
      throw new CloudError("usage", `${root.path} is the folder in which the drive itself is kept`);
    }
    const locked = lockedNames.flatMap((name) => {
      const stat = statSync(join(home, name), { throwIfNoEntry: false });
      return stat === undefined ? [] : [stat];
    });
    return { folder, locked };
  }

  #take(item: MatchedItem): void {
    const at = this.#slice.add(item);
    const bytes = item.seen.kind === "file" ? item.seen.size : 0;
    this.#progress.found += bytes;
    if (item.outcome === "open") this.#feed.add(at, item);
    else this.#progress.done += bytes;
  }

  /** Commits and remembers what was taken in since the last slice. */
  async #endSlice(match: ImportMatch, isLast: boolean): Promise<void> {
    await this.#feed.drain();
    this.#mustGoOn();
    const { revision, items } = await this.#slice.commit((done, total) => {
      this.#mustGoOn();
      this.#call.progress({ phase: "placing", done, total, unit: "files" });
    });
    if (revision !== undefined) this.#noteRevision(revision);
    this.#count(items);
    await this.#memory.add(items, match.takeHits());
    if (isLast) {
      await this.#memory.finish((this.#isOwn ? this.#own : this.#seen)?.state.tree);
      return;
    }
    this.#feed.next();
    this.#slice = this.#newSlice();
  }

  #newSlice(): ImportSlice {
    // Earlier slices changed nothing where later ones look.
    const seen = this.#isOwn ? this.#own : this.#seen;
    return new ImportSlice(this.#parts.loop, seen, this.#notes, this.#feed.batch, this.#made);
  }

  /** Whether the tip is still one that nobody else has changed since the import began. */
  #noteRevision({ base, stamp }: SliceRevision): void {
    const { tip } = this.#parts.loop;
    const latest = tip?.revision.change?.stamp;
    this.#isOwn &&= base === this.#own && latest !== undefined && !compareStamps(stamp, latest);
    this.#own = tip;
  }

  #count(items: readonly PlacedItem[]): void {
    for (const { outcome, seen } of items) {
      const { kind, size, folder } = seen;
      // Folders above the source are none of it.
      if (outcome === "failed" || folder.path === "") continue;
      if (kind === "folder") this.#counts.folders++;
      else if (kind === "link") this.#counts.links++;
      else {
        this.#counts.files++;
        this.#counts.bytes += size;
        if (outcome === "same") this.#counts.unchanged++;
      }
    }
  }

  #report(): ImportReport {
    const { hardLinks, foreign, farTimes, ignored } = this.#walked;
    if (hardLinks > 0) {
      this.#notes.add(
        `${hardLinks.toString()} files have more than one name (hard links): each name was taken as a file of its own`,
      );
    }
    if (foreign > 0) {
      this.#notes.add(`${foreign.toString()} things belong to other users: owners are not kept`);
    }
    if (farTimes > 0) {
      this.#notes.add(
        `${farTimes.toString()} things have times that no version can hold: they were brought nearer, to the year 2200 at most`,
      );
    }
    const revision = showRevision(this.#parts.loop.tip);
    const { failures } = this.#notes;
    return { ...this.#counts, ignored, ...failures, notes: this.#notes.list(), revision };
  }

  /** Says what stays of an import that was cancelled: whole revisions of a larger one. */
  #cancelled(cause: CloudError): CloudError {
    const { files, unchanged } = this.#counts;
    const stays =
      this.#own === this.#seen
        ? "the drive is as it was"
        : `${(files - unchanged).toLocaleString("en-US")} files that were in by then stay, and the same import goes on from there`;
    return new CloudError("cancelled", `the import was cancelled: ${stays}`, { cause });
  }

  #mustGoOn(): void {
    if (this.#call.signal.aborted) throw new CloudError("cancelled", "the import was cancelled");
  }

  #tell(): void {
    const { done, found, walking, last } = this.#progress;
    const now = performance.now();
    if (now - last < progressMs) return;
    this.#progress.last = now;
    const total = walking ? 0 : found;
    this.#call.progress({ phase: "reading", done, total, unit: "bytes" });
  }
}
