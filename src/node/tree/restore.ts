import type { MapReader } from "../blocks/sealed-map.ts";
import { equalBytes, toBinaryString } from "../core/bytes.ts";
import { formatPath, parsePath } from "../core/path.ts";
import { differingEntries } from "./differing.ts";
import { type Edit, putContent } from "./edit.ts";
import { type Entry, isLive, isRoot } from "./entry.ts";
import { resolve, shownContent } from "./lookup.ts";
import { createPathNamer } from "./path-namer.ts";
import { type EntryChange, folderEntry, place, standsIn } from "./place.ts";
import type { State } from "./state.ts";
import { type StateView, viewState } from "./state-view.ts";

/**
 * Makes the link to a version fit to be shown again: the same content, a time that is not before
 * that of what it replaces.
 */
export type Relink = (link: Uint8Array, replaced: Uint8Array | undefined) => Promise<Uint8Array>;

/**
 * Brings a file, a folder or the whole drive back to how another state shows it: what was there and
 * is gone comes back to life, what came since is removed, all under the same ids. Folders above
 * that are gone come back too. Costs time of the difference between the states.
 * @param now - the state that the edit's draft began with.
 * @param path - where it stood in `from`.
 * @returns how many entries changed.
 * @throws not-found, if `from` has nothing at the path
 */
export async function restoreFrom(
  edit: Edit,
  reader: MapReader,
  now: State,
  from: State,
  path: string,
  relink: Relink,
): Promise<number> {
  const fromView = viewState(reader, from);
  const nowView = viewState(reader, now);
  const target = await resolve(fromView, path);
  const sides = await differingEntries(reader, now, from);
  const isUnder = insidePath(path, nowView, fromView);
  const changes = new Map<string, EntryChange>();
  for (const [id, { a: current, b: past }] of sides) {
    const shows = past !== undefined && isLive(past) && (await isUnder(past, "from"));
    const shown = current !== undefined && isLive(current) && (await isUnder(current, "now"));
    if (shows) {
      const next = await revive(edit, current, past, relink);
      if (next !== undefined) changes.set(id, { old: current, next });
    } else if (shown) {
      changes.set(id, { old: current, next: { ...current, live: [], gone: [edit.stamp] } });
    }
  }
  for (const { current, past } of await missingAbove(nowView, fromView, target.entry)) {
    const id = toBinaryString(past.id);
    if (changes.has(id)) continue;
    const next = current ?? (await revive(edit, undefined, past, relink)) ?? past;
    changes.set(id, { old: current, next: { ...next, live: [edit.stamp] } });
  }
  await place(edit.draft, changes);
  return changes.size;
}

function insidePath(
  path: string,
  nowView: StateView,
  fromView: StateView,
): (entry: Entry, side: "now" | "from") => Promise<boolean> {
  const top = formatPath(parsePath(path));
  const namers = { now: createPathNamer(nowView), from: createPathNamer(fromView) };
  return async (entry, side) => {
    if (top === "/") return true;
    const name = await namers[side](entry);
    return name === top || name.startsWith(`${top}/`);
  };
}

/**
 * The entry as it was, under this change's stamp; `undefined` if it is so already. One that was
 * purged comes back with nothing that it had before: whoever still keeps its tombstone learns from
 * the vector that all of that is over.
 */
async function revive(
  edit: Edit,
  current: Entry | undefined,
  past: Entry,
  relink: Relink,
): Promise<Entry | undefined> {
  const base = current ?? newborn(past);
  const [shownNow, shownPast] = [shownContent(base), shownContent(past)];
  const moved = !equalBytes(base.parent, past.parent) || base.name !== past.name;
  const isNew = current === undefined;
  const changed =
    shownPast !== undefined &&
    (isNew || shownNow === undefined || !equalBytes(shownNow.link, shownPast.link));
  if (!isNew && !moved && !changed && isLive(current)) return undefined;
  const content = changed
    ? putContent(edit, base.id, await relink(shownPast.link, isNew ? undefined : shownNow?.link))
    : base.content;
  return {
    ...base,
    parent: past.parent,
    name: past.name,
    at: moved || isNew ? edit.stamp : base.at,
    content,
    live: [edit.stamp],
  };
}

function newborn({ id, kind, parent, name, at, content }: Entry): Entry {
  return { id, kind, parent, name, at, content, live: [] };
}

/** The folders above an entry that were there and now are dead, or purged. */
async function missingAbove(
  nowView: StateView,
  fromView: StateView,
  entry: Entry | undefined,
): Promise<{ current: Entry | undefined; past: Entry }[]> {
  const missing: { current: Entry | undefined; past: Entry }[] = [];
  if (entry === undefined) return missing;
  for (let parent = await standsIn(fromView, entry); !isRoot(parent); ) {
    const past = await folderEntry(fromView, parent);
    if (past === undefined) break;
    const current = await folderEntry(nowView, parent);
    if (current === undefined || !isLive(current)) missing.push({ current, past });
    parent = await standsIn(fromView, past);
  }
  return missing;
}

/**
 * Brings a removed entry back to life with a content, and the dead folders above it.
 * @param link - the encoded link to the version record that it shows from now on.
 */
export async function reviveEntry(edit: Edit, entry: Entry, link: Uint8Array): Promise<void> {
  const changes = new Map<string, EntryChange>();
  const next = { ...entry, content: putContent(edit, entry.id, link), live: [edit.stamp] };
  changes.set(toBinaryString(entry.id), { old: entry, next });
  for (let parent = await standsIn(edit.draft, entry); !isRoot(parent); ) {
    const folder = await folderEntry(edit.draft, parent);
    if (folder === undefined || changes.has(toBinaryString(parent))) break;
    if (!isLive(folder)) {
      const alive = { ...folder, live: [edit.stamp] };
      changes.set(toBinaryString(parent), { old: folder, next: alive });
    }
    parent = await standsIn(edit.draft, folder);
  }
  await place(edit.draft, changes);
}
