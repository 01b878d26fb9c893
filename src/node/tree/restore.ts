import type { EncodedRecordLink } from "../blocks/link.ts";
import type { MapReader } from "../blocks/sealed-map.ts";
import { equalBytes } from "../core/bytes.ts";
import { IdMap } from "../core/id-map.ts";
import { type EntryId, rootId } from "../core/ids.ts";
import { formatPath, parsePath } from "../core/path.ts";
import { compareStamps } from "../core/stamp.ts";
import { addAnchors } from "./anchor.ts";
import { differingEntries } from "./differing.ts";
import { type Edit, newEntryId, putContent } from "./edit.ts";
import { decodeEntry, type Entry, isHusk, isLive, isRoot } from "./entry.ts";
import { nameAmong, namesakes } from "./listed-name.ts";
import { child, resolve, shownContent } from "./lookup.ts";
import { createPathNamer } from "./path-namer.ts";
import { type EntryChange, folderEntry, isSeen, place, standsIn } from "./place.ts";
import { RestoreScope } from "./restore-scope.ts";
import type { State } from "./state.ts";
import { type StateView, viewState } from "./state-view.ts";

/**
 * Makes the link to a version fit to be shown again: the same content, a time that is not before
 * that of what it replaces.
 */
export type Relink = (
  link: EncodedRecordLink,
  replaced: EncodedRecordLink | undefined,
) => Promise<EncodedRecordLink>;

/** What a restore works with. */
interface Restoring {
  readonly edit: Edit;
  readonly scope: RestoreScope;
  readonly relink: Relink;
  /** By the entry's id as a binary string. */
  readonly changes: IdMap<EntryId, EntryChange>;
}

/**
 * Brings a file, a folder or the whole drive back to how another state shows it, at the path where
 * that shows it: what was there and is gone comes back to life, what came since is removed, all
 * under the same ids. Costs time of the difference between the states.
 *
 * 1. Of the folders above, those that stand there are used, whichever they are; one that is gone
 *    comes back; for one that was moved elsewhere and lives there, a new one is made.
 * 2. What stands below the path now and stood elsewhere then is not removed: it goes back there, as
 *    it is now. So does what stands in a folder that the restore takes along, if it stood outside;
 *    what came since into such a thing goes with it.
 * 3. A file at the name of a folder above gives way under the name by which a namesake is listed.
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
  const { id: top, entry } = await resolve(fromView, path);
  const scope = new RestoreScope(viewState(reader, now), fromView, top);
  const restoring: Restoring = { edit, scope, relink, changes: new IdMap() };
  const sides = await differingEntries(reader, now, from);
  const above = entry === undefined ? [] : await landing(restoring, entry);
  const home = above.at(-1);
  const name = parsePath(path).at(-1);
  if (entry !== undefined && home !== undefined && name !== undefined) {
    scope.setOccupant(await standingAt(scope.now, home, path));
    if (!sides.has(top)) sides.set(top, { a: entry, b: entry });
  }
  for (const [id, { a: current, b: past }] of sides) {
    if (restoring.changes.has(id)) continue;
    const seen = past !== undefined && (await isSeen(fromView, past)) ? past : undefined;
    if (seen !== undefined && (await scope.stood(seen))) {
      const parent = equalBytes(seen.id, top) ? home : undefined;
      await revive(restoring, current, seen, parent ?? (await standsIn(fromView, seen)));
    } else if (current !== undefined) await clearAway(restoring, current, seen);
  }
  for (const id of name === entry?.name ? [...above, top] : above) await giveWay(restoring, id);
  await addAnchors(edit, restoring.changes);
  await place(edit.draft, restoring.changes);
  return restoring.changes.size;
}

/** What is listed at a path, if the folder above is a certain one. */
async function standingAt(
  view: StateView,
  folder: EntryId,
  path: string,
): Promise<EntryId | undefined> {
  const names = parsePath(path);
  const entry = await child(view, folder, names.at(-1) ?? "");
  if (entry === undefined) return undefined;
  return (await createPathNamer(view)(entry)) === formatPath(names) ? entry.id : undefined;
}

/** The folders above an entry, from the root on. */
async function foldersAbove(view: StateView, entry: Entry): Promise<Entry[]> {
  const above: Entry[] = [];
  for (let at = entry; ; ) {
    const folder = await folderEntry(view, await standsIn(view, at));
    if (folder === undefined) return above.reverse();
    above.push(folder);
    at = folder;
  }
}

/**
 * The folders in which what stood in `from` is to stand now, made or brought back if need be.
 * @returns their ids, the root's first.
 */
async function landing(restoring: Restoring, past: Entry): Promise<EntryId[]> {
  const ids: EntryId[] = [rootId];
  for (const folder of await foldersAbove(restoring.scope.from, past)) {
    ids.push(await stepInto(restoring, folder, ids.at(-1) ?? rootId));
  }
  return ids;
}

/** What stands for a folder of the past in `parent`. @returns its id. */
async function stepInto(restoring: Restoring, past: Entry, parent: EntryId): Promise<EntryId> {
  const { edit, scope, relink, changes } = restoring;
  const current = await folderEntry(scope.now, past.id);
  const lives = current !== undefined && isLive(current);
  if (lives && (await isAt(scope.now, current, parent, past.name))) return past.id;
  for (const other of await namesakes(scope.now.tree, parent, past.name)) {
    if (other.kind !== "folder" || !isLive(other)) continue;
    if (!(await scope.isRestored(other.id))) return other.id;
  }
  let id = past.id;
  if (!lives || (await scope.standing(current)) !== "outside") {
    await putAt(restoring, current, past, parent);
  } else {
    id = newEntryId(edit);
    const shown = shownContent(past);
    const content = shown && putContent(edit, id, await relink(shown.link, undefined));
    const next = { ...newborn(past), id, parent, at: edit.stamp, live: [edit.stamp] };
    changes.set(id, { next: { ...next, content: content ?? [] } });
  }
  return id;
}

/** Renames what stands at the name of something that is placed anew, as a namesake is listed. */
async function giveWay({ edit, scope, changes }: Restoring, id: EntryId): Promise<void> {
  const placed = changes.get(id)?.next;
  if (placed === undefined || compareStamps(placed.at, edit.stamp) !== 0) return;
  const { parent, name } = placed;
  const same = (await namesakes(scope.now.tree, parent, name)).filter(
    (entry) => isLive(entry) && !changes.has(entry.id),
  );
  for (const old of same) {
    const aside = await nameAmong(scope.now.tree, parent, [placed, ...same], old);
    changes.set(old.id, { old, next: { ...old, name: aside, at: edit.stamp } });
  }
}

/** What is not restored and stands in the way: goes back to where it stood then, or is removed. */
async function clearAway(
  restoring: Restoring,
  current: Entry,
  past: Entry | undefined,
): Promise<void> {
  const { edit, scope, changes } = restoring;
  if (!(await isSeen(scope.now, current))) return;
  const standing = await scope.standing(current);
  if (standing === "outside") return;
  if (past !== undefined) await putBack(restoring, current, past);
  else if (standing === "inside" && isLive(current)) {
    const next = { ...current, live: [], gone: [edit.stamp] };
    changes.set(current.id, { old: current, next });
  }
}

/** Places an entry where it stood, and brings back the folders above that are gone. */
async function putBack(restoring: Restoring, current: Entry, past: Entry): Promise<void> {
  const { scope, changes } = restoring;
  const parent = await standsIn(scope.from, past);
  if (await isAt(scope.now, current, parent, past.name)) return;
  await putAt(restoring, current, past, parent);
  for (const folder of (await foldersAbove(scope.from, past)).reverse()) {
    const now = await folderEntry(scope.now, folder.id);
    const isThere = now !== undefined && isLive(now);
    if (isThere || changes.has(folder.id)) return;
    await putAt(restoring, now, folder, await standsIn(scope.from, folder));
  }
}

/** Has an entry stand in `parent` under its past name, alive; its content is what it is now. */
async function putAt(
  restoring: Restoring,
  current: Entry | undefined,
  past: Entry,
  parent: EntryId,
): Promise<void> {
  if (current === undefined) return revive(restoring, undefined, past, parent);
  const { edit, scope, changes } = restoring;
  const next = (await isAt(scope.now, current, parent, past.name))
    ? current
    : { ...current, parent, name: past.name, at: edit.stamp };
  changes.set(past.id, { old: current, next: { ...next, live: [edit.stamp] } });
}

/** Whether an entry stands in a folder under a name. */
async function isAt(
  view: StateView,
  entry: Entry,
  parent: EntryId,
  name: string,
): Promise<boolean> {
  return entry.name === name && equalBytes(await standsIn(view, entry), parent);
}

/**
 * Has an entry be as it was, in `parent` and under this change's stamp, unless it is so already. One
 * that was purged comes back with nothing that it had before: whoever still keeps its tombstone
 * learns from the vector that all of that is over. A dead folder that was seen for what stood in it
 * stays as it is if it is in its place.
 */
async function revive(
  restoring: Restoring,
  current: Entry | undefined,
  past: Entry,
  parent: EntryId,
): Promise<void> {
  const { edit, scope, relink, changes } = restoring;
  const isThere = current !== undefined && (await isAt(scope.now, current, parent, past.name));
  if (isThere && !isLive(past)) return;
  const base = current ?? newborn(past);
  const [shownNow, shownPast] = [shownContent(base), shownContent(past)];
  const changed =
    shownPast !== undefined &&
    (current === undefined || shownNow === undefined || !equalBytes(shownNow.link, shownPast.link));
  if (isThere && !changed && isLive(current)) return;
  const replaced = current === undefined ? undefined : shownNow?.link;
  const content = changed
    ? putContent(edit, base.id, await relink(shownPast.link, replaced))
    : base.content;
  const where = isThere ? base : { parent, name: past.name, at: edit.stamp };
  const next = { ...base, parent: where.parent, name: where.name, at: where.at, content };
  changes.set(past.id, { old: current, next: { ...next, live: [edit.stamp] } });
}

function newborn({ id, kind, parent, name, at, content }: Entry): Entry {
  return { id, kind, parent, name, at, content, live: [] };
}

/**
 * Brings a removed entry back to life, with what the same removal took below it, and the dead
 * folders above it. What stands at its name meanwhile keeps the plain name.
 * @param link - to the version record that it shows from now on; absent: as it was.
 * @returns how many entries changed.
 */
export async function reviveEntry(
  edit: Edit,
  entry: Entry,
  link?: EncodedRecordLink,
): Promise<number> {
  const changes = new IdMap<EntryId, EntryChange>();
  const revived = await backToLife(edit, entry);
  const content = link === undefined ? entry.content : putContent(edit, entry.id, link);
  changes.set(entry.id, { old: entry, next: { ...revived, content } });
  for (const below of await removedWith(edit.draft, entry)) {
    changes.set(below.id, { old: below, next: await backToLife(edit, below) });
  }
  for (let parent = await standsIn(edit.draft, entry); !isRoot(parent); ) {
    const folder = await folderEntry(edit.draft, parent);
    if (folder === undefined || changes.has(parent)) break;
    if (!isLive(folder)) {
      changes.set(parent, { old: folder, next: await backToLife(edit, folder) });
    }
    parent = await standsIn(edit.draft, folder);
  }
  await addAnchors(edit, changes);
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
        if (isLive(entry) || isHusk(entry) || !wentTogether(entry, top)) continue;
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
