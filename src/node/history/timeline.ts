import type { EncodedRecordLink } from "../blocks/link.ts";
import { diffMaps } from "../blocks/map-diff.ts";
import { type MapReader, rangeOfMap } from "../blocks/sealed-map.ts";
import { equalBytes } from "../core/bytes.ts";
import { type EntryId, rootId, type WriterId } from "../core/ids.ts";
import { parsePath } from "../core/path.ts";
import { compareStamps, type Stamp } from "../core/stamp.ts";
import { decodeEntry, type Entry, entryKey, isHusk, lastRemoval } from "../tree/entry.ts";
import { namesakes } from "../tree/listed-name.ts";
import { child } from "../tree/lookup.ts";
import { createPathNamer } from "../tree/path-namer.ts";
import { standsIn } from "../tree/place.ts";
import { readState } from "../tree/sealed-state.ts";
import { emptyState, type State } from "../tree/state.ts";
import { type StateView, viewState } from "../tree/state-view.ts";
import { keptNotAbove, logRecord, logRecordNotAbove } from "./moment.ts";
import { decodeVersion, parseVersionKey } from "./revision.ts";
import type { Tip } from "./tip.ts";

/** One version of an entry that is kept. */
export interface Version {
  readonly stamp: Stamp;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** To its record. */
  readonly link: EncodedRecordLink;
}

/**
 * All versions of an entry that are kept, oldest first: by their stamps, so that none comes before
 * one that it followed, whatever the clocks said.
 */
export async function versionsOf(reader: MapReader, tip: Tip, entry: Entry): Promise<Version[]> {
  const versions: Version[] = [];
  for await (const [key, value] of rangeOfMap(reader, tip.revision.versions, entry.id)) {
    versions.push({ stamp: parseVersionKey(key).stamp, ...decodeVersion(value) });
  }
  for (const { stamp, link } of entry.content) {
    if (versions.some((version) => compareStamps(version.stamp, stamp) === 0)) continue;
    const record = await logRecordNotAbove(reader, tip.revision, stamp);
    versions.push({ stamp, link, time: record?.time ?? 0 });
  }
  return versions.sort((a, b) => compareStamps(a.stamp, b.stamp));
}

/** Saves that count as one version: the last of them, and how many they are. */
export interface SaveGroup {
  readonly version: Version;
  readonly saves: number;
}

/**
 * Groups the saves of one writer that lie within a window. The window runs from the first save of a
 * group, so that saving every second does make versions; another writer's save ends it.
 * @param versions - oldest first.
 */
export function groupSaves(versions: readonly Version[], windowMs: number): SaveGroup[] {
  const groups: { version: Version; saves: number; began: number; writer: WriterId }[] = [];
  for (const version of versions) {
    const { writer } = version.stamp;
    const last = groups.at(-1);
    if (
      last !== undefined &&
      equalBytes(last.writer, writer) &&
      version.time - last.began < windowMs
    ) {
      last.version = version;
      last.saves++;
    } else groups.push({ version, saves: 1, began: version.time, writer });
  }
  return groups;
}

/**
 * What a path leads to, now or before it was removed: visible entries first, then the one removed
 * last, on every step of the way.
 */
export async function findEver(view: StateView, path: string): Promise<Entry | undefined> {
  const names = parsePath(path);
  const name = names.pop();
  const parent = await folderEver(view, names);
  if (name === undefined || parent === undefined) return undefined;
  return (await child(view, parent, name)) ?? (await removedOf(view, parent, name))[0];
}

/** All that was removed at a path, what was removed last first. */
export async function findRemoved(view: StateView, path: string): Promise<Entry[]> {
  const names = parsePath(path);
  const name = names.pop();
  const parent = await folderEver(view, names);
  return name === undefined || parent === undefined ? [] : removedOf(view, parent, name);
}

/** The folder of some names. A file that took the name of one hides nothing that stood below it. */
async function folderEver(view: StateView, names: readonly string[]): Promise<EntryId | undefined> {
  let folder: EntryId = rootId;
  for (const name of names) {
    const visible = await child(view, folder, name);
    const found: Entry | undefined =
      visible?.kind === "folder"
        ? visible
        : (await removedOf(view, folder, name)).find(({ kind }) => kind === "folder");
    if (found === undefined) return undefined;
    folder = found.id;
  }
  return folder;
}

async function removedOf(view: StateView, parent: EntryId, name: string): Promise<Entry[]> {
  const removed: { entry: Entry; gone: Stamp }[] = [];
  for (const entry of await namesakes(view.removed, parent, name)) {
    const gone = lastRemoval(entry);
    if (gone !== undefined && !isHusk(entry)) removed.push({ entry, gone });
  }
  return removed.sort((a, b) => compareStamps(b.gone, a.gone)).map(({ entry }) => entry);
}

/**
 * Says where an entry stood at each of its versions: asked from the newest to the oldest, it
 * follows the entry back through its moves.
 */
export function createPathTracker(
  reader: MapReader,
  tip: Tip,
  current: Entry,
): (stamp: Stamp) => Promise<string> {
  let known = current;
  let knownState: State = tip.state;
  let path: string | undefined;
  return async (stamp) => {
    const record =
      (await logRecord(reader, tip.revision, stamp)) ??
      (await logRecordNotAbove(reader, tip.revision, stamp));
    // Of one whose state is not kept the path is that of the next: what only puts moves nothing.
    const state = record?.state === undefined ? undefined : await readState(reader, record.state);
    const entry = state === undefined ? undefined : await entryIn(reader, state, known, knownState);
    if (state === undefined || entry === undefined) {
      path ??= await createPathNamer(viewState(reader, knownState))(known);
      return path;
    }
    [known, knownState] = [entry, state];
    path = await createPathNamer(viewState(reader, state))(entry);
    return path;
  };
}

/** The entry of the same id in another state. */
async function entryIn(
  reader: MapReader,
  state: State,
  known: Entry,
  knownState: State,
): Promise<Entry | undefined> {
  const view = viewState(reader, state);
  for (const [map, parent] of [
    [view.tree, await standsIn(view, known)],
    [view.removed, known.parent],
  ] as const) {
    const key = entryKey(parent, known.name, known.id);
    const value = await map.get(key);
    if (value !== undefined) return decodeEntry(key, value);
  }
  for (const map of ["tree", "removed"] as const) {
    for await (const { key, b } of diffMaps(reader, knownState[map], state[map])) {
      if (b !== undefined && equalBytes(key.subarray(-16), known.id)) return decodeEntry(key, b);
    }
  }
  return undefined;
}

/**
 * The state before a change: that of the writer's last record before that is kept. `undefined` if there is none: the
 * change is the first of a writer in a space that others wrote, or what was before isn't kept.
 */
export async function stateBefore(
  reader: MapReader,
  tip: Tip,
  stamp: Stamp,
): Promise<State | undefined> {
  if (stamp.counter === 1) return emptyState;
  const record = await keptNotAbove(reader, tip.revision, {
    counter: stamp.counter - 1,
    writer: stamp.writer,
  });
  return record === undefined ? undefined : readState(reader, record.state);
}
