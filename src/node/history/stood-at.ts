import { diffMaps } from "../blocks/map-diff.ts";
import { type MapReader, type MapRoot, rangeOfMap } from "../blocks/sealed-map.ts";
import { toBinaryString } from "../core/bytes.ts";
import { type EntryId, rootId } from "../core/ids.ts";
import { decodeEntry, type Entry, isRoot } from "../tree/entry.ts";
import { child } from "../tree/lookup.ts";
import { folderOf, standsIn } from "../tree/place.ts";
import { descendants } from "../tree/remove.ts";
import { readState } from "../tree/sealed-state.ts";
import { emptyState, type State } from "../tree/state.ts";
import { type StateView, viewState } from "../tree/state-view.ts";
import { decodeLogItem } from "./revision.ts";
import type { Tip } from "./tip.ts";

/** The states that a log or tags lead to, in the order of the keys. */
export async function* statesOf(
  reader: MapReader,
  root: MapRoot,
): AsyncGenerator<{ key: Uint8Array; time: number; state: State }> {
  for await (const [key, value] of rangeOfMap(reader, root, new Uint8Array(0))) {
    const item = decodeLogItem(value);
    yield { key, time: item.time, state: await readState(reader, item.state) };
  }
}

/** Whether an entry's records hold content: those of folders hold times and modes alone. */
export function holdsContent({ kind }: Entry): boolean {
  return kind === "file" || kind === "link";
}

/** By id: the encoded links to the contents that an entry had; all as binary strings. */
export type Sightings = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * All that stood at a path, or below it, in any state that is kept. Costs time of the differences
 * from one state to the next.
 * @param names - of the path, not empty.
 */
export async function everStoodAt(
  reader: MapReader,
  tip: Tip,
  names: readonly string[],
): Promise<Sightings> {
  const found = new Map<string, Set<string>>();
  const note = (entry: Entry): void => {
    const id = toBinaryString(entry.id);
    const links = found.get(id) ?? new Set();
    found.set(id, links);
    if (!holdsContent(entry)) return;
    for (const { link } of entry.content) links.add(toBinaryString(link));
  };
  let before: { state: State; folder: Entry | undefined } = {
    state: emptyState,
    folder: undefined,
  };
  const look = async (state: State): Promise<void> => {
    const view = viewState(reader, state);
    const entry = await visibleAt(view, names);
    if (entry !== undefined) note(entry);
    const folder = entry?.kind === "folder" ? entry : undefined;
    if (folder !== undefined) {
      const isSame = toBinaryString(folder.id) === idOf(before.folder);
      const below = isSame
        ? changedBelow(reader, before.state, state, folder.id)
        : descendants(view, folder.id);
      for await (const each of below) note(each);
    }
    before = { state, folder };
  };
  for (const root of [tip.revision.log, tip.revision.tags]) {
    for await (const { state } of statesOf(reader, root)) await look(state);
  }
  await look(tip.state);
  return found;
}

function idOf(entry: Entry | undefined): string | undefined {
  return entry === undefined ? undefined : toBinaryString(entry.id);
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

/** What came or changed below a folder, with all that is below what came. */
async function* changedBelow(
  reader: MapReader,
  from: State,
  to: State,
  folder: EntryId,
): AsyncGenerator<Entry> {
  const view = viewState(reader, to);
  const isBelow = createBelow(view, folder);
  for await (const { key, a, b } of diffMaps(reader, from.tree, to.tree)) {
    if (b === undefined) continue;
    const entry = decodeEntry(key, b);
    if (!(await isBelow(await standsIn(view, entry)))) continue;
    yield entry;
    if (a === undefined && entry.kind === "folder") yield* descendants(view, entry.id);
  }
}

/** Whether a folder is the one given or stands below it; asked once for each. */
function createBelow(view: StateView, top: EntryId): (id: EntryId) => Promise<boolean> {
  const known = new Map<string, Promise<boolean>>([[toBinaryString(top), Promise.resolve(true)]]);
  const isBelow = (id: EntryId): Promise<boolean> => {
    if (isRoot(id)) return Promise.resolve(false);
    const name = toBinaryString(id);
    let answer = known.get(name);
    if (answer === undefined) {
      answer = climb(id);
      known.set(name, answer);
    }
    return answer;
  };
  const climb = async (id: EntryId): Promise<boolean> => {
    const place = await folderOf(view, id);
    return place !== undefined && isBelow(await standsIn(view, { id, parent: place.parent }));
  };
  return isBelow;
}
