import type { EncodedRecordLink } from "../blocks/link.ts";
import { diffMaps } from "../blocks/map-diff.ts";
import { type MapReader, type MapRoot, rangeOfMap } from "../blocks/sealed-map.ts";
import { toBinaryString } from "../core/bytes.ts";
import { IdMap, IdSet, type ReadonlyIdMap, type ReadonlyIdSet } from "../core/id-map.ts";
import { type EntryId, rootId } from "../core/ids.ts";
import { decodeEntry, type Entry, isRoot } from "../tree/entry.ts";
import { namesakes } from "../tree/listed-name.ts";
import { child } from "../tree/lookup.ts";
import { folderOf, standsIn } from "../tree/place.ts";
import { readState } from "../tree/sealed-state.ts";
import { emptyState, type State } from "../tree/state.ts";
import { type StateView, viewState } from "../tree/state-view.ts";
import { decodeLogItem, type KeptState } from "./revision.ts";
import type { Tip } from "./tip.ts";

/** The states that a log or tags keep, in the order of the keys. */
export async function* statesOf(
  reader: MapReader,
  root: MapRoot,
): AsyncGenerator<{ key: Uint8Array; item: KeptState; state: State }> {
  for await (const [key, value] of rangeOfMap(reader, root, new Uint8Array(0))) {
    const item = decodeLogItem(value);
    if (item.state === undefined) continue;
    yield { key, item, state: await readState(reader, item.state) };
  }
}

/** Whether an entry's records hold content: those of folders hold times and modes alone. */
export function holdsContent({ kind }: Entry): boolean {
  return kind === "file" || kind === "link";
}

/** By id: the links to the contents that an entry had. */
export type Sightings = ReadonlyIdMap<EntryId, ReadonlyIdSet<EncodedRecordLink>>;

/**
 * All that stood at a path, or below it, in any state that is kept, or was removed there before.
 * Costs time of the differences from one state to the next.
 * @param names - of the path, not empty.
 */
export async function everStoodAt(
  reader: MapReader,
  tip: Tip,
  names: readonly string[],
): Promise<Sightings> {
  const found = new IdMap<EntryId, IdSet<EncodedRecordLink>>();
  const note = (entry: Entry): void => {
    const links = found.get(entry.id) ?? new IdSet();
    found.set(entry.id, links);
    if (!holdsContent(entry)) return;
    for (const { link } of entry.content) links.add(link);
  };
  let before: { state: State; folders: readonly EntryId[] } = { state: emptyState, folders: [] };
  const look = async (state: State): Promise<void> => {
    const view = viewState(reader, state);
    const entries = await allAt(view, names);
    entries.forEach(note);
    const folders = entries.filter(({ kind }) => kind === "folder").map(({ id }) => id);
    const isSame = folders.length > 0 && joinIds(folders) === joinIds(before.folders);
    const from = isSame ? before.state : emptyState;
    if (folders.length > 0) {
      for await (const each of changedBelow(reader, from, state, folders)) note(each);
    }
    before = { state, folders };
  };
  for (const root of [tip.revision.log, tip.revision.tags]) {
    for await (const { state } of statesOf(reader, root)) await look(state);
  }
  await look(tip.state);
  return found;
}

function joinIds(ids: readonly EntryId[]): string {
  return ids.map(toBinaryString).join("");
}

/** What is listed at a path, and all that was removed there, through folders that were too. */
async function allAt(view: StateView, names: readonly string[]): Promise<Entry[]> {
  let entries: Entry[] = [];
  let folders: EntryId[] = [rootId];
  for (const name of names) {
    entries = [];
    for (const folder of folders) {
      const listed = await child(view, folder, name);
      if (listed !== undefined) entries.push(listed);
      entries.push(...(await namesakes(view.removed, folder, name)));
    }
    folders = entries.filter(({ kind }) => kind === "folder").map(({ id }) => id);
  }
  return entries;
}

/** What is listed at a path, if anything is. */
export async function visibleAt(
  view: StateView,
  names: readonly string[],
): Promise<Entry | undefined> {
  let folder: EntryId = rootId;
  let entry: Entry | undefined;
  for (const name of names) {
    if (entry !== undefined && entry.kind !== "folder") return undefined;
    entry = await child(view, folder, name);
    if (entry === undefined) return undefined;
    folder = entry.id;
  }
  return entry;
}

/** What came or changed below some folders, removed or not, with all that is below what came. */
async function* changedBelow(
  reader: MapReader,
  from: State,
  to: State,
  folders: readonly EntryId[],
): AsyncGenerator<Entry> {
  const view = viewState(reader, to);
  const isBelow = createBelow(view, folders);
  for (const map of ["tree", "removed"] as const) {
    for await (const { key, a, b } of diffMaps(reader, from[map], to[map])) {
      if (b === undefined) continue;
      const entry = decodeEntry(key, b, map);
      if (!(await isBelow(await standsIn(view, entry)))) continue;
      yield entry;
      const isNew = a === undefined && from !== emptyState;
      if (isNew && entry.kind === "folder") yield* allBelow(view, entry.id);
    }
  }
}

/** All entries below a folder, visible or removed. */
async function* allBelow(view: StateView, folder: EntryId): AsyncGenerator<Entry> {
  const pending = [folder];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    for (const map of ["tree", "removed"] as const) {
      for await (const [key, value] of view[map].range(id)) {
        const entry = decodeEntry(key, value, map);
        yield entry;
        if (entry.kind === "folder") pending.push(entry.id);
      }
    }
  }
}

/** Whether a folder is one of those given or stands below one; asked once for each. */
function createBelow(view: StateView, tops: readonly EntryId[]): (id: EntryId) => Promise<boolean> {
  const known = new IdMap<EntryId, Promise<boolean>>();
  for (const top of tops) known.set(top, Promise.resolve(true));
  const isBelow = (id: EntryId): Promise<boolean> => {
    if (isRoot(id)) return Promise.resolve(false);
    let answer = known.get(id);
    if (answer === undefined) {
      answer = climb(id);
      known.set(id, answer);
    }
    return answer;
  };
  const climb = async (id: EntryId): Promise<boolean> => {
    const place = await folderOf(view, id);
    return place !== undefined && isBelow(await standsIn(view, { id, parent: place.parent }));
  };
  return isBelow;
}
