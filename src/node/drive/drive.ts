import { ContentReader } from "../blocks/content/content-reader.ts";
import { sealContent } from "../blocks/content/seal-content.ts";
import { maxInlineBytes } from "../blocks/record.ts";
import { CloudError, isCloudError } from "../core/cloud-error.ts";
import type { ReadonlyIdMap } from "../core/id-map.ts";
import type { WriterId } from "../core/ids.ts";
import { formatPath, parsePath } from "../core/path.ts";
import type { Stamp } from "../core/stamp.ts";
import type { Tip } from "../history/tip.ts";
import { type Change, CommitLoop, type Committed, lockedMeanwhile } from "../space/commit-loop.ts";
import {
  listedStat,
  showKind,
  showRevision,
  showWriter,
  statOf,
  statOfLink,
} from "../space/describe.ts";
import { deviceNames } from "../space/device-names.ts";
import * as edits from "../space/edits.ts";
import { Freeing } from "../space/freeing.ts";
import { findTip, HeadChain } from "../space/head-chain.ts";
import { Moments } from "../space/moments.ts";
import type { OpenSpace } from "../space/open-space.ts";
import * as past from "../space/past.ts";
import type { Purged } from "../space/purge-path.ts";
import { listFolder, readLinkAt, recordAtPath } from "../space/reading.ts";
import { restoreAt, restoreRemoved, restoreVersion } from "../space/restore.ts";
import { checkTagName, listTags, removeTag, setTag, type TagInfo } from "../space/tags.ts";
import { changedBy } from "../space/tell.ts";
import type {
  ChangedEvent,
  FileVersion,
  GcReport,
  JournalItem,
  ListItem,
  Overwrite,
  PathChange,
  RemovedItem,
  RevisionInfo,
  Settings,
  Stat,
  VerifyReport,
  When,
} from "../space/types.ts";
import { verify } from "../space/upkeep.ts";
import { VacatedNames } from "../space/vacated.ts";
import type { WorkCall } from "../space/work-call.ts";
import type { Store, StoreBatch } from "../store/store.ts";
import { exportTree } from "../transfer/export/export.ts";
import { importTree } from "../transfer/import/import.ts";
import { Upload } from "../transfer/import/upload.ts";
import type { TransferParts } from "../transfer/parts.ts";
import type { ExportReport, ImportReport } from "../transfer/reports.ts";
import type { SealPool } from "../transfer/worker/seal-pool.ts";
import type { Entry } from "../tree/entry.ts";
import { resolve } from "../tree/lookup.ts";
import { type StateView, viewState } from "../tree/state-view.ts";

/** What a drive is opened with. */
export interface DriveOptions {
  readonly space: OpenSpace;
  readonly pool: SealPool;
  /** The data folder, which no import takes in. */
  readonly home: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly settings: () => Settings;
  readonly onChanged: (event: ChangedEvent) => void;
}

/**
 * Opens the drive that a space holds, with all that the heads in its store lead to.
 * @throws damaged, newer, naming what can't be read
 */
export async function openDrive(options: DriveOptions): Promise<Drive> {
  const found = await findTip(options.space);
  const drive = new Drive(options, found);
  try {
    for (const other of found.others) await drive.receive(other);
  } catch (error) {
    await drive.close();
    throw error;
  }
  return drive;
}

/** An open drive: its tree now and at every moment, changed by one door. */
export class Drive {
  readonly #options: DriveOptions;
  readonly #space: OpenSpace;
  readonly #content: ContentReader;
  readonly #loop: CommitLoop;
  readonly #context: edits.EditContext;
  readonly #devices: ReadonlyIdMap<WriterId, string>;
  readonly #moments: Moments;
  readonly #uploads = new Set<Upload>();
  /** Long work under way, and what ends it when the drive is closed. */
  readonly #atWork = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();
  readonly #freeing: Freeing;

  /** Use {@link openDrive}. */
  constructor(options: DriveOptions, found: Awaited<ReturnType<typeof findTip>>) {
    this.#options = options;
    const { space } = options;
    this.#space = space;
    this.#content = new ContentReader(space.writer);
    const heads = new HeadChain(space, found.own);
    this.#loop = new CommitLoop(space, heads, found, options.now, (committed) =>
      this.#tell(committed),
    );
    this.#freeing = new Freeing({ ...options, loop: this.#loop });
    this.#moments = new Moments(space, options.now, () => this.#loop.tip);
    this.#context = {
      space,
      content: this.#content,
      vacated: new VacatedNames(() => this.#windowMs()),
    };
    this.#devices = deviceNames(space);
  }

  /** The current revision as people name it; `0` before the first change. */
  get revision(): string {
    return showRevision(this.#loop.tip);
  }

  get store(): Store {
    return this.#space.store;
  }

  // --- reading

  /** What stands at a path. @throws not-found, not-a-folder, invalid-name, damaged */
  async stat(path: string, at?: When, version?: string): Promise<Stat> {
    if (version !== undefined) {
      const { entry, version: found } = await past.versionAt(this.#past(), path, version);
      return statOfLink(this.#content, showKind(entry), found.stamp, found.link);
    }
    const { entry } = await resolve(await this.#moments.view(at), path);
    return statOf(this.#content, entry);
  }

  /**
   * What a folder lists.
   * @param onLong - waited for before the rest of a long listing is gathered.
   * @throws not-found, not-a-folder
   */
  async list(path: string, at?: When, onLong?: () => Promise<void>): Promise<ListItem[]> {
    return listFolder(this.#content, await this.#moments.view(at), path, onLong);
  }

  /** Bytes of a file, of its current content, at a moment or of one version. */
  async read(
    path: string,
    options: { at?: When; version?: string; offset?: number; length?: number },
  ): Promise<Uint8Array> {
    const { at, version } = options;
    const record =
      version === undefined
        ? await recordAtPath(this.#content, await this.#moments.view(at), path)
        : await this.#content.record(
            (await past.versionAt(this.#past(), path, version)).version.link,
          );
    const { offset = 0, length = record.size } = options;
    return this.#content.read(record, offset, length);
  }

  /** Where a symbolic link leads, as it was given. @throws usage, for anything else */
  async readLink(path: string, at?: When): Promise<Uint8Array> {
    return readLinkAt(this.#content, await this.#moments.view(at), path);
  }

  // --- changing

  /**
   * Takes in a revision of another head that counts, whose blocks the store has.
   * @throws damaged, newer, if it can't be; not-found
   */
  async receive(tip: Tip): Promise<void> {
    const received = await this.#loop.receive(tip);
    if (received.outcome === "refused") throw received.error;
    if (received.outcome !== "differs") return;
    throw new CloudError(
      "damaged",
      "two heads of this drive have seen the same changes and differ: a writer was forked, or there is a bug",
    );
  }

  /** Writes a whole file. @returns its stat. */
  async write(
    request: Omit<edits.WriteRequest, "kind" | "sealed">,
    bytes: Uint8Array,
  ): Promise<Stat> {
    return this.#put([request.path], (change) => {
      const sealed =
        bytes.length <= maxInlineBytes
          ? { size: bytes.length, content: bytes }
          : sealContent(this.#space.writer, change.batch, bytes);
      return edits.writeFile(this.#context, change, { ...request, kind: "file", sealed });
    });
  }

  /** Makes a symbolic link; where it leads is kept as it is given and never followed. */
  async symlink(path: string, target: Uint8Array): Promise<Stat> {
    const sealed = { size: target.length, content: target };
    if (target.length === 0 || target.length > maxInlineBytes) {
      throw new CloudError("usage", "a symbolic link leads to 1 to 4096 bytes of path");
    }
    return this.#put([path], (change) =>
      edits.writeFile(this.#context, change, { path, kind: "link", sealed }),
    );
  }

  /** Begins to take in content of unknown length. */
  beginUpload(): Upload {
    this.#mustBeOpen();
    const upload = new Upload(this.#space, this.#options.pool, () => {
      this.#uploads.delete(upload);
    });
    this.#uploads.add(upload);
    return upload;
  }

  /** Puts what was uploaded at a path. */
  async endUpload(
    upload: Upload,
    request: Omit<edits.WriteRequest, "kind" | "sealed">,
  ): Promise<Stat> {
    const { sealed, batch } = await upload.finish();
    return this.#put(
      [request.path],
      (change) => edits.writeFile(this.#context, change, { ...request, kind: "file", sealed }),
      [batch],
    );
  }

  async makeFolder(path: string, parents: boolean): Promise<Stat> {
    return this.#put([path], (change) => edits.makeFolder(this.#context, change, path, parents));
  }

  async remove(path: string, recursive: boolean): Promise<void> {
    await this.#apply([path], (change) => edits.remove(change, path, recursive));
  }

  async move(from: string, to: string, overwrite: Overwrite): Promise<Stat> {
    return this.#put([from, to], (change) =>
      edits.move(this.#context, change, from, to, overwrite),
    );
  }

  async copy(from: string, to: string, overwrite: Overwrite, at?: When): Promise<Stat> {
    return this.#put([to], async (change) => {
      const view = at === undefined ? change.draft.state : await this.#viewIn(change.base, at);
      return edits.copy(change, view, from, to, overwrite);
    });
  }

  async setMeta(path: string, meta: { mode?: number; mtime?: number }): Promise<Stat> {
    return this.#put([path], (change) => edits.setMeta(this.#context, change, path, meta));
  }

  /** Runs a change that leaves an entry, and tells its stat. */
  async #put(
    paths: readonly string[],
    run: (change: Change) => Promise<Entry | undefined>,
    staged: readonly StoreBatch[] = [],
  ): Promise<Stat> {
    const entry = await this.#apply(paths, run, staged);
    // It is done, whether or not what was moved or copied can be read.
    return listedStat(this.#content, entry);
  }

  #apply<Result>(
    paths: readonly string[],
    run: (change: Change) => Promise<Result>,
    staged: readonly StoreBatch[] = [],
  ): Promise<Result> {
    try {
      const touches = paths.map((path) => formatPath(parsePath(path)));
      return this.#loop.apply(touches, run, staged);
    } catch (error) {
      for (const batch of staged) batch.abandon();
      throw error;
    }
  }

  // --- the past

  log(path: string, limit: number, everySave: boolean): Promise<FileVersion[]> {
    return past.fileLog(this.#past(), path, everySave ? 0 : this.#windowMs(), limit);
  }

  revisions(limit: number, before?: string): Promise<RevisionInfo[]> {
    if (this.#loop.tip === undefined) return Promise.resolve([]);
    return past.revisions(this.#past(), limit, before);
  }

  journal(options: Parameters<typeof past.journal>[1]): Promise<JournalItem[]> {
    if (this.#loop.tip === undefined) return Promise.resolve([]);
    return past.journal(this.#past(), options);
  }

  /** What differs between two moments, by path. @throws not-found, if the path is in neither */
  async diff(from: When, to: When | undefined, path: string | undefined): Promise<PathChange[]> {
    const [a, b] = [await this.#moments.state(from), await this.#moments.state(to)];
    return past.diff(this.#space, a, b, path);
  }

  removed(path: string, limit: number): Promise<RemovedItem[]> {
    if (this.#loop.tip === undefined) return Promise.resolve([]);
    return past.removedBelow(this.#past(), path, limit);
  }

  /**
   * Brings a file to a version, or what stood at a path to how it was at a moment; without either,
   * what was removed there last comes back.
   * @returns how many entries changed.
   */
  async restore(path: string, target: { version?: string; at?: When }): Promise<number> {
    const { version, at } = target;
    return this.#loop.apply([], async (change) => {
      if (at !== undefined) {
        const from = await this.#moments.stateIn(change.base, at);
        return restoreAt(this.#context, change, from, path);
      }
      if (version === undefined) return restoreRemoved(this.#context, change, path);
      return restoreVersion(this.#context, this.#past(change.base), change, path, version);
    });
  }

  // --- tags

  /** Names the current state or that of a moment; an older tag of that name goes. */
  async tag(name: string, at: When | undefined): Promise<void> {
    checkTagName(name);
    await this.#loop.apply([], async (change) => {
      const state = at === undefined ? undefined : await this.#moments.stateIn(change.base, at);
      await setTag(this.#space, change, name, state);
    });
  }

  async removeTag(name: string): Promise<void> {
    await this.#loop.apply([], (change) => removeTag(change, name));
  }

  async tags(): Promise<TagInfo[]> {
    const { tip } = this.#loop;
    return tip === undefined ? [] : listTags(this.#space, tip);
  }

  // --- upkeep

  verify(call: WorkCall): Promise<VerifyReport> {
    return this.#work(call, (work) => verify(this.#space, this.#loop.tip, work));
  }

  /** Lets go of what the retention policy does not keep, then frees what nothing needs. */
  collectGarbage(call: WorkCall): Promise<GcReport> {
    return this.#work(call, (work) => this.#freeing.collect(work));
  }

  /** What {@link collectGarbage} would do now. Changes nothing. */
  measureGarbage(call: WorkCall): Promise<GcReport> {
    return this.#work(call, (work) => this.#freeing.measure(work));
  }

  /** Takes what stands or stood at a path out of all history, and frees its blocks. */
  purge(path: string, call: WorkCall): Promise<Purged & { readonly freedBytes: number }> {
    return this.#work(call, (work) => this.#freeing.purge(path, (tip) => this.#past(tip), work));
  }

  import(source: string, dest: string, call: WorkCall): Promise<ImportReport> {
    return this.#work(call, (work) => importTree(this.#parts(), source, dest, work));
  }

  export(path: string, dest: string, at: When | undefined, call: WorkCall): Promise<ExportReport> {
    return this.#work(call, async (work) =>
      exportTree(this.#parts(), await this.#moments.view(at), path, dest, work),
    );
  }

  /** Ends long work and uploads, takes no further change, and waits for those that it took. */
  async close(): Promise<void> {
    this.#closing.abort(lockedMeanwhile());
    for (const upload of [...this.#uploads]) upload.abandon();
    await this.#loop.close();
    await Promise.allSettled(this.#atWork);
  }

  /** Does long work, which ends when the drive is closed. @throws locked, then */
  async #work<Result>(call: WorkCall, run: (call: WorkCall) => Promise<Result>): Promise<Result> {
    this.#mustBeOpen();
    const signal = AbortSignal.any([call.signal, this.#closing.signal]);
    const work = run({ ...call, signal });
    this.#atWork.add(work);
    try {
      return await work;
    } catch (error) {
      if (isCloudError(error, "cancelled") && !call.signal.aborted) this.#mustBeOpen();
      throw error;
    } finally {
      this.#atWork.delete(work);
    }
  }

  #mustBeOpen(): void {
    if (this.#closing.signal.aborted) throw lockedMeanwhile();
  }

  #parts(): TransferParts {
    const { pool, home, now } = this.#options;
    return { space: this.#space, content: this.#content, loop: this.#loop, pool, home, now };
  }

  #windowMs(): number {
    return this.#options.settings().versionWindowSeconds * 1000;
  }

  #past(tip = this.#loop.tip): past.PastContext {
    if (tip === undefined)
      throw new CloudError("not-found", "the drive is empty: it has no history");
    return {
      space: this.#space,
      content: this.#content,
      tip,
      deviceOf: (stamp) => this.#deviceOf(stamp),
    };
  }

  #deviceOf(stamp: Stamp): string {
    return this.#devices.get(stamp.writer) ?? showWriter(stamp);
  }

  async #viewIn(tip: Tip | undefined, at: When): Promise<StateView> {
    return viewState(this.#space.writer, await this.#moments.stateIn(tip, at));
  }

  async #tell(committed: Committed): Promise<void> {
    this.#options.onChanged(await changedBy(this.#space, committed));
  }
}
