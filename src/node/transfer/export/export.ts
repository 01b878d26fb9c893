import { basename } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { CloudError, type CloudErrorCode } from "../../core/cloud-error.ts";
import { childOf, formatPath, parsePath } from "../../core/path.ts";
import type { WorkCall } from "../../space/work-call.ts";
import type { ExportReport } from "../../transfer/reports.ts";
import type { Entry } from "../../tree/entry.ts";
import { type Found, type Listed, list, resolve, shownContent } from "../../tree/lookup.ts";
import type { StateView } from "../../tree/state-view.ts";
import type { DiskThread } from "../disk/disk-threads.ts";
import { Notes } from "../notes.ts";
import type { TransferParts } from "../parts.ts";
import type { DiskFolder } from "../worker/disk-folder.ts";
import type { FileMeta } from "../worker/new-file.ts";
import type { FailedItem } from "../worker/seal-jobs.ts";
import type { EnteredFolder } from "./export-dest.ts";
import { ExportFiles, type ExportItem } from "./export-files.ts";
import type { FinishedFolder, NewLink } from "./export-finish.ts";
import { DiskNames } from "./export-names.ts";

/** Things that one job opens the records of. */
const runItems = 256;
/** Things that a folder lists at once; what lists more is read twice, so that they need not be held. */
const listItems = 2048;
/** Milliseconds between two reports of progress. */
const progressMs = 100;
/** The walk stops for others after so long. */
const sliceMs = 8;
/** Damaged files that the error names. */
const maxNamed = 5;
const defaultFolderMode = 0o755;

const codeOfFault: Readonly<Record<FailedItem["fault"], CloudErrorCode>> = {
  damaged: "damaged",
  "in-the-way": "conflict",
  newer: "conflict",
  full: "storage-full",
  other: "storage",
};

/** What an export is to do. */
export interface ExportTask {
  /** In the drive. */
  readonly path: string;
  /**
   * Absolute. For a folder: a folder, made if it is not there. For a file: a folder to put it into, or
   * its new path.
   */
  readonly dest: string;
  /** Whether files are replaced too that are newer than what the drive holds. */
  readonly replaceNewer: boolean;
}

/**
 * Writes the contents of a folder of the drive into a local folder, or one file or symbolic link to
 * a local path: with modes and times, links as links. What stands at their places is replaced, but
 * for folders; what else is in the folder stays. Nothing is written to where a link leads.
 * @param view - the drive as it is or was.
 * @throws not-found; not-a-folder; usage, also for a place in the drive's own data folder;
 * cancelled; storage-full; damaged, once all else is written, naming what has lost its blocks
 */
export async function exportTree(
  parts: TransferParts,
  view: StateView,
  { path, dest, replaceNewer }: ExportTask,
  call: WorkCall,
): Promise<ExportReport> {
  const found = await resolve(view, path);
  const shown = formatPath(parsePath(path));
  return parts.pool.disks.use(dest, call.signal, (disk) =>
    new Export(parts, disk, view, !replaceNewer, call).run(shown, found, dest),
  );
}

/** A folder on the disk that is being filled. */
interface OpenFolder {
  readonly path: string;
  readonly folder: DiskFolder;
  /** In the drive. */
  readonly shown: string;
  readonly isNew: boolean;
  /** What it gets at the end, once its record was opened. */
  meta?: FileMeta;
}

/** Something that a folder lists, and where it goes. */
interface PlacedEntry extends Listed {
  /** Its name on the disk. */
  readonly target: string;
}

/** One export under way. */
class Export {
  readonly #disk: DiskThread;
  readonly #view: StateView;
  /** The drive's own data folder. */
  readonly #home: string;
  readonly #call: WorkCall;
  readonly #notes = new Notes();
  readonly #files: ExportFiles;
  readonly #counts = { files: 0, folders: 0, links: 0, bytes: 0, newer: 0 };
  readonly #damaged: string[] = [];
  #waiting: ExportItem[] = [];
  /** Each after the one above it. */
  readonly #folders = new Map<string, OpenFolder>();
  readonly #links: { item: ExportItem; link: NewLink }[] = [];
  #lastTold = 0;

  constructor(
    parts: TransferParts,
    disk: DiskThread,
    view: StateView,
    keepsNewer: boolean,
    call: WorkCall,
  ) {
    this.#disk = disk;
    this.#view = view;
    this.#home = parts.home;
    this.#call = call;
    this.#files = new ExportFiles(parts, disk, {
      signal: call.signal,
      durable: false,
      keepsNewer,
      mustGoOn: () => {
        this.#mustGoOn();
      },
      onWritten: (_, size) => {
        this.#counts.files++;
        this.#counts.bytes += size;
        this.#tell();
      },
      onOpened: (item, meta, content) => {
        this.#onOpened(item, meta, content);
      },
      onFailed: (item, failure) => {
        this.#onFailed(item, failure);
      },
    });
  }

  async run(shown: string, found: Found, dest: string): Promise<ExportReport> {
    const { id, entry } = found;
    try {
      if (entry === undefined || entry.kind === "folder") {
        const entered = await this.#disk.call("openDestination", dest, this.#home);
        await this.#writeFolders(id, entry, shown, entered);
      } else await this.#writeOne(entry, shown, dest);
      await this.#flush();
      await this.#files.drain();
    } catch (error) {
      await this.#files.settle();
      throw error;
    }
    await this.#makeLinks();
    await this.#finishFolders();
    if (this.#damaged.length > 0) throw this.#damagedError();
    return { ...this.#counts, ...this.#notes.failures, notes: this.#notes.list() };
  }

  async #writeOne(entry: Entry, shown: string, dest: string): Promise<void> {
    const name = basename(shown);
    const place = await this.#disk.call("placeOfFile", dest, name, this.#home);
    await this.#add(entry, place.folder, `${place.path}/${place.name}`, shown);
  }

  async #writeFolders(
    id: Found["id"],
    entry: Entry | undefined,
    shown: string,
    entered: EnteredFolder,
  ): Promise<void> {
    const top: OpenFolder = { ...entered, shown };
    if (entry !== undefined && top.isNew) {
      this.#folders.set(top.path, top);
      await this.#add(entry, top.folder, top.path, shown);
    }
    const pending = [{ id, folder: top }];
    let sliceEnd = performance.now() + sliceMs;
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { folder } = next;
      const inner: typeof pending = [];
      const { names, runs } = await this.#list(next.id, folder);
      for await (const run of runs) {
        const placed = run.map((listed) => this.#place(folder, listed, names));
        const filled = await this.#fillFolders(folder, placed);
        for (const { entry: below, name, target } of placed) {
          if (below.kind === "folder") {
            const found = filled.get(target);
            if (found === undefined) continue;
            inner.push({ id: below.id, folder: found });
          }
          const path = `${folder.path}/${target}`;
          await this.#add(below, folder.folder, path, childOf(folder.shown, name));
          if (performance.now() < sliceEnd) continue;
          this.#mustGoOn();
          await nextTurn();
          sliceEnd = performance.now() + sliceMs;
        }
      }
      pending.push(...inner.reverse());
    }
  }

  /** What a folder lists, in runs, and how to name it. */
  async #list(
    id: Found["id"],
    { path }: OpenFolder,
  ): Promise<{ names: DiskNames; runs: AsyncIterable<Listed[]> | Listed[][] }> {
    const first: Listed[] = [];
    for await (const each of list(this.#view, id)) {
      first.push(each);
      if (first.length > listItems) break;
    }
    const isAll = first.length <= listItems;
    const alike = (): Promise<boolean> => this.#disk.call("takesAlikeForOne", path);
    const names = await DiskNames.of(isAll ? first : this.#listAll(id), alike);
    return { names, runs: isAll ? [first] : inRuns(this.#listAll(id)) };
  }

  /** What a large folder lists; others have their turn in between. */
  async *#listAll(id: Found["id"]): AsyncGenerator<Listed> {
    let count = 0;
    for await (const each of list(this.#view, id)) {
      yield each;
      if (++count % listItems > 0) continue;
      this.#mustGoOn();
      await nextTurn();
    }
  }

  /** Where something goes that a folder lists. */
  #place({ shown }: OpenFolder, listed: Listed, names: DiskNames): PlacedEntry {
    const { target, clash } = names.place(listed);
    if (clash !== undefined)
      this.#notes.add(`${JSON.stringify(childOf(shown, listed.name))} ${clash}`);
    return { ...listed, target };
  }

  /** Makes the folders of a folder, a run of them by one call. @returns them by their names on the disk */
  async #fillFolders(
    { path, folder, shown }: OpenFolder,
    listed: readonly PlacedEntry[],
  ): Promise<Map<string, OpenFolder>> {
    const filled = new Map<string, OpenFolder>();
    const wanted = listed.filter(({ entry }) => entry.kind === "folder");
    for (let at = 0; at < wanted.length; at += runItems) {
      this.#mustGoOn();
      const run = wanted.slice(at, at + runItems);
      const names = run.map(({ target }) => target).join("\0");
      const made = await this.#disk.call("fillFolders", path, folder, names, this.#home);
      for (const [i, { name, target }] of run.entries()) {
        const each = made[i];
        const below = childOf(shown, name);
        if (each === undefined) continue;
        if ("outcome" in each) {
          this.#notes.fail(
            codeOfFault[each.fault],
            `the folder ${JSON.stringify(below)} can't be made: ${each.why}`,
          );
          continue;
        }
        const open = { path: `${path}/${target}`, shown: below, ...each };
        filled.set(target, open);
        this.#folders.set(open.path, open);
        this.#counts.folders++;
      }
    }
    return filled;
  }

  /** Has one thing written; of a folder, which is there, its record opened. */
  async #add(entry: Entry, folder: DiskFolder, path: string, shown: string): Promise<void> {
    const { kind } = entry;
    const content = shownContent(entry);
    if (kind === "mount") {
      this.#notes.add(`${JSON.stringify(shown)} was left out: it is a space of its own`);
    } else if (content !== undefined) {
      this.#waiting.push({ kind, path, folder, shown, link: content.link });
      if (this.#waiting.length >= runItems) await this.#flush();
    }
  }

  async #flush(): Promise<void> {
    const items = this.#waiting;
    this.#waiting = [];
    if (items.length > 0) await this.#files.add(items);
  }

  #onOpened(item: ExportItem, meta: FileMeta, content: Uint8Array): void {
    const folder = this.#folders.get(item.path);
    const { kind, path, folder: inside } = item;
    if (kind === "link") {
      this.#links.push({ item, link: { path, folder: inside, target: content, meta } });
    } else if (folder !== undefined) folder.meta = meta;
  }

  #onFailed({ shown }: ExportItem, { why, fault }: Omit<FailedItem, "outcome">): void {
    if (fault === "damaged") this.#damaged.push(shown);
    if (fault === "newer") this.#counts.newer++;
    this.#notes.fail(codeOfFault[fault], `${JSON.stringify(shown)} can't be written: ${why}`);
  }

  /** Links come last, so that nothing is written through one of them. */
  async #makeLinks(): Promise<void> {
    for (let at = 0; at < this.#links.length; at += runItems) {
      this.#mustGoOn();
      const run = this.#links.slice(at, at + runItems);
      const failures = await this.#disk.call(
        "makeLinks",
        run.map(({ link }) => link),
      );
      for (const [i, { item }] of run.entries()) {
        const failure = failures[i];
        if (failure === undefined) this.#counts.links++;
        else this.#onFailed(item, failure);
      }
    }
  }

  /** Times and modes of folders, the innermost first: what is written into one changes its time. */
  async #finishFolders(): Promise<void> {
    const waiting = [...this.#folders.values()].reverse();
    for (let at = 0; at < waiting.length; at += runItems) {
      const run = waiting
        .slice(at, at + runItems)
        .filter(({ meta, isNew }) => meta !== undefined || isNew);
      const failures = await this.#disk.call(
        "finishFolders",
        run.map(({ path, folder, meta }): FinishedFolder => {
          return { path, folder, mode: meta?.mode ?? defaultFolderMode, mtime: meta?.mtime };
        }),
      );
      for (const [i, { shown }] of run.entries()) {
        const failure = failures[i];
        if (failure === undefined) continue;
        const name = JSON.stringify(shown);
        this.#notes.add(`mode and time of ${name} can't be set: ${failure.why}`);
      }
    }
  }

  #damagedError(): CloudError {
    const count = this.#damaged.length;
    const named = this.#damaged.slice(0, maxNamed).map((path) => JSON.stringify(path));
    const more = count > maxNamed ? ` and ${(count - maxNamed).toString()} more` : "";
    const what = count === 1 ? "1 thing has" : `${count.toString()} things have`;
    const others = this.#notes.failures.failed - count;
    const rest = others > 0 ? `nor could ${others.toString()} others` : "all else was";
    return new CloudError(
      "damaged",
      `${what} lost blocks and could not be written: ${named.join(", ")}${more}; ${rest}`,
    );
  }

  #mustGoOn(): void {
    if (this.#call.signal.aborted) throw new CloudError("cancelled", "the export was cancelled");
  }

  #tell(): void {
    const now = performance.now();
    if (now - this.#lastTold < progressMs) return;
    this.#lastTold = now;
    this.#call.progress({ phase: "writing", done: this.#counts.files, total: 0, unit: "files" });
  }
}

async function* inRuns(listed: AsyncIterable<Listed>): AsyncGenerator<Listed[]> {
  let run: Listed[] = [];
  for await (const each of listed) {
    if (run.push(each) < listItems) continue;
    yield run;
    run = [];
  }
  yield run;
}
