import type { EncodedRecordLink } from "../blocks/link.ts";
import { change, type Edit, newEntryId, putContent } from "./edit.ts";
import type { Entry } from "./entry.ts";
import { shownContent, type Target } from "./lookup.ts";

/**
 * Puts content at a name that a file was moved away from a moment ago: the file's id comes back to
 * its name with the new content, and what was moved away stays where it is under a new id. So a
 * program that saves by renaming the old file aside and writing a new one keeps the timeline.
 * @param moved - the file, where it now stands.
 * @param link - to the new version record.
 * @returns the entry at the name.
 */
export async function reclaim(
  edit: Edit,
  moved: Entry,
  target: Target,
  link: EncodedRecordLink,
): Promise<Entry> {
  const id = newEntryId(edit);
  const shown = shownContent(moved);
  const aside: Entry = {
    id,
    kind: moved.kind,
    parent: moved.parent,
    name: moved.name,
    at: edit.stamp,
    content: shown === undefined ? [] : putContent(edit, id, shown.link),
    live: [edit.stamp],
  };
  const next: Entry = {
    ...moved,
    parent: target.parent,
    name: target.name,
    at: edit.stamp,
    content: putContent(edit, moved.id, link),
    live: [edit.stamp],
  };
  await change(edit, { old: moved, next }, { next: aside });
  return next;
}
