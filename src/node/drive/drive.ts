import { encodeRecordLink, type Link } from "../blocks/link.ts";
import { encodeRecord, maxInlineBytes, type VersionRecord } from "../blocks/record.ts";
import { toBinaryString } from "../core/bytes.ts";
import { CloudError, isCloudError } from "../core/cloud-error.ts";
import { formatPath, parsePath } from "../core/path.ts";
import { type Stamp, showStamp } from "../core/stamp.ts";
import { differences } from "../history/difference.ts";
import { tagsOf } from "../history/moment.ts";
import { purgeHistory } from "../history/purge.ts";
import { letGo } from "../history/retention.ts";
import { encodeLogItem, tagKey, tagPrefix } from "../history/revision.ts";
import type { Tip } from "../history/tip.ts";
import type { SealPool } from "../platform/seal-pool.ts";
import type { Store, StoreBatch } from "../store/store.ts";
import { decodeEntry, type Entry, isLive } from "../tree/entry.ts";
import { list as listFolder, resolve, resolveTarget, shownContent } from "../tree/lookup.ts";
import { put } from "../tree/put.ts";
import { descendants } from "../tree/remove.ts";
import { restoreFrom, reviveEntry } from "../tree/restore.ts";
import { emptyState, encodeState, type State } from "../tree/state.ts";
import { type StateView, viewState } from "../tree/state-view.ts";
import { type Change, CommitLoop, type Committed, lockedMeanwhile } from "./commit-loop.ts";
import {
  ContentReader,
  ContentWriter,
  type SealedContent,
  sealContent,
  sealInto,
} from "./content.ts";
import {
  listedStat,
  showKind,
  showRevision,
  showWriter,
  soundRecord,
  statOf,
  statOfLink,
} from "./describe.ts";
import { deviceNames } from "./device-names.ts";
import * as edits from "./edits.ts";
import { exportTree } from "./export.ts";
import { findTip, HeadChain } from "./head-chain.ts";
import { importTree } from "./import.ts";
import type { DriveParts } from "./parts.ts";
import * as past from "./past.ts";
import type { OpenSpace } from "./space.ts";
import type {
  ChangedEvent,
  ExportReport,
  FileVersion,
  GcReport,
  ImportReport,
  JournalItem,
  ListItem,
  PathChange,
  RemovedItem,
  RevisionInfo,
  Settings,
  Stat,
  VerifyReport,
  When,
} from "./types.ts";
import { collect, verify, type WorkCall } from "./upkeep.ts";
import { VacatedNames } from "./vacated.ts";
import { stateWhen } from "./when.ts";
import { wouldLetGo } from "./would-let-go.ts";

/** More changed paths than these are told as "everything". */
const maxChangesTold = 1000;
/** Bytes of an upload that wait in memory before they go to the store. */
const uploadFlushBytes = 8 * 1024 * 1024;
/** States of the past that stay opened. */
const heldMoments = 8;

/** What a drive is opened with. */
export interface DriveOptions {
  readonly space: OpenSpace;
  readonly pool: SealPool;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly settings: () => Settings;
  readonly onChanged: (event: ChangedEvent) => void;
}

/** Content on its way in, of a length not yet known. */
export interface Upload {
  /** @throws locked, if the drive was closed meanwhile */
  write(bytes: Uint8Array): Promise<void>;
  abandon(): void;
  /** Ends the upload. @throws locked, as `write` @internal */
  finish(): { sealed: SealedContent; batch: StoreBatch };
}

/** Opens the drive that a space holds. @throws damaged, newer, naming what can't be read */
export async function openDrive(options: DriveOptions): Promise<Drive> {
  const found = await findTip(options.space);
  return new Drive(options, found);
}

/** An open drive: its tree now and at every moment, changed by one door. */
export class Drive {
  readonly #options: DriveOptions;
  readonly #space: OpenSpace;
  readonly #content: ContentReader;
  readonly #loop: CommitLoop;
  readonly #context: edits.EditContext;
  readonly #devices: ReadonlyMap<string, string>;
  readonly #moments = new Map<string, State>();
  #momentsOf: Tip | undefined;
  readonly #uploads = new Set<StoreBatch>();
  /** Long work under way, and what ends it when the drive is closed. */
  readonly #atWork = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();
  #collecting: Promise<unknown> = Promise.resolve();

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
    const { entry } = await resolve(await this.#view(at), path);
    return statOf(this.#content, entry);
  }

  /** What a folder lists. @throws not-found, not-a-folder */
  async list(path: string, at?: When): Promise<ListItem[]> {
    const view = await this.#view(at);
    const { id, entry } = await resolve(view, path);
    if (entry !== undefined && entry.kind !== "folder") {
      throw new CloudError("not-a-folder", `${path} is a ${entry.kind}, not a folder`);
    }
    const items: ListItem[] = [];
    for await (const { name, entry: child } of listFolder(view, id)) {
      items.push({ name, ...(await listedStat(this.#content, child)), kind: showKind(child) });
    }
    return items;
  }

  /** Bytes of a file, of its current content, at a moment or of one version. */
  async read(
    path: string,
    options: { at?: When; version?: string; offset?: number; length?: number },
  ): Promise<Uint8Array> {
    const record = await this.#record(path, options.at, options.version);
    const { offset = 0, length = record.size } = options;
    return this.#content.read(record, offset, length);
  }

  /** Where a symbolic link leads, as it was given. @throws usage, for anything else */
  async readLink(path: string, at?: When): Promise<Uint8Array> {
    const { entry } = await resolve(await this.#view(at), path);
    const shown = entry?.kind === "link" ? shownContent(entry) : undefined;
    if (shown === undefined) throw new CloudError("usage", `${path} is not a symbolic link`);
    const record = await this.#content.record(shown.link);
    return this.#content.read(record, 0, record.size);
  }

  async #record(path: string, at?: When, version?: string): Promise<VersionRecord> {
    if (version !== undefined) {
      const found = await past.versionAt(this.#past(), path, version);
      return this.#content.record(found.version.link);
    }
    const { entry } = await resolve(await this.#view(at), path);
    if (entry === undefined || entry.kind === "folder" || entry.kind === "mount") {
      throw new CloudError("is-a-folder", `${path} is a folder, not a file`);
    }
    const shown = shownContent(entry);
    if (shown === undefined) throw new CloudError("damaged", `${path} has no content`);
    return this.#content.record(shown.link);
  }

  // --- changing

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
    const batch = this.#space.store.begin();
    const writer = new ContentWriter(this.#space.writer, batch);
    this.#uploads.add(batch);
    let waiting = 0;
    return {
      write: async (bytes) => {
        this.#mustBeOpen();
        writer.write(bytes);
        waiting += bytes.length;
        if (waiting < uploadFlushBytes) return;
        waiting = 0;
        await batch.flush();
      },
      abandon: () => {
        this.#uploads.delete(batch);
        batch.abandon();
      },
      finish: () => {
        this.#mustBeOpen();
        this.#uploads.delete(batch);
        return { sealed: writer.end(), batch };
      },
    };
  }

  /** Puts what was uploaded at a path. */
  async endUpload(
    upload: Upload,
    request: Omit<edits.WriteRequest, "kind" | "sealed">,
  ): Promise<Stat> {
    const { sealed, batch } = upload.finish();
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

  async move(from: string, to: string, overwrite: boolean): Promise<Stat> {
    return this.#put([from, to], (change) =>
      edits.move(this.#context, change, from, to, overwrite),
    );
  }

  async copy(from: string, to: string, overwrite: boolean, at?: When): Promise<Stat> {
    return this.#put([to], async (change) => {
      const view = at === undefined ? change.draft.state : await this.#viewIn(change, at);
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

  async diff(from: When, to: When | undefined, path: string | undefined): Promise<PathChange[]> {
    if (this.#loop.tip === undefined) return [];
    const [a, b] = [await this.#state(from), await this.#state(to)];
    return past.diff(this.#past(), a, b, path);
  }

  removed(path: string, limit: number): Promise<RemovedItem[]> {
    if (this.#loop.tip === undefined) return Promise.resolve([]);
    return past.removedBelow(this.#past(), path, limit);
  }

  /**
   * Brings a file to a version, or what stood at a path to how it was at a moment; without either,
   * what was removed there last comes back.
   */
  async restore(path: string, target: { version?: string; at?: When }): Promise<number> {
    const { version, at } = target;
    return this.#loop.apply([], (change) =>
      at === undefined
        ? this.#restoreVersion(change, path, version)
        : this.#restoreAt(change, path, at),
    );
  }

  async #restoreAt(change: Change, path: string, at: When): Promise<number> {
    const { base } = change;
    const from = await stateWhen(this.#space, base, at, this.#options.now());
    const relink = async (
      link: Uint8Array,
      replaced: Uint8Array | undefined,
    ): Promise<Uint8Array> => {
      const before = replaced && (await soundRecord(this.#content, replaced));
      return this.#relink(change, await this.#content.record(link), before);
    };
    const now = base?.state ?? emptyState;
    return restoreFrom(change.edit, this.#space.writer, now, from, path, relink);
  }

  async #restoreVersion(change: Change, path: string, id: string | undefined): Promise<number> {
    const context = this.#past(change.base);
    const entry = await past.entryEver(context, path);
    const shown = shownContent(entry);
    const link =
      id === undefined ? shown?.link : (await past.versionAt(context, path, id)).version.link;
    if (link === undefined) throw new CloudError("not-found", `${path} has no version to restore`);
    const before = shown && (await soundRecord(this.#content, shown.link));
    if (id === undefined && isLive(entry)) {
      throw new CloudError("usage", `${path} is there: say which version or moment to restore`);
    }
    const next = this.#relink(change, await this.#content.record(link), before);
    if (isLive(entry)) {
      const where = await resolveTarget(change.draft.state, path);
      await put(
        change.edit,
        { ...where, entry },
        { kind: entry.kind === "link" ? "link" : "file", link: next },
      );
    } else await reviveEntry(change.edit, entry, next);
    return 1;
  }

  /** Seals a record again with a time that moves on. */
  #relink(change: Change, record: VersionRecord, before: VersionRecord | undefined): Uint8Array {
    const mtime = edits.notBefore(change.time * 1000, before);
    const payload = encodeRecord({ ...record, mtime });
    return encodeRecordLink(sealInto(this.#space.writer, change.batch, "record", payload));
  }

  // --- tags

  /** Names the current state or that of a moment; an older tag of that name goes. */
  async tag(name: string, at: When | undefined): Promise<void> {
    checkTagName(name);
    await this.#loop.apply([], async (change) => {
      const { base, draft, edit, time } = change;
      const named = await this.#namedState(change, base, at);
      await dropTag(change, name);
      draft.tags.set(tagKey(name, edit.stamp), encodeLogItem({ time, state: named }));
    });
  }

  async #namedState(change: Change, base: Tip | undefined, at: When | undefined): Promise<Link> {
    if (at === undefined && base !== undefined) return base.revision.state;
    const state =
      at === undefined ? emptyState : await stateWhen(this.#space, base, at, this.#options.now());
    return sealInto(this.#space.writer, change.batch, "state", encodeState(state));
  }

  async removeTag(name: string): Promise<void> {
    await this.#loop.apply([], async (change) => {
      if (!(await dropTag(change, name)))
        throw new CloudError("not-found", `there is no tag ${name}`);
    });
  }

  async tags(): Promise<{ name: string; revision: string; time: number }[]> {
    const { tip } = this.#loop;
    if (tip === undefined) return [];
    const byName = new Map<string, { name: string; revision: string; time: number }>();
    for await (const { name, stamp, time } of tagsOf(this.#space.writer, tip.revision)) {
      byName.set(name, { name, revision: showStamp(stamp), time });
    }
    return [...byName.values()];
  }

  // --- upkeep

  verify(call: WorkCall): Promise<VerifyReport> {
    return this.#work(call, (work) => verify(this.#space, this.#loop.tip, work));
  }

  /** Lets go of what the retention policy does not keep, then frees what nothing needs. */
  collectGarbage(call: WorkCall): Promise<GcReport> {
    return this.#work(call, (work) => this.#collectGarbage(work));
  }

  async #collectGarbage(call: WorkCall): Promise<GcReport> {
    const dropped =
      this.#loop.tip === undefined
        ? { versions: 0, revisions: 0 }
        : await this.#loop.apply([], (change) =>
            letGo(
              change.draft,
              this.#space.writer,
              change.base as Tip,
              this.#options.settings().retention,
              change.draft.state.vv,
              this.#options.now(),
            ),
          );
    const freed = await this.#collect(call);
    return { ...freed, droppedVersions: dropped.versions, droppedRevisions: dropped.revisions };
  }

  /** What {@link collectGarbage} would do now. Changes nothing. */
  measureGarbage(call: WorkCall): Promise<GcReport> {
    return this.#work(call, async (work) => {
      const { tip } = this.#loop;
      const wouldBe =
        tip === undefined
          ? undefined
          : await wouldLetGo(this.#space, tip, this.#options.settings(), this.#options.now());
      const space = wouldBe?.space ?? this.#space;
      const measured = await this.#inTurn(() =>
        collect(space, () => wouldBe?.tip, work, "measure"),
      );
      return { ...measured, droppedVersions: 0, droppedRevisions: 0, ...wouldBe?.dropped };
    });
  }

  /** Takes what stands or stood at a path out of all history, and frees its blocks. */
  purge(path: string, call: WorkCall): Promise<{ versions: number; freedBytes: number }> {
    return this.#work(call, (work) => this.#purge(path, work));
  }

  async #purge(path: string, call: WorkCall): Promise<{ versions: number; freedBytes: number }> {
    if (parsePath(path).length === 0) {
      throw new CloudError("usage", "the root folder can't be purged; name what is in it");
    }
    const versions = await this.#loop.apply([], async (change) => {
      const { base, draft, edit, batch } = change;
      if (base === undefined) throw new CloudError("not-found", `there is nothing at ${path}`);
      const entry = await past.entryEver(this.#past(base), path);
      const below: Entry[] = [];
      if (entry.kind === "folder") {
        const view = viewState(this.#space.writer, base.state);
        for await (const each of descendants(view, entry.id)) below.push(each);
        for (const each of await removedBelow(view, [entry, ...below])) below.push(each);
      }
      const entries = [entry, ...below].reverse();
      return purgeHistory(this.#space.writer, batch, base, draft, edit, entries);
    });
    try {
      const { freedBytes } = await this.#collect(call);
      return { versions, freedBytes };
    } catch (error) {
      if (!isCloudError(error)) throw error;
      throw new CloudError(
        error.code,
        `${path} is out of all history, but its blocks are not freed yet ("ipcloud gc" does it): ${error.message}`,
        { cause: error },
      );
    }
  }

  /** One collection after the other: each begins with what the one before left. */
  #collect(call: WorkCall): Promise<{ freedBlocks: number; freedBytes: number }> {
    return this.#inTurn(() => collect(this.#space, () => this.#loop.tip, call));
  }

  #inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
    const turn = this.#collecting.then(run);
    this.#collecting = turn.catch(() => undefined);
    return turn;
  }

  import(source: string, dest: string, call: WorkCall): Promise<ImportReport> {
    return this.#work(call, (work) => importTree(this.#parts(), source, dest, work));
  }

  export(path: string, dest: string, at: When | undefined, call: WorkCall): Promise<ExportReport> {
    return this.#work(call, async (work) =>
      exportTree(this.#parts(), await this.#view(at), path, dest, work),
    );
  }

  /** Ends long work and uploads, takes no further change, and waits for those that it took. */
  async close(): Promise<void> {
    this.#closing.abort(lockedMeanwhile());
    for (const batch of this.#uploads) batch.abandon();
    this.#uploads.clear();
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

  #parts(): DriveParts {
    const { pool, now } = this.#options;
    return { space: this.#space, content: this.#content, loop: this.#loop, pool, now };
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
    return this.#devices.get(toBinaryString(stamp.writer)) ?? showWriter(stamp);
  }

  async #state(at: When | undefined): Promise<State> {
    const { tip } = this.#loop;
    if (at === undefined) return tip?.state ?? emptyState;
    if (this.#momentsOf !== tip) this.#moments.clear();
    this.#momentsOf = tip;
    const held = this.#moments.get(at);
    if (held !== undefined) return held;
    const state = await stateWhen(this.#space, tip, at, this.#options.now());
    const [oldest] = this.#moments.keys();
    if (this.#moments.size >= heldMoments && oldest !== undefined) this.#moments.delete(oldest);
    // Only what does not move with the clock (`2 days ago` is another moment each time) nor with a
    // tag that was set meanwhile.
    if (!/ago|yesterday|now/iu.test(at) && this.#momentsOf === tip) this.#moments.set(at, state);
    return state;
  }

  async #view(at: When | undefined): Promise<StateView> {
    return viewState(this.#space.writer, await this.#state(at));
  }

  async #viewIn(change: Change, at: When): Promise<StateView> {
    const state = await stateWhen(this.#space, change.base, at, this.#options.now());
    return viewState(this.#space.writer, state);
  }

  async #tell({ before, tip }: Committed): Promise<void> {
    const changes: PathChange[] = [];
    let everything = false;
    try {
      for await (const { type, kind, path, from } of differences(
        this.#space.writer,
        before?.state ?? emptyState,
        tip.state,
      )) {
        everything = changes.length >= maxChangesTold;
        if (everything) break;
        const shown = kind === "mount" ? "folder" : kind;
        changes.push({ type, kind: shown, path, ...(from === undefined ? {} : { from }) });
      }
    } catch {
      // The change is durable: what can't be said about it must not make it look undone.
      everything = true;
    }
    this.#options.onChanged({
      revision: showRevision(tip),
      changes: everything ? [] : changes,
      everything,
    });
  }
}

/** Removed entries whose intended folder is among those given or below them. */
async function removedBelow(view: StateView, above: readonly Entry[]): Promise<Entry[]> {
  const folders = new Set(above.map(({ id }) => toBinaryString(id)));
  const found = new Map<string, Entry>();
  for (let size = -1; size < found.size; ) {
    size = found.size;
    for await (const [key, value] of view.removed.range(new Uint8Array(0))) {
      const entry = decodeEntry(key, value);
      const id = toBinaryString(entry.id);
      if (!folders.has(toBinaryString(entry.parent)) || found.has(id)) continue;
      found.set(id, entry);
      folders.add(id);
    }
  }
  return [...found.values()];
}

async function dropTag({ draft }: Change, name: string): Promise<boolean> {
  const keys: Uint8Array[] = [];
  for await (const [key] of draft.tags.range(new Uint8Array(0))) keys.push(key);
  const prefix = tagPrefix(name);
  const same = keys.filter(
    (key) =>
      key.length === prefix.length + 24 && toBinaryString(key).startsWith(toBinaryString(prefix)),
  );
  for (const key of same) draft.tags.delete(key);
  return same.length > 0;
}

function checkTagName(name: string): void {
  if (/^[\p{L}\p{N}][\p{L}\p{N}._ -]{0,99}$/u.test(name) && !/^\d+-[0-9a-f]{8}/u.test(name)) return;
  throw new CloudError(
    "usage",
    `expected a tag of 1 to 100 letters, digits, spaces, ".", "_" and "-", got ${JSON.stringify(name)}`,
  );
}
