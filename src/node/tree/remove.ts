import { CloudError } from "../core/cloud-error.ts";
import { IdMap } from "../core/id-map.ts";
import { type EntryId } from "../core/ids.ts";
import { bury, type Edit } from "./edit.ts";
import { decodeEntry, type Entry } from "./entry.ts";
import { type EntryChange, place } from "./place.ts";
import type { StateView } from "./state-view.ts";

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
 * Removes an entry and all that is visible below it: one tombstone each.
 * @returns how many entries were removed.
 * @throws not-empty, for a folder with something in it unless `recursive`
 */
export async function remove(edit: Edit, entry: Entry, recursive: boolean): Promise<number> {
  const changes = new IdMap<EntryId, EntryChange>([[entry.id, bury(edit, entry)]]);
  if (entry.kind === "folder") {
    for await (const below of descendants(edit.draft, entry.id)) {
      if (!recursive) {
        throw new CloudError("not-empty", `the folder ${JSON.stringify(entry.name)} is not empty`);
      }
      changes.set(below.id, bury(edit, below));
    }
  }
  await place(edit.draft, changes);
  return changes.size;
}
