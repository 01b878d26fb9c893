import { CloudError } from "../core/cloud-error.ts";
import { IdMap } from "../core/id-map.ts";
import { type EntryId } from "../core/ids.ts";
import { bury, type Edit } from "./edit.ts";
import { decodeEntry, type Entry } from "./entry.ts";
import { type EntryChange, place } from "./place.ts";
import type { StateView } from "./state-view.ts";

/** Entries that are buried at once: more of them only hold memory. */
const runEntries = 500;

/** Told that some of many entries are placed: the draft may be sealed so far, and others have a turn. */
export type OnPlaced = () => Promise<void>;

/** All visible entries below a folder, each after the one above it. */
export async function* descendants(view: StateView, folder: EntryId): AsyncGenerator<Entry> {
  const pending = [folder];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    for await (const [key, value] of view.tree.range(id)) {
      const entry = decodeEntry(key, value);
      yield entry;
      if (entry.kind === "folder") pending.push(entry.id);
    }
  }
}

/**
 * The same, each before the one above it. What was given may be removed meanwhile, and of a folder is
 * gone by the time that the folder comes.
 */
async function* innermostFirst(view: StateView, folder: EntryId): AsyncGenerator<Entry> {
  const itemsOf = (id: EntryId) => view.tree.range(id)[Symbol.asyncIterator]();
  const open: { items: ReturnType<typeof itemsOf>; entry?: Entry }[] = [{ items: itemsOf(folder) }];
  for (let inner = open.at(-1); inner !== undefined; inner = open.at(-1)) {
    const next = await inner.items.next();
    if (next.done === true) {
      open.pop();
      if (inner.entry !== undefined) yield inner.entry;
      continue;
    }
    const entry = decodeEntry(...next.value);
    if (entry.kind === "folder") open.push({ items: itemsOf(entry.id), entry });
    else yield entry;
  }
}

/**
 * Removes an entry and all that is visible below it: one tombstone each.
 * @param onPlaced - for what may be large.
 * @returns how many entries were removed.
 * @throws not-empty, for a folder with something in it unless `recursive`
 */
export async function remove(
  edit: Edit,
  entry: Entry,
  recursive: boolean,
  onPlaced: OnPlaced = () => Promise.resolve(),
): Promise<number> {
  let changes = new IdMap<EntryId, EntryChange>();
  let count = 0;
  if (entry.kind === "folder") {
    for await (const below of innermostFirst(edit.draft, entry.id)) {
      if (!recursive) {
        throw new CloudError("not-empty", `the folder ${JSON.stringify(entry.name)} is not empty`);
      }
      changes.set(below.id, bury(edit, below));
      if (changes.size < runEntries) continue;
      await place(edit.draft, changes);
      count += changes.size;
      changes = new IdMap();
      await onPlaced();
    }
  }
  changes.set(entry.id, bury(edit, entry));
  await place(edit.draft, changes);
  return count + changes.size;
}
