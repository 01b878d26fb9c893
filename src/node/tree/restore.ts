import type { MapReader } from "../blocks/sealed-map.ts";
import { equalBytes, toBinaryString } from "../core/bytes.ts";
import { formatPath, parsePath } from "../core/path.ts";
import { compareStamps } from "../core/stamp.ts";
import { anchorsFor } from "./anchor.ts";
import { differingEntries } from "./differing.ts";
import { type Edit, putContent } from "./edit.ts";
import { decodeEntry, type Entry, isLive, isRoot } from "./entry.ts";
import { namesakes } from "./listed-name.ts";
import { resolve, shownContent } from "./lookup.ts";
import { createPathNamer } from "./path-namer.ts";
import { type EntryChange, folderEntry, folderOf, place, standsIn } from "./place.ts";
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

/**
 * Whether an entry is to be brought back: it stands below the path, or now in a folder that stood
 * there then, wherever that was moved, and so would come along with it.
 */
function insidePath(
  path: string,
  nowView: StateView,
  fromView: StateView,
): (entry: Entry, side: "now" | "from") => Promise<boolean> {
  const top = formatPath(parsePath(path));
  const namers = { now: createPathNamer(nowView), from: createPathNamer(fromView) };
  const isUnder = async (entry: Entry, side: "now" | "from"): Promise<boolean> => {
    const name = await namers[side](entry);
    return name === top || name.startsWith(`${top}/`);
  };
  const comesAlong = async (entry: Entry): Promise<boolean> => {
    for (let at = await standsIn(nowView, entry); !isRoot(at); ) {
      const past = await folderEntry(fromView, at);
      if (past !== undefined && isLive(past) && (await isUnder(past, "from"))) return true;
      const place = await folderOf(nowView, at);
      if (place === undefined) return false;
      at = await standsIn(nowView, { id: at, parent: place.parent });
    }
    return false;
  };
  return async (entry, side) => {
    if (top === "/" || (await isUnder(entry, side))) return true;
    return side === "now" && comesAlong(entry);
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
 * Brings a removed entry back to life, with what the same removal took below it, and the dead
 * folders above it. What stands at its name meanwhile keeps the plain name.
 * @param link - the encoded link to the version record that it shows from now on; absent: as it was.
 * @returns how many entries changed.
 */
export async function reviveEntry(edit: Edit, entry: Entry, link?: Uint8Array): Promise<number> {
  const changes = new Map<string, EntryChange>();
  const revived = await backToLife(edit, entry);
  const content = link === undefined ? entry.content : putContent(edit, entry.id, link);
  changes.set(toBinaryString(entry.id), { old: entry, next: { ...revived, content } });
  for (const below of await removedWith(edit.draft, entry)) {
    changes.set(toBinaryString(below.id), { old: below, next: await backToLife(edit, below) });
  }
  for (let parent = await standsIn(edit.draft, entry); !isRoot(parent); ) {
    const folder = await folderEntry(edit.draft, parent);
    if (folder === undefined || changes.has(toBinaryString(parent))) break;
    if (!isLive(folder)) {
      changes.set(toBinaryString(parent), { old: folder, next: await backToLife(edit, folder) });
    }
    parent = await standsIn(edit.draft, folder);
  }
  for (const { next } of [...changes.values()]) {
    if (next === undefined || compareStamps(next.at, edit.stamp) !== 0) continue;
    for (const anchor of await anchorsFor(edit, next)) {
      const id = toBinaryString((anchor.next as Entry).id);
      if (!changes.has(id)) changes.set(id, anchor);
    }
  }
  await place(edit.draft, changes);
  return changes.size;
}

/** An entry alive again; placed anew, so behind what took its name meanwhile. */
async function backToLife(edit: Edit, entry: Entry): Promise<Entry> {
  const parent = await standsIn(edit.draft, entry);
  const same = await namesakes(edit.draft.tree, parent, entry.name);
  const isTaken = same.some((other) => isLive(other) && !equalBytes(other.id, entry.id));
  return { ...entry, live: [edit.stamp], at: isTaken ? edit.stamp : entry.at };
}

/** The dead entries below a folder that the removal of the folder took. */
async function removedWith(view: StateView, top: Entry): Promise<Entry[]> {
  const found: Entry[] = [];
  const pending = top.kind === "folder" ? [top.id] : [];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    // A dead folder stands in `tree` while something visible stands below it.
    for (const map of [view.removed, view.tree]) {
      for await (const [key, value] of map.range(id)) {
        const entry = decodeEntry(key, value);
        if (isLive(entry) || !wentTogether(entry, top)) continue;
        found.push(entry);
        if (entry.kind === "folder") pending.push(entry.id);
      }
    }
  }
  return found;
}

/** Whether one change removed both. */
export function wentTogether(a: Entry, b: Entry): boolean {
  return a.gone?.some((x) => b.gone?.some((y) => compareStamps(x, y) === 0)) === true;
}
