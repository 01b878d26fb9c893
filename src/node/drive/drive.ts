import type { KeptSpace } from "../account/kept-space.ts";
import { isCloudError } from "../core/cloud-error.ts";
import { Changes, type WriteOptions } from "../space/changes.ts";
import { clockNotices } from "../space/clock-notices.ts";
import { lockedMeanwhile } from "../space/commit-loop.ts";
import { showRevision } from "../space/describe.ts";
import { type PathQuery, PathSearch } from "../space/find/path-search.ts";
import type { JournalOptions } from "../space/past/past.ts";
import type { TagInfo } from "../space/past/tags.ts";
import { type ContentOptions, Questions, type ReadOptions } from "../space/questions.ts";
import { openParts, type SpaceHost } from "../space/space-parts.ts";
import type {
  FileVersion,
  FoundPaths,
  GcReport,
  Housekeeping,
  JournalItem,
  ListItem,
  Overwrite,
  PathChange,
  RemovedItem,
  RevisionInfo,
  ShownState,
  Stat,
  VerifyReport,
  When,
} from "../space/types.ts";
import { Freeing } from "../space/upkeep/freeing.ts";
import type { Purged } from "../space/upkeep/purge-path.ts";
import { type RetainedSpace, verify } from "../space/upkeep/upkeep.ts";
import type { WorkCall } from "../space/work-call.ts";
import type { Store } from "../store/store.ts";
import { type ExportTask, exportTree } from "../transfer/export/export.ts";
import { type GivenFile, type GivenReport, giveFile } from "../transfer/export/get-file.ts";
import { readLong } from "../transfer/export/read-long.ts";
import { UnfinishedFiles } from "../transfer/export/unfinished-files.ts";
import { importTree } from "../transfer/import/import.ts";
import { sealDiskFile } from "../transfer/import/put-file.ts";
import { Upload } from "../transfer/import/upload.ts";
import type { TransferParts } from "../transfer/parts.ts";
import type { ExportReport, ImportReport } from "../transfer/reports.ts";
import { Search } from "../transfer/search/search.ts";
import { openResults, type SearchOptions } from "../transfer/search/search-results.ts";

/** What a drive is opened with. */
export type DriveHost = SpaceHost & Pick<TransferParts, "pool" | "home">;

/**
 * Opens the drive that a space holds, with all that the heads in its store lead to.
 * @throws damaged, newer, naming what can't be read
 */
export async function openDrive(host: DriveHost): Promise<Drive> {
  const { pool, home } = host;
  const unfinished = new UnfinishedFiles(host.space);
  const drive = new Drive({ ...(await openParts(host)), pool, home, unfinished });
  drive.cleanUp();
  return drive;
}

/** An open drive: its tree now and at every moment, changed by one door. */
export class Drive {
  readonly #parts: TransferParts;
  readonly #questions: Questions;
  readonly #changes: Changes;
  readonly #freeing: Freeing;
  readonly #paths: PathSearch;
  readonly #uploads = new Set<Upload>();
  readonly #searches = new Map<Search, Promise<unknown>>();
  /** Long work under way, and what ends it when the drive is closed. */
  readonly #atWork = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();

  /** Use {@link openDrive}. */
  constructor(parts: TransferParts) {
    this.#parts = parts;
    this.#questions = new Questions(parts);
    this.#changes = new Changes(parts);
    this.#freeing = new Freeing(parts);
    this.#paths = new PathSearch(parts);
  }

  /** The current revision as people name it; `0` before the first change. */
  get revision(): string {
    return showRevision(this.#parts.loop.tip);
  }

  /** Sentences that the user should know. */
  get notices(): readonly string[] {
    const { loop, now } = this.#parts;
    return clockNotices(loop.clock, now());
  }

  get store(): Store {
    return this.#parts.space.store;
  }

  /** The space with what a collection of another space has to leave. */
  get retained(): RetainedSpace {
    const { space, loop } = this.#parts;
    return { space, tip: () => loop.tip };
  }

  /** Goes on with what the keystore has of the space now, as in CommitLoop. */
  rekey(kept: KeptSpace): Promise<void> {
    return this.#parts.loop.rekey(kept);
  }

  // --- reading, as in Questions

  stat(path: string, at?: When, version?: string): Promise<Stat> {
    return this.#questions.stat(path, at, version);
  }

  list(path: string, at?: When, onLong?: () => Promise<void>): Promise<ListItem[]> {
    return this.#questions.list(path, at, onLong);
  }

  /** Bytes of a file, of its current content, at a moment or of one version. */
  async read(path: string, options: ReadOptions, signal?: AbortSignal): Promise<Uint8Array> {
    const record = await this.#parts.content.record(await this.#questions.link(path, options));
    const { offset = 0, length = record.size } = options;
    return readLong(this.#parts, record, offset, length, signal);
  }

  readLink(path: string, at?: When): Promise<Uint8Array> {
    return this.#questions.readLink(path, at);
  }

  log(path: string, limit: number, everySave: boolean): Promise<FileVersion[]> {
    return this.#questions.log(path, limit, everySave);
  }

  revisions(limit: number, before?: string): Promise<RevisionInfo[]> {
    return this.#questions.revisions(limit, before);
  }

  journal(options: JournalOptions): Promise<JournalItem[]> {
    return this.#questions.journal(options);
  }

  diff(from: When, to: When | undefined, path: string | undefined): Promise<PathChange[]> {
    return this.#questions.diff(from, to, path);
  }

  removed(path: string, limit: number): Promise<RemovedItem[]> {
    return this.#questions.removed(path, limit);
  }

  passedOver(at: When): Promise<number | undefined> {
    return this.#questions.passedOver(at);
  }

  shownAt(at: When): Promise<ShownState[]> {
    return this.#questions.shownAt(at);
  }

  tags(): Promise<TagInfo[]> {
    return this.#questions.tags();
  }

  // --- finding

  /** Files by what is typed of their names, as PathSearch. */
  findFiles(wanted: PathQuery, signal: AbortSignal): Promise<FoundPaths> {
    return this.#paths.find(wanted, signal);
  }

  /**
   * Begins to search names or texts, now or at a moment. It ends when the drive is closed.
   * @param limit - lines, or names, after which it is done.
   * @throws as `openResults`
   */
  async search(options: SearchOptions, at: When | undefined, limit: number): Promise<Search> {
    this.#mustBeOpen();
    const ending = new AbortController();
    const signal = AbortSignal.any([ending.signal, this.#closing.signal]);
    const view = await this.#parts.moments.view(at);
    const results = await openResults(this.#parts, view, options, signal);
    const search = new Search(results, ending, limit);
    const ended = search.ended.then(() => this.#searches.delete(search));
    this.#searches.set(search, ended);
    return search;
  }

  // --- changing, as in Changes

  write(request: WriteOptions, bytes: Uint8Array): Promise<Stat> {
    return this.#changes.write(request, bytes);
  }

  symlink(path: string, target: Uint8Array): Promise<Stat> {
    return this.#changes.symlink(path, target);
  }

  makeFolder(path: string, parents: boolean): Promise<Stat> {
    return this.#changes.makeFolder(path, parents);
  }

  remove(path: string, recursive: boolean): Promise<void> {
    return this.#changes.remove(path, recursive);
  }

  move(from: string, to: string, overwrite: Overwrite): Promise<Stat> {
    return this.#changes.move(from, to, overwrite);
  }

  copy(from: string, to: string, overwrite: Overwrite, at?: When): Promise<Stat> {
    return this.#changes.copy(from, to, overwrite, at);
  }

  setMeta(path: string, meta: { mode?: number; mtime?: number }): Promise<Stat> {
    return this.#changes.setMeta(path, meta);
  }

  restore(path: string, target: { version?: string; at?: When }): Promise<number> {
    return this.#changes.restore(path, target);
  }

  tag(name: string, at: When | undefined): Promise<void> {
    return this.#changes.tag(name, at);
  }

  removeTag(name: string): Promise<void> {
    return this.#changes.removeTag(name);
  }

  // --- content of unknown length

  /** Begins to take in content of unknown length. */
  beginUpload(): Upload {
    this.#mustBeOpen();
    const { space, pool } = this.#parts;
    const upload = new Upload(space, pool, () => {
      this.#uploads.delete(upload);
    });
    this.#uploads.add(upload);
    return upload;
  }

  /** Puts what was uploaded at a path. */
  async endUpload(upload: Upload, request: WriteOptions): Promise<Stat> {
    const { sealed, batch } = await upload.finish();
    return this.#changes.writeSealed(request, sealed, batch);
  }

  /**
   * Writes a file from a local one, which is read here.
   * @param seen - as in `sealDiskFile`, which says when the answer is `undefined`.
   */
  putFile(
    request: WriteOptions,
    source: string,
    seen: string,
    call: WorkCall,
  ): Promise<Stat | undefined> {
    return this.#work(call, async (work) => {
      const file = await sealDiskFile(this.#parts, source, seen, work);
      if (file === undefined) return undefined;
      const { sealed, batch, mode, mtime } = file;
      return this.#changes.writeSealed({ mode, mtime, ...request }, sealed, batch);
    });
  }

  /** Writes a file to a local place, as `giveFile`, which says when the answer is `undefined`. */
  getFile(
    path: string,
    options: ContentOptions,
    place: Pick<GivenFile, "dest" | "seen">,
    call: WorkCall,
  ): Promise<GivenReport | undefined> {
    return this.#work(call, async (work) => {
      const link = await this.#questions.link(path, options);
      const { size } = await this.#parts.content.record(link);
      return giveFile(this.#parts, { link, size, shown: path, ...place }, work);
    });
  }

  // --- long work

  verify(call: WorkCall): Promise<VerifyReport> {
    const { space, loop } = this.#parts;
    return this.#work(call, (work) => verify(space, loop.tip, work));
  }

  /** Lets go of what the retention policy does not keep, then frees what nothing needs. */
  collectGarbage(call: WorkCall): Promise<GcReport> {
    return this.#work(call, (work) => this.#freeing.collect(work));
  }

  /** The same as far as it is safe with nobody looking on; see Freeing. */
  keepHouse(call: WorkCall): Promise<GcReport> {
    return this.#work(call, (work) => this.#freeing.keepHouse(work));
  }

  /** Whether {@link keepHouse} is worth it now. */
  get needsHousekeeping(): boolean {
    return this.#freeing.isDue;
  }

  /** What was freed last, and about what there is to be freed. */
  get housekeeping(): Housekeeping {
    return this.#freeing.housekeeping;
  }

  /** What {@link collectGarbage} would do now. Changes nothing. */
  measureGarbage(call: WorkCall): Promise<GcReport> {
    return this.#work(call, (work) => this.#freeing.measure(work));
  }

  /** Takes what stands or stood at a path out of all history, and frees its blocks. */
  purge(path: string, call: WorkCall): Promise<Purged & { readonly freedBytes: number }> {
    return this.#work(call, (work) => this.#freeing.purge(path, work));
  }

  import(source: string, dest: string, call: WorkCall): Promise<ImportReport> {
    return this.#work(call, (work) => importTree(this.#parts, source, dest, work));
  }

  export(task: ExportTask, at: When | undefined, call: WorkCall): Promise<ExportReport> {
    return this.#work(call, async (work) =>
      exportTree(this.#parts, await this.#parts.moments.view(at), task, work),
    );
  }

  /** Removes, some time later, what a killed node left of files that it was writing outside. */
  cleanUp(): void {
    const { pool, unfinished } = this.#parts;
    const [first, ...others] = unfinished.left();
    if (first === undefined) return;
    const call = { signal: this.#closing.signal, progress: () => undefined };
    void this.#work(call, async ({ signal }) => {
      const paths = [first, ...others];
      await pool.disks.use(first, signal, (disk) => disk.call("removeLeft", paths));
    }).catch(() => undefined); // at the next start again
  }

  /** Ends long work and uploads, takes no further change, and waits for those that it took. */
  async close(): Promise<void> {
    this.#closing.abort(lockedMeanwhile());
    for (const upload of [...this.#uploads]) upload.abandon();
    const searches = [...this.#searches.values()];
    for (const search of this.#searches.keys()) search.end();
    this.#paths.forget();
    await this.#parts.loop.close();
    await Promise.allSettled([...this.#atWork, ...searches]);
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
}
