import type { EncodedRecordLink } from "../blocks/link.ts";
import { compareBytes, toBinaryString } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import { IdMap } from "../core/id-map.ts";
import { type EntryId } from "../core/ids.ts";
import { compareStamps, type Stamp } from "../core/stamp.ts";
import { anchorsFor } from "./anchor.ts";
import { change, type Edit, newEntryId, putContent } from "./edit.ts";
import {
  decodeEntry,
  type Entry,
  type EntryKind,
  isLive,
  lastRemoval,
  namePrefix,
} from "./entry.ts";
import type { Target } from "./lookup.ts";
import { type EntryChange, place } from "./place.ts";
import type { StateDraft } from "./state-draft.ts";

/** What is put at a name. */
export interface NewContent {
  readonly kind: Exclude<EntryKind, "mount">;
  /** To the version record; a folder may go without. */
  readonly link?: EncodedRecordLink;
  /** SHA-256 of the record's own bytes, if they are at hand. */
  readonly record?: Uint8Array | undefined;
}

/**
 * Puts content at a place: a new version of what stands there, else a new entry; an entry of that
 * parent, name and kind that was removed comes back to life, so that a timeline follows the path.
 * @returns the entry as it now is.
 * @throws exists, if something of another kind stands there
 */
export async function put(edit: Edit, target: Target, content: NewContent): Promise<Entry> {
  const { old, next, anchors } = await preparePut(edit, target, content);
  await change(edit, ...anchors, { old, next });
  return next;
}

/**
 * Puts many at once, which costs one placement. Two at one place count as the last.
 * @param puts - targets as they are before the first of them.
 * @returns the entries as they are then, in order.
 * @throws exists, as {@link put}
 */
export async function putAll(
  edit: Edit,
  puts: readonly { target: Target; content: NewContent }[],
): Promise<Entry[]> {
  const changes = new IdMap<EntryId, EntryChange>();
  const byPlace = new Map<string, Entry>();
  const entries: Entry[] = [];
  for (const { target, content } of puts) {
    const where = toBinaryString(namePrefix(target.parent, target.name));
    const entry = byPlace.get(where) ?? target.entry;
    const { old, next, anchors } = await preparePut(edit, { ...target, entry }, content);
    for (const anchor of anchors) {
      const { id } = anchor.next as Entry;
      if (!changes.has(id)) changes.set(id, anchor);
    }
    const { id } = next;
    const earlier = changes.get(id);
    changes.set(id, { old: earlier === undefined ? old : earlier.old, next });
    byPlace.set(where, next);
    entries.push(next);
  }
  await place(edit.draft, changes);
  return entries;
}

interface PreparedPut {
  readonly old: Entry | undefined;
  readonly next: Entry;
  readonly anchors: readonly EntryChange[];
}

async function preparePut(edit: Edit, target: Target, content: NewContent): Promise<PreparedPut> {
  const { kind, link, record } = content;
  const standing = target.entry;
  if (standing !== undefined && (isLive(standing) || standing.kind === kind)) {
    if (standing.kind !== kind) {
      throw new CloudError(
        "exists",
        `expected a ${kind} at ${JSON.stringify(target.name)}, but a ${standing.kind} stands there`,
      );
    }
    return { old: standing, next: withPut(edit, standing, content), anchors: [] };
  }
  const revived = edit.draft.removed.isEmpty
    ? undefined
    : await newestRemoved(edit.draft, target.parent, target.name, kind);
  if (revived !== undefined) {
    const anchors = await anchorsFor(edit, revived);
    return { old: revived, next: { ...withPut(edit, revived, content), at: edit.stamp }, anchors };
  }
  const id = newEntryId(edit);
  const next: Entry = {
    id,
    kind,
    parent: target.parent,
    name: target.name,
    at: edit.stamp,
    content: link === undefined ? [] : putContent(edit, id, link, record),
    live: [edit.stamp],
  };
  return { old: undefined, next, anchors: [] };
}

function withPut(edit: Edit, entry: Entry, { link, record }: NewContent): Entry {
  const content = link === undefined ? entry.content : putContent(edit, entry.id, link, record);
  return { ...entry, content, live: [edit.stamp] };
}

/** The entry of a place and kind that was removed last. */
async function newestRemoved(
  draft: StateDraft,
  parent: EntryId,
  name: string,
  kind: EntryKind,
): Promise<Entry | undefined> {
  let newest: { entry: Entry; gone: Stamp } | undefined;
  for await (const [key, value] of draft.removed.range(namePrefix(parent, name))) {
    const entry = decodeEntry(key, value);
    const gone = lastRemoval(entry);
    if (entry.kind !== kind || gone === undefined) continue;
    const order =
      newest === undefined
        ? 1
        : compareStamps(gone, newest.gone) || compareBytes(entry.id, newest.entry.id);
    if (order > 0) newest = { entry, gone };
  }
  return newest?.entry;
}
