import { CloudError } from "../core/cloud-error.ts";
import { IdMap } from "../core/id-map.ts";
import { type EntryId } from "../core/ids.ts";
import { type Edit, newEntryId, putContent } from "./edit.ts";
import { decodeEntry, type Entry, isLive } from "./entry.ts";
import { shownContent, type Target } from "./lookup.ts";
import { type EntryChange, place } from "./place.ts";
import { put } from "./put.ts";
import type { StateView } from "./state-view.ts";

/**
 * Copies an entry with all that is visible below it; costs no content. The copy's history begins
 * here.
 * @param from - where `entry` is read: the present or any moment.
 * @param target - where nothing stands, or a file that a file replaces.
 * @throws exists, if a folder or something of another kind stands there
 */
export async function copy(
  edit: Edit,
  from: StateView,
  entry: Entry,
  target: Target,
): Promise<Entry> {
  const standing = target.entry;
  if (standing?.kind === "folder" && isLive(standing)) {
    throw new CloudError("exists", `the folder ${JSON.stringify(target.name)} is there already`);
  }
  const link = shownContent(entry)?.link;
  const kind = entry.kind === "mount" ? "folder" : entry.kind;
  // Gather before the first change: the target may lie below the source.
  const below = entry.kind === "folder" ? await gather(from, entry.id) : [];
  const top = await put(edit, target, { kind, ...(link === undefined ? {} : { link }) });
  const ids = new IdMap([[entry.id, top.id]]);
  const changes = new IdMap<EntryId, EntryChange>();
  for (const { parent, entry: source } of below) {
    const id = newEntryId(edit);
    ids.set(source.id, id);
    const shown = shownContent(source);
    const next: Entry = {
      id,
      kind: source.kind,
      parent: ids.get(parent) as EntryId,
      name: source.name,
      at: edit.stamp,
      content: shown === undefined ? [] : putContent(edit, id, shown.link),
      live: [edit.stamp],
    };
    changes.set(id, { next });
  }
  await place(edit.draft, changes);
  return top;
}

async function gather(
  view: StateView,
  folder: EntryId,
): Promise<{ parent: EntryId; entry: Entry }[]> {
  const found: { parent: EntryId; entry: Entry }[] = [];
  const pending = [folder];
  for (let parent = pending.pop(); parent !== undefined; parent = pending.pop()) {
    for await (const [key, value] of view.tree.range(parent)) {
      const entry = decodeEntry(key, value);
      found.push({ parent, entry });
      if (entry.kind === "folder") pending.push(entry.id);
    }
  }
  return found;
}
