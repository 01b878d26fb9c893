import { equalBytes, toHex } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import type { EntryId } from "../core/ids.ts";
import { anchorsFor } from "./anchor.ts";
import { bury, change, type Edit, putContent } from "./edit.ts";
import { type Entry, isLive, isRoot } from "./entry.ts";
import { shownContent, type Target } from "./lookup.ts";
import { folderOf, standsIn } from "./place.ts";
import { type OnPlaced, remove } from "./remove.ts";

/**
 * Moves or renames an entry; costs no content. A file that replaces a file puts its content on the
 * target's id and goes, so that the timeline of the path goes on.
 * @param overwrite - whether something that stands at the target may be replaced.
 * @param onPlaced - as {@link remove} takes it, for a folder that is replaced.
 * @returns the entry that now stands at the target.
 * @throws exists; usage, for a folder into itself
 */
export async function move(
  edit: Edit,
  entry: Entry,
  target: Target,
  overwrite: boolean,
  onPlaced?: OnPlaced,
): Promise<Entry> {
  if (entry.kind === "folder") await refuseInside(edit, entry, target.parent);
  const standing = target.entry;
  const replaced = standing !== undefined && isLive(standing) && !equalBytes(standing.id, entry.id);
  if (replaced) {
    if (!overwrite) {
      throw new CloudError("exists", `something stands at ${JSON.stringify(target.name)} already`);
    }
    if (standing.kind === "file" && entry.kind === "file") {
      return replaceFile(edit, entry, standing);
    }
    await refuseReplacingAbove(edit, standing, entry);
    await remove(edit, standing, true, onPlaced);
  }
  const next = {
    ...entry,
    parent: target.parent,
    name: target.name,
    at: edit.stamp,
    live: [edit.stamp],
  };
  const anchors = await anchorsFor(edit, entry);
  await change(edit, ...anchors, { old: entry, next });
  return next;
}

async function replaceFile(edit: Edit, source: Entry, target: Entry): Promise<Entry> {
  const shown = shownContent(source);
  const content = shown === undefined ? [] : putContent(edit, target.id, shown.link);
  const next = { ...target, content, live: [edit.stamp] };
  await change(edit, { old: target, next }, bury(edit, source));
  return next;
}

async function refuseInside(edit: Edit, folder: Entry, target: EntryId): Promise<void> {
  if (await isBelow(edit, target, folder.id)) {
    throw new CloudError(
      "usage",
      `the folder ${JSON.stringify(folder.name)} can't be moved into itself`,
    );
  }
}

/** @throws usage, if one thing is to take the place of a folder that it stands in */
export async function refuseReplacingAbove(
  edit: Edit,
  standing: Entry,
  entry: Entry,
): Promise<void> {
  if (standing.kind !== "folder") return;
  if (!(await isBelow(edit, await standsIn(edit.draft, entry), standing.id))) return;
  throw new CloudError("usage", "a folder can't be replaced by something that stands in it");
}

/** Whether `id` is `above` or stands below it. */
async function isBelow(edit: Edit, id: EntryId, above: EntryId): Promise<boolean> {
  const seen = new Set<string>();
  for (let at = id; !isRoot(at) && !seen.has(toHex(at)); ) {
    if (equalBytes(at, above)) return true;
    seen.add(toHex(at));
    const folder = await folderOf(edit.draft, at);
    if (folder === undefined) return false;
    at = await standsIn(edit.draft, { id: at, parent: folder.parent });
  }
  return false;
}
