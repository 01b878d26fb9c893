import { compareBytes, toBinaryString } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import type { EntryId } from "../core/ids.ts";
import { compareStamps } from "../core/stamp.ts";
import { change, type Edit, newEntryId, putContent } from "./edit.ts";
import { decodeEntry, type Entry, type EntryKind, isLive, namePrefix } from "./entry.ts";
import type { Target } from "./lookup.ts";
import { type EntryChange, place } from "./place.ts";
import type { StateView } from "./state-view.ts";

/** What is put at a name. */
export interface NewContent {
  readonly kind: Exclude<EntryKind, "mount">;
  /** The encoded link to the version record; a folder may go without. */
  readonly link?: Uint8Array;
}

/**
 * Puts content at a place: a new version of what stands there, else a new entry; an entry of that
 * parent, name and kind that was removed comes back to life, so that a timeline follows the path.
 * @returns the entry as it now is.
 * @throws exists, if something of another kind stands there
 */
export async function put(edit: Edit, target: Target, content: NewContent): Promise<Entry> {
  const prepared = await preparePut(edit, target, content);
  await change(edit, prepared);
  return prepared.next;
}

/**
 * Puts many at once, each at another place, which costs one placement.
 * @throws exists, as {@link put}
 */
export async function putAll(
  edit: Edit,
  puts: readonly { target: Target; content: NewContent }[],
): Promise<Entry[]> {
  const changes = new Map<string, EntryChange>();
  const entries: Entry[] = [];
  for (const { target, content } of puts) {
    const prepared = await preparePut(edit, target, content);
    changes.set(toBinaryString(prepared.next.id), prepared);
    entries.push(prepared.next);
  }
  await place(edit.draft, changes);
  return entries;
}

async function preparePut(
  edit: Edit,
  target: Target,
  { kind, link }: NewContent,
): Promise<{ old: Entry | undefined; next: Entry }> {
  const standing = target.entry;
  if (standing !== undefined && (isLive(standing) || standing.kind === kind)) {
    if (standing.kind !== kind) {
      throw new CloudError(
        "exists",
        `expected a ${kind} at ${JSON.stringify(target.name)}, but a ${standing.kind} stands there`,
      );
    }
    return { old: standing, next: withPut(edit, standing, link) };
  }
  const revived = await newestRemoved(edit.draft, target.parent, target.name, kind);
  if (revived !== undefined) {
    return { old: revived, next: { ...withPut(edit, revived, link), at: edit.stamp } };
  }
  const id = newEntryId(edit);
  return {
    old: undefined,
    next: {
      id,
      kind,
      parent: target.parent,
      name: target.name,
      at: edit.stamp,
      content: link === undefined ? [] : putContent(edit, id, link),
      live: [edit.stamp],
    },
  };
}

function withPut(edit: Edit, entry: Entry, link: Uint8Array | undefined): Entry {
  const content = link === undefined ? entry.content : putContent(edit, entry.id, link);
  return { ...entry, content, live: [edit.stamp] };
}

/** The entry of a place and kind that was removed last. */
async function newestRemoved(
  view: StateView,
  parent: EntryId,
  name: string,
  kind: EntryKind,
): Promise<Entry | undefined> {
  let newest: Entry | undefined;
  for await (const [key, value] of view.removed.range(namePrefix(parent, name))) {
    const entry = decodeEntry(key, value);
    if (entry.kind !== kind || entry.gone === undefined) continue;
    const order =
      newest?.gone === undefined
        ? 1
        : compareStamps(entry.gone, newest.gone) || compareBytes(entry.id, newest.id);
    if (order > 0) newest = entry;
  }
  return newest;
}
