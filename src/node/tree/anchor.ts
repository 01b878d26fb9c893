import { equalBytes, toHex } from "../core/bytes.ts";
import type { EntryId } from "../core/ids.ts";
import type { Edit } from "./edit.ts";
import { type Entry, isRoot } from "./entry.ts";
import { type EntryChange, folderEntry, folderOf, standsIn } from "./place.ts";

/**
 * What else must change so that a folder stands in `parent` once it is placed there.
 *
 * After concurrent moves `parent` may be meant to stand below the folder, and be seen elsewhere only
 * because it, or a folder above it, breaks the cycle from the root. The folder's new stamp would
 * make it the one that goes to the root instead. So the one that stands there now is from now on
 * meant to: everybody keeps seeing what the person who moves the folder saw.
 */
export async function anchorsFor(
  edit: Edit,
  folder: Entry,
  parent: EntryId,
): Promise<EntryChange[]> {
  if (folder.kind !== "folder") return [];
  const path: EntryId[] = [];
  const seen = new Set<string>();
  for (let at = parent; !equalBytes(at, folder.id); ) {
    if (isRoot(at) || seen.has(toHex(at))) return [];
    seen.add(toHex(at));
    path.push(at);
    const place = await folderOf(edit.draft, at);
    if (place === undefined) return [];
    at = place.parent;
  }
  const changes: EntryChange[] = [];
  for (const id of path) {
    const old = await folderEntry(edit.draft, id);
    if (old === undefined || isRoot(old.parent)) continue;
    const root = await standsIn(edit.draft, old);
    if (isRoot(root)) changes.push({ old, next: { ...old, parent: root, at: edit.stamp } });
  }
  return changes;
}
