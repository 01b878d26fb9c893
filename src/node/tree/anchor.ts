import { equalBytes } from "../core/bytes.ts";
import { type IdMap } from "../core/id-map.ts";
import { type EntryId } from "../core/ids.ts";
import { compareStamps } from "../core/stamp.ts";
import { Ancestry } from "./ancestry.ts";
import type { Edit } from "./edit.ts";
import { type Entry, isRoot } from "./entry.ts";
import { type EntryChange, folderEntry, standsIn } from "./place.ts";

/**
 * What else must change when a folder is placed anew, so that all else stays where it is seen.
 *
 * Concurrent moves can make a cycle, and one folder of it stands at the root to break it. Placing
 * another folder of the cycle would send that one back into what it was once moved to, or make the
 * newly placed one break the cycle in its stead. So the one at the root is from now on meant to
 * stand there.
 */
export async function anchorsFor(edit: Edit, folder: Entry): Promise<EntryChange[]> {
  if (folder.kind !== "folder") return [];
  const cycle = await new Ancestry(edit.draft.folders).cycleOf(folder.id);
  const changes: EntryChange[] = [];
  for (const id of cycle ?? []) {
    if (equalBytes(id, folder.id)) continue;
    const old = await folderEntry(edit.draft, id);
    if (old === undefined || isRoot(old.parent)) continue;
    const parent = await standsIn(edit.draft, old);
    if (isRoot(parent)) changes.push({ old, next: { ...old, parent, at: edit.stamp } });
  }
  return changes;
}

/**
 * Adds to changes what {@link anchorsFor} tells of each folder that they place anew. An anchor that
 * changes anyway is placed too.
 * @param changes - by the entry's id.
 */
export async function addAnchors(edit: Edit, changes: IdMap<EntryId, EntryChange>): Promise<void> {
  const isPlaced = (entry: Entry): boolean => compareStamps(entry.at, edit.stamp) === 0;
  for (const { next } of [...changes.values()]) {
    if (next === undefined || !isPlaced(next)) continue;
    for (const anchor of await anchorsFor(edit, next)) {
      const { id, parent, at } = anchor.next as Entry;
      const other = changes.get(id);
      if (other === undefined) changes.set(id, anchor);
      else if (other.next !== undefined && !isPlaced(other.next)) {
        changes.set(id, { ...other, next: { ...other.next, parent, at } });
      }
    }
  }
}
