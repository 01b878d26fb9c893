import type { MapReader } from "../../blocks/sealed-map.ts";
import { equalBytes } from "../../core/bytes.ts";
import { CloudError } from "../../core/cloud-error.ts";
import { IdMap } from "../../core/id-map.ts";
import type { BlockId } from "../../core/ids.ts";
import { formatPath, isWithin, parsePath } from "../../core/path.ts";
import { compareStamps, type Stamp, showStamp } from "../../core/stamp.ts";
import { changesOf, parseStamp, toldBy } from "../../history/changes.ts";
import { bearsStamp, type Difference, differences } from "../../history/difference.ts";
import { type KeptRecord, keptAbove, logRecord, tagsOf } from "../../history/moment.ts";
import {
  createPathTracker,
  findEver,
  findRemoved,
  groupSaves,
  stateBefore,
  type Version,
  versionsOf,
} from "../../history/timeline.ts";
import type { Tip } from "../../history/tip.ts";
import { decodeEntry, type Entry, isHusk, isLive, isRoot, lastRemoval } from "../../tree/entry.ts";
import { find, shownContent } from "../../tree/lookup.ts";
import { createPathNamer } from "../../tree/path-namer.ts";
import { folderEntry } from "../../tree/place.ts";
import { wentTogether } from "../../tree/restore.ts";
import { readState } from "../../tree/sealed-state.ts";
import { emptyState, type State } from "../../tree/state.ts";
import { type StateView, viewState } from "../../tree/state-view.ts";
import { showKind, soundRecord } from "../describe.ts";
import type { OpenSpace } from "../open-space.ts";
import type { SpaceParts } from "../space-parts.ts";
import type { FileVersion, JournalItem, PathChange, RemovedItem, RevisionInfo } from "../types.ts";
import { newRestores, type Restores } from "./restored-from.ts";

/** A revision, the past of which is asked about. @throws not-found, before the first change */
export function mustHavePast(tip: Tip | undefined): Tip {
  if (tip !== undefined) return tip;
  throw new CloudError("not-found", "the drive is empty: it has no history");
}

/** The entry at a path, now or before it was removed. @throws not-found */
export async function entryEver(space: OpenSpace, tip: Tip, path: string): Promise<Entry> {
  const entry = await findEver(viewState(space.sealer, tip.state), path);
  if (entry !== undefined) return entry;
  throw new CloudError("not-found", `there is nothing at ${path} and nothing was removed there`);
}

/**
 * The versions of the file at a path, newest first.
 * @param windowMs - saves within it count as one; 0: each counts.
 * @throws not-found; is-a-folder
 */
export async function fileLog(
  parts: SpaceParts,
  tip: Tip,
  path: string,
  windowMs: number,
  limit: number,
): Promise<FileVersion[]> {
  if (parsePath(path).length === 0) throw hasNoVersions("/");
  const { space, content, deviceOf } = parts;
  const restores = newRestores(parts, tip);
  const entry = await entryEver(space, tip, path);
  if (entry.kind === "folder" || entry.kind === "mount") throw hasNoVersions(path);
  const versions = await versionsOf(space.sealer, tip, entry);
  const groups = groupSaves(versions, windowMs).reverse().slice(0, limit);
  const pathAt = createPathTracker(space.sealer, tip, entry);
  const shown = isLive(entry) ? shownContent(entry) : undefined;
  const listed: FileVersion[] = [];
  for (const { version, saves } of groups) {
    const record = await soundRecord(content, version.link, "newer");
    const restoredFrom = await restores.by(entry, version.stamp);
    listed.push({
      version: showStamp(version.stamp),
      time: version.time,
      device: deviceOf(version.stamp),
      size: record?.size ?? 0,
      path: await pathAt(version.stamp),
      current: shown !== undefined && compareStamps(shown.stamp, version.stamp) === 0,
      saves,
      ...(restoredFrom === undefined ? {} : { restoredFrom }),
      ...(record === undefined ? { damaged: true } : {}),
    });
  }
  return listed;
}

function hasNoVersions(path: string): CloudError {
  return new CloudError(
    "is-a-folder",
    `${path} is a folder, and only files have versions; the journal tells what changed in it`,
  );
}

/**
 * One kept version of the file at a path, or of one that was removed there.
 * @throws not-found; usage, for a malformed id
 */
export async function versionAt(
  space: OpenSpace,
  tip: Tip,
  path: string,
  id: string,
): Promise<{ entry: Entry; version: Version }> {
  const first = await entryEver(space, tip, path);
  const stamp = parseStamp(tip, id);
  const others = await findRemoved(viewState(space.sealer, tip.state), path);
  for (const entry of [first, ...others]) {
    const versions = await versionsOf(space.sealer, tip, entry);
    const version = versions.find((each) => compareStamps(each.stamp, stamp) === 0);
    if (version !== undefined) return { entry, version };
  }
  throw new CloudError("not-found", `${path} has no version ${id}, or it is not kept any more`);
}

async function tagNames(space: OpenSpace, tip: Tip): Promise<(record: KeptRecord) => string[]> {
  const names = new IdMap<BlockId, string[]>();
  for await (const tag of tagsOf(space.sealer, tip.revision)) {
    const { id } = tag.state;
    names.set(id, [...(names.get(id) ?? []), tag.name]);
  }
  return (record) => names.get(record.state.id) ?? [];
}

/** The changes of the drive that are kept, newest first. @param before - a revision's name. */
export async function revisions(
  parts: SpaceParts,
  tip: Tip,
  limit: number,
  before?: string,
): Promise<RevisionInfo[]> {
  const listed: RevisionInfo[] = [];
  const tags = await tagNames(parts.space, tip);
  for await (const record of records(parts.space, tip, before)) {
    listed.push(describeRecord(parts, record, tags));
    if (listed.length >= limit) break;
  }
  return listed;
}

async function* records(space: OpenSpace, tip: Tip, before?: string): AsyncGenerator<KeptRecord> {
  let from: KeptRecord | undefined;
  if (before !== undefined) {
    const stamp = parseStamp(tip, before);
    // One that was thinned meanwhile is told of by the next that is kept.
    if ((await logRecord(space.sealer, tip.revision, stamp)) !== undefined) {
      const below = { ...stamp, counter: stamp.counter - 1 };
      from = await keptAbove(space.sealer, tip.revision, below);
    }
    if (from === undefined) throw new CloudError("not-found", `there is no revision ${before}`);
  }
  yield* changesOf(space.sealer, tip, from);
}

function describeRecord(
  { deviceOf }: SpaceParts,
  record: KeptRecord,
  tags: (record: KeptRecord) => string[],
): RevisionInfo {
  const { stamp, time } = record;
  return { revision: showStamp(stamp), time, device: deviceOf(stamp), tags: tags(record) };
}

/** How much of a journal is wanted. */
export interface JournalOptions {
  readonly limit: number;
  readonly changesEach: number;
  readonly before?: string | undefined;
  readonly path?: string | undefined;
}

/** What happened to which path, newest first. */
export async function journal(
  parts: SpaceParts,
  tip: Tip,
  options: JournalOptions,
): Promise<JournalItem[]> {
  const under = pathFilter(options.path);
  const tags = await tagNames(parts.space, tip);
  const restores = newRestores(parts, tip);
  const items: JournalItem[] = [];
  for await (const record of records(parts.space, tip, options.before)) {
    const changes: PathChange[] = [];
    let more = false;
    for await (const change of changesBy(parts.space, tip, record)) {
      const { type, kind, path, from } = change;
      if (!under(path) && (from === undefined || !under(from))) continue;
      more = changes.length >= options.changesEach;
      if (more) break;
      const restoredFrom = await restoredBy(restores, change);
      changes.push({
        ...describeChange(type, kind, path, from),
        ...(restoredFrom === undefined ? {} : { restoredFrom }),
      });
    }
    if (changes.length === 0 && options.path !== undefined) continue;
    items.push({ ...describeRecord(parts, record, tags), changes: sortChanges(changes), more });
    if (items.length >= options.limit) break;
  }
  return items;
}

/** A difference that a change made. */
interface Made extends Difference {
  /** Whether the change wrote the content that is shown since. */
  readonly isWritten: boolean;
}

/** What came back came with the content that it had, or as a version of its own. */
async function restoredBy(
  restores: Restores,
  { type, kind, after, isWritten }: Made,
): Promise<number | undefined> {
  const shown = after && kind === "file" ? shownContent(after) : undefined;
  if (after === undefined || shown === undefined) return undefined;
  if (isWritten) return restores.by(after, shown.stamp);
  return type === "added" ? restores.written(after, shown.stamp) : undefined;
}

/**
 * What one change did, with those before it whose states are not kept. The state before may lack what
 * others did meanwhile.
 */
async function* changesBy(
  { sealer }: OpenSpace,
  tip: Tip,
  record: KeptRecord,
): AsyncGenerator<Made> {
  const isMeant = await toldBy(sealer, tip, record);
  const was = await stateBefore(sealer, tip, record.stamp);
  const state = await readState(sealer, record.state);
  const isWritten = (after: Entry | undefined): boolean => {
    const shown = after && shownContent(after);
    return shown !== undefined && isMeant(shown.stamp);
  };
  if (was !== undefined) {
    const all = differences(
      sealer,
      was,
      state,
      (before, after) => after === undefined || bearsStamp(after, isMeant) || before === undefined,
    );
    for await (const each of all) yield { ...each, isWritten: isWritten(each.after) };
    return;
  }
  const all = differences(sealer, emptyState, state, (_, after) => bearsStamp(after, isMeant));
  for await (const each of all) {
    const isNewThere = each.after !== undefined && isMeant(each.after.at);
    const type = isNewThere ? each.type : ("changed" as const);
    yield { ...each, type, isWritten: isWritten(each.after) };
  }
}

function describeChange(
  type: PathChange["type"],
  kind: Entry["kind"],
  path: string,
  from: string | undefined,
): PathChange {
  const shown = kind === "mount" ? "folder" : kind;
  return { type, kind: shown, path, ...(from === undefined ? {} : { from }) };
}

function sortChanges(changes: PathChange[]): PathChange[] {
  return changes.sort((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)));
}

function pathFilter(path: string | undefined): (path: string) => boolean {
  const top = path === undefined ? "/" : formatPath(parsePath(path));
  return (tested) => isWithin(tested, top);
}

/** What differs between two moments, by path. @throws not-found, if the path is in neither */
export async function diff(
  { sealer }: OpenSpace,
  from: State,
  to: State,
  path?: string,
): Promise<PathChange[]> {
  const under = pathFilter(path);
  if (path !== undefined && !(await isThere(sealer, from, path))) {
    if (!(await isThere(sealer, to, path))) {
      throw new CloudError("not-found", `there is nothing at ${path} at either moment`);
    }
  }
  const changes: PathChange[] = [];
  for await (const change of differences(sealer, from, to)) {
    if (!under(change.path) && (change.from === undefined || !under(change.from))) continue;
    changes.push(describeChange(change.type, change.kind, change.path, change.from));
  }
  return sortChanges(changes);
}

async function isThere(reader: MapReader, state: State, path: string): Promise<boolean> {
  return (await find(viewState(reader, state), path).catch(() => undefined)) !== undefined;
}

/**
 * What was removed below a folder and can be restored, newest first. What went together with a
 * folder comes back with it and is not listed for itself, unless that folder is asked for.
 */
export async function removedBelow(
  { space, content, deviceOf }: SpaceParts,
  tip: Tip,
  path: string,
  limit: number,
): Promise<RemovedItem[]> {
  const under = pathFilter(path);
  const view = viewState(space.sealer, tip.state);
  const nameOf = createPathNamer(view);
  const found: { entry: Entry; gone: Stamp }[] = [];
  const top = await findEver(view, path);
  for await (const [key, value] of view.removed.range(new Uint8Array(0))) {
    const entry = decodeEntry(key, value);
    const gone = lastRemoval(entry);
    if (gone === undefined || isHusk(entry)) continue;
    const isAskedFor =
      top !== undefined && (equalBytes(top.id, entry.parent) || equalBytes(top.id, entry.id));
    if (isAskedFor || !(await wentWithFolder(view, entry))) found.push({ entry, gone });
  }
  found.sort((a, b) => compareStamps(b.gone, a.gone) || (a.entry.name < b.entry.name ? -1 : 1));
  const items: RemovedItem[] = [];
  for (const { entry, gone } of found) {
    if (items.length >= limit) break;
    const where = await nameOf(entry);
    if (!under(where)) continue;
    const shown = shownContent(entry);
    const record = await logRecord(space.sealer, tip.revision, gone);
    items.push({
      path: where,
      kind: showKind(entry),
      version: shown === undefined ? "" : showStamp(shown.stamp),
      size:
        shown === undefined ? 0 : ((await soundRecord(content, shown.link, "newer"))?.size ?? 0),
      time: record?.time ?? 0,
      device: deviceOf(gone),
    });
  }
  return items;
}

/** Whether the folder of a removed entry went in the same change, and is not back. */
async function wentWithFolder(view: StateView, entry: Entry): Promise<boolean> {
  if (isRoot(entry.parent)) return false;
  const folder = await folderEntry(view, entry.parent);
  return folder !== undefined && !isLive(folder) && wentTogether(entry, folder);
}
