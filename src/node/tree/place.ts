import { concatBytes, equalBytes } from "../core/bytes.ts";
import { IdMap, IdSet, type ReadonlyIdMap } from "../core/id-map.ts";
import { asEntryId, type EntryId, rootId, shortIdBytes } from "../core/ids.ts";
import { Ancestry } from "./ancestry.ts";
import {
  decodeEntry,
  decodeFolder,
  type Entry,
  encodeFolder,
  entryKey,
  type FolderPlace,
  isLive,
  isRoot,
} from "./entry.ts";
import type { StateDraft } from "./state-draft.ts";
import type { StateView } from "./state-view.ts";

/** One entry before and after; absent: not there, or purged. */
export interface EntryChange {
  readonly old?: Entry | undefined;
  readonly next?: Entry | undefined;
}

/** Changes as {@link place} takes them; of several of one entry the last. */
export function byEntry(list: Iterable<EntryChange>): IdMap<EntryId, EntryChange> {
  return new IdMap(Array.from(list, (one) => [((one.next ?? one.old) as Entry).id, one]));
}

/** What is known of a folder, live or dead. */
export async function folderOf(view: StateView, id: EntryId): Promise<FolderPlace | undefined> {
  const value = await view.folders.get(id);
  return value === undefined ? undefined : decodeFolder(value);
}

/** What decides where an entry stands. */
interface Placed {
  readonly id: EntryId;
  readonly parent: EntryId;
}

async function isLoose(view: StateView, entry: Placed): Promise<boolean> {
  return (await view.loose.get(concatBytes(entry.parent, entry.id))) !== undefined;
}

/** The folder under whose id an entry stands in `tree` while it is visible. */
export async function standsIn(view: StateView, entry: Placed): Promise<EntryId> {
  return (await isLoose(view, entry)) ? rootId : entry.parent;
}

/** The entry of a folder, wherever it stands. */
export async function folderEntry(view: StateView, id: EntryId): Promise<Entry | undefined> {
  const place = await folderOf(view, id);
  if (place === undefined) return undefined;
  const key = entryKey(place.parent, place.name, id);
  const atRoot = entryKey(rootId, place.name, id);
  for (const [map, where] of [
    [view.tree, key],
    [view.removed, key],
    [view.tree, atRoot],
  ] as const) {
    const value = await map.get(where);
    if (value !== undefined) return decodeEntry(where, value);
  }
  return undefined;
}

/**
 * Brings changed entries to where they belong, and with them what their change moves: entries whose
 * folder came or went, members of cycles, and ghosts (dead folders that are visible because
 * something visible stands below them). FORMAT §10.3.
 *
 * Invariants: the result is a function of the resulting entries alone; `at` and the intended parent
 * and name never change here; every entry stands in exactly one of `tree` and `removed`.
 * @param changes - by the entry's id.
 * @throws unexpected, if an entry is not what a change takes it for; nothing may be sealed then
 */
export async function place(
  draft: StateDraft,
  changes: ReadonlyIdMap<EntryId, EntryChange>,
): Promise<void> {
  const touched = new IdSet<EntryId>();
  const touch = (id: EntryId): void => {
    if (!isRoot(id)) touched.add(id);
  };

  await takeOld(draft, changes, touch);
  const moved = await setFolders(draft, changes);
  const ancestry = new Ancestry(draft.folders);
  if (moved !== undefined) {
    const others = await affected(draft, ancestry, changes, moved.flipped);
    await placeUnchanged(draft, ancestry, others, touch);
  }
  for (const { next } of changes.values()) {
    if (next === undefined) continue;
    const answer = ancestry.isLoose(next);
    const loose = typeof answer === "boolean" ? answer : await answer;
    if (loose) draft.setLoose(next, true);
    const parent = loose ? rootId : next.parent;
    if (isLive(next)) {
      draft.insert("tree", parent, next);
      touch(parent);
    } else {
      draft.insert("removed", next.parent, next);
      if (next.kind === "folder") touch(next.id);
    }
  }
  await settleGhosts(draft, touched);
}

/** Whether an entry is visible: alive, or a dead folder in which something visible stands. */
export async function isSeen(view: StateView, entry: Entry): Promise<boolean> {
  return isVisible(view, await standsIn(view, entry), entry);
}

async function takeOld(
  draft: StateDraft,
  changes: ReadonlyIdMap<EntryId, EntryChange>,
  touch: (id: EntryId) => void,
): Promise<void> {
  for (const { old } of changes.values()) {
    if (old === undefined) continue;
    const loose = await isLoose(draft, old);
    const parent = loose ? rootId : old.parent;
    if (await isVisible(draft, parent, old)) {
      await draft.take("tree", parent, old);
      touch(parent);
    } else await draft.take("removed", old.parent, old);
    if (loose) draft.setLoose(old, false);
  }
}

/** Whether an entry that stands in `parent` if anywhere does so. */
async function isVisible(view: StateView, parent: EntryId, entry: Entry): Promise<boolean> {
  if (isLive(entry)) return true;
  if (entry.kind !== "folder") return false;
  return (await view.tree.get(entryKey(parent, entry.name, entry.id))) !== undefined;
}

/**
 * Records the changed folders.
 * @returns those that came or went; `undefined` if all folders are where they were, so that nothing
 * else can be moved by the change.
 */
async function setFolders(
  draft: StateDraft,
  changes: ReadonlyIdMap<EntryId, EntryChange>,
): Promise<{ flipped: EntryId[] } | undefined> {
  const flipped: EntryId[] = [];
  let moved = false;
  for (const { old, next } of changes.values()) {
    const either = next ?? old;
    if (either?.kind !== "folder") continue;
    const { id } = either;
    const before = await draft.folders.get(id);
    const after = next === undefined ? undefined : encodeFolder(next);
    if (before !== undefined && after !== undefined && equalBytes(before, after)) continue;
    moved = true;
    if (before === undefined || after === undefined) flipped.push(id);
    draft.setFolder(id, next);
  }
  return moved ? { flipped } : undefined;
}

/** Entries that did not change and may have to stand elsewhere now. */
async function affected(
  draft: StateDraft,
  ancestry: Ancestry,
  changes: ReadonlyIdMap<EntryId, EntryChange>,
  flipped: readonly EntryId[],
): Promise<Entry[]> {
  const found = new IdMap<EntryId, Entry>();
  const note = (entry: Entry): void => {
    if (!changes.has(entry.id)) found.set(entry.id, entry);
  };
  for (const id of flipped) {
    for (const map of [draft.tree, draft.removed]) {
      for await (const [key, value] of map.range(id)) note(decodeEntry(key, value));
    }
  }
  for (const entry of await looseEntries(draft, flipped)) note(entry);
  for (const { next } of changes.values()) {
    if (next?.kind !== "folder") continue;
    for (const id of (await ancestry.cycleOf(next.id)) ?? []) {
      const entry = await folderEntry(draft, id);
      if (entry !== undefined) note(entry);
    }
  }
  return [...found.values()];
}

/**
 * The loose folders, whose cycles may be broken now, and what else is visible at the root because
 * its folder was absent that came or went.
 */
async function looseEntries(view: StateView, flipped: readonly EntryId[]): Promise<Entry[]> {
  const found: Entry[] = [];
  const cameOrWent = new IdSet(flipped);
  const wanted = new IdSet<EntryId>();
  const loose: Uint8Array[] = [];
  for await (const [key] of view.loose.range(new Uint8Array(0))) loose.push(key);
  for (const key of loose) {
    const parent = asEntryId(key.subarray(0, shortIdBytes));
    const id = asEntryId(key.subarray(shortIdBytes));
    const folder = await folderEntry(view, id);
    if (folder !== undefined) found.push(folder);
    else if (cameOrWent.has(parent)) wanted.add(id);
  }
  if (wanted.size === 0) return found;
  for await (const [key, value] of view.tree.range(rootId)) {
    if (wanted.delete(asEntryId(key.subarray(-shortIdBytes)))) {
      found.push(decodeEntry(key, value));
    }
  }
  return found;
}

async function placeUnchanged(
  draft: StateDraft,
  ancestry: Ancestry,
  entries: readonly Entry[],
  touch: (id: EntryId) => void,
): Promise<void> {
  for (const entry of entries) {
    const was = await isLoose(draft, entry);
    const wants = await ancestry.isLoose(entry);
    if (was === wants) continue;
    const from = was ? rootId : entry.parent;
    const to = wants ? rootId : entry.parent;
    const visible = await isVisible(draft, from, entry);
    draft.setLoose(entry, wants);
    if (!visible) continue;
    await draft.take("tree", from, entry);
    draft.insert("tree", to, entry);
    touch(from);
    touch(to);
  }
}

/** A dead folder stands in `tree` just while something stands below it there. */
async function settleGhosts(draft: StateDraft, touched: IdSet<EntryId>): Promise<void> {
  // What is touched on the way comes later.
  for (const id of touched) {
    touched.delete(id);
    const folder = await folderEntry(draft, id);
    if (folder === undefined || isLive(folder)) continue;
    const parent = await standsIn(draft, folder);
    const ghost = await isVisible(draft, parent, folder);
    const visible = await draft.tree.hasPrefix(id);
    if (ghost === visible) continue;
    if (visible) {
      await draft.take("removed", folder.parent, folder);
      draft.insert("tree", parent, folder);
    } else {
      await draft.take("tree", parent, folder);
      draft.insert("removed", folder.parent, folder);
    }
    if (!isRoot(parent)) touched.add(parent);
  }
}
