import { compareBytes, concatBytes, toBinaryString } from "../core/bytes.ts";
import { type EntryId, rootId } from "../core/ids.ts";
import { compareStamps } from "../core/stamp.ts";
import {
  decodeEntry,
  decodeFolder,
  type Entry,
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

/** The ids of the cycle of intended parents that `id` is on, if it is on one. */
async function cycleOf(view: StateView, id: EntryId): Promise<EntryId[] | undefined> {
  const cycle = [id];
  const seen = new Set([toBinaryString(id)]);
  let next = (await folderOf(view, id))?.parent;
  while (next !== undefined && !isRoot(next)) {
    const name = toBinaryString(next);
    if (seen.has(name)) return compareBytes(next, id) === 0 ? cycle : undefined;
    seen.add(name);
    cycle.push(next);
    next = (await folderOf(view, next))?.parent;
  }
  return undefined;
}

/** Whether an entry is to stand at the root: its parent is absent, or it breaks a cycle. */
async function wantsLoose(view: StateView, entry: Entry): Promise<boolean> {
  if (isRoot(entry.parent)) return false;
  if ((await view.folders.get(entry.parent)) === undefined) return true;
  if (entry.kind !== "folder") return false;
  const cycle = await cycleOf(view, entry.id);
  if (cycle === undefined) return false;
  let largest: { id: EntryId; place: FolderPlace } | undefined;
  for (const id of cycle) {
    const place = (await folderOf(view, id)) as FolderPlace;
    const order =
      largest === undefined
        ? 1
        : compareStamps(place.at, largest.place.at) || compareBytes(id, largest.id);
    if (order > 0) largest = { id, place };
  }
  return largest !== undefined && compareBytes(largest.id, entry.id) === 0;
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

async function looseEntries(view: StateView): Promise<Entry[]> {
  const keys: Uint8Array[] = [];
  for await (const [key] of view.loose.range(new Uint8Array(0))) keys.push(key);
  if (keys.length === 0) return [];
  const found: Entry[] = [];
  const wanted = new Set(keys.map((key) => toBinaryString(key.subarray(16))));
  for await (const [key, value] of view.tree.range(rootId)) {
    const name = toBinaryString(key.subarray(-16));
    if (wanted.delete(name)) found.push(decodeEntry(key, value));
  }
  for (const looseKey of keys) {
    if (!wanted.has(toBinaryString(looseKey.subarray(16)))) continue;
    for await (const [key, value] of view.removed.range(looseKey.subarray(0, 16))) {
      if (compareBytes(key.subarray(-16), looseKey.subarray(16)) === 0) {
        found.push(decodeEntry(key, value));
      }
    }
  }
  return found;
}

/**
 * Brings changed entries to where they belong, and with them what their change moves: entries whose
 * folder came or went, members of cycles, and ghosts (dead folders that are visible because
 * something visible stands below them). FORMAT §8.3.
 *
 * Invariants: the result is a function of the resulting entries alone; `at` and the intended parent
 * and name never change here; every entry stands in exactly one of `tree` and `removed`.
 * @param changes - by the entry's id as a binary string.
 */
export async function place(
  draft: StateDraft,
  changes: ReadonlyMap<string, EntryChange>,
): Promise<void> {
  const touched = new Map<string, EntryId>();
  const touch = (id: EntryId): void => {
    if (!isRoot(id)) touched.set(toBinaryString(id), id);
  };

  await takeOld(draft, changes, touch);
  const flipped = await setFolders(draft, changes);
  await placeUnchanged(draft, await affected(draft, changes, flipped), touch);
  for (const { next } of changes.values()) {
    if (next === undefined) continue;
    const loose = await wantsLoose(draft, next);
    if (loose) draft.setLoose(next, true);
    const parent = loose ? rootId : next.parent;
    if (isLive(next)) {
      draft.insert("tree", parent, next);
      touch(parent);
    } else {
      draft.insert("removed", next.parent, next);
      touch(next.id);
    }
  }
  await settleGhosts(draft, touched);
}

async function takeOld(
  draft: StateDraft,
  changes: ReadonlyMap<string, EntryChange>,
  touch: (id: EntryId) => void,
): Promise<void> {
  for (const { old } of changes.values()) {
    if (old === undefined) continue;
    const loose = await isLoose(draft, old);
    const parent = loose ? rootId : old.parent;
    const visible =
      isLive(old) || (await draft.tree.get(entryKey(parent, old.name, old.id))) !== undefined;
    if (visible) {
      draft.take("tree", parent, old);
      touch(parent);
    } else draft.take("removed", old.parent, old);
    if (loose) draft.setLoose(old, false);
  }
}

/** Records the changed folders. @returns those that came or went. */
async function setFolders(
  draft: StateDraft,
  changes: ReadonlyMap<string, EntryChange>,
): Promise<EntryId[]> {
  const flipped: EntryId[] = [];
  for (const { old, next } of changes.values()) {
    const either = next ?? old;
    if (either?.kind !== "folder") continue;
    if (next === undefined) {
      draft.setFolder(either.id, undefined);
      flipped.push(either.id);
    } else {
      if ((await draft.folders.get(next.id)) === undefined) flipped.push(next.id);
      draft.setFolder(next.id, { parent: next.parent, name: next.name, at: next.at });
    }
  }
  return flipped;
}

/** Entries that did not change and may have to stand elsewhere now. */
async function affected(
  draft: StateDraft,
  changes: ReadonlyMap<string, EntryChange>,
  flipped: readonly EntryId[],
): Promise<Entry[]> {
  const found = new Map<string, Entry>();
  const note = (entry: Entry): void => {
    const name = toBinaryString(entry.id);
    if (!changes.has(name)) found.set(name, entry);
  };
  for (const id of flipped) {
    for (const map of [draft.tree, draft.removed]) {
      for await (const [key, value] of map.range(id)) note(decodeEntry(key, value));
    }
  }
  for (const entry of await looseEntries(draft)) note(entry);
  for (const { next } of changes.values()) {
    if (next?.kind !== "folder") continue;
    for (const id of (await cycleOf(draft, next.id)) ?? []) {
      const name = toBinaryString(id);
      if (changes.has(name) || found.has(name)) continue;
      const entry = await folderEntry(draft, id);
      if (entry !== undefined) note(entry);
    }
  }
  return [...found.values()];
}

async function placeUnchanged(
  draft: StateDraft,
  entries: readonly Entry[],
  touch: (id: EntryId) => void,
): Promise<void> {
  for (const entry of entries) {
    const was = await isLoose(draft, entry);
    const wants = await wantsLoose(draft, entry);
    if (was === wants) continue;
    const from = was ? rootId : entry.parent;
    const to = wants ? rootId : entry.parent;
    const visible = (await draft.tree.get(entryKey(from, entry.name, entry.id))) !== undefined;
    draft.setLoose(entry, wants);
    if (!visible) continue;
    draft.take("tree", from, entry);
    draft.insert("tree", to, entry);
    touch(from);
    touch(to);
  }
}

/** A dead folder stands in `tree` just while something stands below it there. */
async function settleGhosts(draft: StateDraft, touched: Map<string, EntryId>): Promise<void> {
  for (;;) {
    const [first] = touched;
    if (first === undefined) return;
    const [name, id] = first;
    touched.delete(name);
    const folder = await folderEntry(draft, id);
    if (folder === undefined || isLive(folder)) continue;
    const parent = await standsIn(draft, folder);
    const ghost = (await draft.tree.get(entryKey(parent, folder.name, id))) !== undefined;
    const visible = await draft.tree.hasPrefix(id);
    if (ghost === visible) continue;
    if (visible) {
      draft.take("removed", folder.parent, folder);
      draft.insert("tree", parent, folder);
    } else {
      draft.take("tree", parent, folder);
      draft.insert("removed", folder.parent, folder);
    }
    if (!isRoot(parent)) touched.set(toBinaryString(parent), parent);
  }
}
