import { chmodSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { CloudError, type CloudErrorCode } from "../../core/cloud-error.ts";
import { childOf, formatPath, parsePath } from "../../core/path.ts";
import { systemErrorWords } from "../../platform/system-error.ts";
import type { WorkCall } from "../../space/work-call.ts";
import type { ExportReport } from "../../transfer/reports.ts";
import type { Entry } from "../../tree/entry.ts";
import { type Found, type Listed, list, resolve, shownContent } from "../../tree/lookup.ts";
import type { StateView } from "../../tree/state-view.ts";
import { Notes } from "../notes.ts";
import type { TransferParts } from "../parts.ts";
import type { FileMeta } from "../worker/new-file.ts";
import { failedItem } from "../worker/open-records.ts";
import type { FailedItem } from "../worker/seal-jobs.ts";
import { mustNotBeHome, mustNotLeadHome, openDestination } from "./export-dest.ts";
import { ExportFiles, type ExportItem } from "./export-files.ts";
import { finishFolder, makeFolder, makeLink } from "./export-finish.ts";
import { nameItems } from "./export-names.ts";

/** Things that one job opens the records of. */
const runItems = 256;
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
  full: "storage-full",
  other: "storage",
};

/**
 * Writes the contents of a folder of the drive into a local folder, or one file or symbolic link to
 * a local path: with modes and times, links as links. What stands at their places is replaced, but
 * for folders; what else is in the folder stays. Nothing is written to where a link leads.
 * @param view - the drive as it is or was.
 * @param path - in the drive.
 * @param dest - absolute. For a folder: a folder, made if it is not there. For a file: a folder to
 * put it into, or its new path.
 * @throws not-found; not-a-folder; usage, also for a place in the drive's own data folder;
 * cancelled; storage-full; damaged, once all else is written, naming what has lost its blocks
 */
export async function exportTree(
  parts: TransferParts,
  view: StateView,
  path: string,
  dest: string,
  call: WorkCall,
): Promise<ExportReport> {
  if (!isAbsolute(dest)) {
    throw new CloudError("usage", `expected an absolute path, got ${JSON.stringify(dest)}`);
  }
  mustNotLeadHome(dest, parts.home);
  const found = await resolve(view, path);
  const running = new Export(parts, view, call);
  return running.run(formatPath(parsePath(path)), found, dest);
}

/** A folder on the disk that is being filled. */
interface OpenFolder {
  readonly path: string;
  /** In the drive. */
  readonly shown: string;
  readonly isNew: boolean;
  /** What it gets at the end, once its record was opened. */
  meta?: FileMeta;
}

/** One export under way. */
class Export {
  readonly #view: StateView;
  /** The drive's own data folder. */
  readonly #home: string;
  readonly #call: WorkCall;
  readonly #notes = new Notes();
  readonly #files: ExportFiles;
  readonly #counts = { files: 0, folders: 0, links: 0, bytes: 0 };
  readonly #damaged: string[] = [];
  #waiting: ExportItem[] = [];
  /** Each after the one above it. */
  readonly #folders = new Map<string, OpenFolder>();
  readonly #links: { item: ExportItem; meta: FileMeta; target: Uint8Array }[] = [];
  #lastTold = 0;

  constructor(parts: TransferParts, view: StateView, call: WorkCall) {
    this.#view = view;
    this.#home = parts.home;
    this.#call = call;
    this.#files = new ExportFiles(parts, {
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
        await this.#writeFolders(id, entry, shown, openDestination(dest));
      } else await this.#writeOne(entry, shown, dest);
      await this.#flush();
      await this.#files.drain();
    } catch (error) {
      await this.#files.settle();
      throw error;
    }
    this.#makeLinks();
    this.#finishFolders();
    if (this.#damaged.length > 0) throw this.#damagedError();
    return { ...this.#counts, ...this.#notes.failures, notes: this.#notes.list() };
  }

  async #writeOne(entry: Entry, shown: string, dest: string): Promise<void> {
    const isFolder = statSync(dest, { throwIfNoEntry: false })?.isDirectory() === true;
    const path = isFolder ? join(dest, basename(shown)) : dest;
    if (statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory() !== true) {
      const above = JSON.stringify(dirname(path));
      throw new CloudError("not-found", `there is no folder ${above} to write into`);
    }
    await this.#add(entry, path, shown);
  }

  async #writeFolders(
    id: Found["id"],
    entry: Entry | undefined,
    shown: string,
    dest: { path: string; isNew: boolean },
  ): Promise<void> {
    const top: OpenFolder = { ...dest, shown };
    if (entry !== undefined && dest.isNew) {
      this.#folders.set(top.path, top);
      await this.#add(entry, top.path, shown);
    }
    const pending = [{ id, folder: top }];
    let sliceEnd = performance.now() + sliceMs;
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const inner: typeof pending = [];
      for (const { entry: below, path, shown: name } of await this.#list(next.id, next.folder)) {
        if (below.kind === "folder") {
          const folder = this.#makeFolder(path, name);
          if (folder === undefined) continue;
          inner.push({ id: below.id, folder });
        }
        await this.#add(below, path, name);
        if (performance.now() < sliceEnd) continue;
        this.#mustGoOn();
        await nextTurn();
        sliceEnd = performance.now() + sliceMs;
      }
      pending.push(...inner.reverse());
    }
  }

  /** What a folder lists, and where it goes. */
  async #list(
    id: Found["id"],
    { path, shown }: OpenFolder,
  ): Promise<{ entry: Entry; path: string; shown: string }[]> {
    const listed: Listed[] = [];
    for await (const each of list(this.#view, id)) listed.push(each);
    const show = (name: string): string => JSON.stringify(childOf(shown, name));
    return nameItems(path, listed, show, this.#notes).map(({ entry, name, target }) => ({
      entry,
      path: `${path}/${target}`,
      shown: childOf(shown, name),
    }));
  }

  #makeFolder(path: string, shown: string): OpenFolder | undefined {
    let isNew: boolean;
    try {
      isNew = makeFolder(path);
    } catch (error) {
      const { why, fault } = failedItem(error);
      const name = JSON.stringify(shown);
      this.#notes.fail(codeOfFault[fault], `the folder ${name} can't be made: ${why}`);
      return undefined;
    }
    if (!isNew) mustNotBeHome(path, this.#home);
    const folder = { path, shown, isNew };
    this.#folders.set(path, folder);
    this.#counts.folders++;
    return folder;
  }

  /** Has one thing written; of a folder, which is there, its record opened. */
  async #add(entry: Entry, path: string, shown: string): Promise<void> {
    const { kind } = entry;
    const content = shownContent(entry);
    if (kind === "mount") {
      this.#notes.add(`${JSON.stringify(shown)} was left out: it is a space of its own`);
    } else if (content !== undefined) {
      this.#waiting.push({ kind, path, shown, link: content.link });
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
    if (item.kind === "link") this.#links.push({ item, meta, target: content });
    else if (folder !== undefined) folder.meta = meta;
  }

  #onFailed({ shown }: ExportItem, { why, fault }: Omit<FailedItem, "outcome">): void {
    if (fault === "damaged") this.#damaged.push(shown);
    this.#notes.fail(codeOfFault[fault], `${JSON.stringify(shown)} can't be written: ${why}`);
  }

  /** Links come last, so that nothing is written through one of them. */
  #makeLinks(): void {
    for (const { item, meta, target } of this.#links) {
      try {
        makeLink(item.path, target, meta);
        this.#counts.links++;
      } catch (error) {
        this.#onFailed(item, failedItem(error));
      }
    }
  }

  /** Times and modes of folders, the innermost first: what is written into one changes its time. */
  #finishFolders(): void {
    for (const { path, shown, meta, isNew } of [...this.#folders.values()].reverse()) {
      try {
        if (meta !== undefined) finishFolder(path, meta);
        else if (isNew) chmodSync(path, defaultFolderMode);
      } catch (error) {
        const name = JSON.stringify(shown);
        this.#notes.add(`mode and time of ${name} can't be set: ${systemErrorWords(error)}`);
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
