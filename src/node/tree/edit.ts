import type { EncodedRecordLink } from "../blocks/link.ts";
import { IdMap, IdSet } from "../core/id-map.ts";
import { asEntryId, type EntryId, shortIdBytes } from "../core/ids.ts";
import type { Stamp } from "../core/stamp.ts";
import type { RandomBytes } from "../crypto/primitives.ts";
import type { Entry, EntryContent } from "./entry.ts";
import { byEntry, type EntryChange, place } from "./place.ts";
import type { StateDraft } from "./state-draft.ts";

/** A version that a change wrote: what the space's `versions` must remember. */
export interface Put {
  readonly id: EntryId;
  /** To its version record. */
  readonly link: EncodedRecordLink;
  /** SHA-256 of the record's own bytes, where whoever put it had them. */
  readonly record?: Uint8Array | undefined;
}

/** What the verbs of this room take: a draft, the stamp of the change, and where puts go. */
export interface Edit {
  readonly draft: StateDraft;
  readonly stamp: Stamp;
  readonly random: RandomBytes;
  /**
   * By id: several puts of one file in one change count as the last. Whatever content the change
   * leaves under its own stamp is among them.
   */
  readonly puts: IdMap<EntryId, Put>;
  /** Ids that the change itself drew: nobody else has seen them. */
  readonly created: IdSet<EntryId>;
  /** What new ids are made of. */
  readonly ids: IdSource;
}

/** The ids of one change share a random head and are counted. FORMAT §10.2. */
interface IdSource {
  /** Drawn when the first is asked for. */
  head: Uint8Array | undefined;
  count: number;
}

const idHeadBytes = 12;

/** Begins one change on a draft: everything done through it bears the one stamp. */
export function beginEdit(draft: StateDraft, stamp: Stamp, random: RandomBytes): Edit {
  draft.see(stamp);
  const ids = { head: undefined, count: 0 };
  return { draft, stamp, random, puts: new IdMap(), created: new IdSet(), ids };
}

/**
 * A fresh id: 12 random bytes of the change, then a number. What came together so stands together
 * in the maps, and a change of many things writes few nodes.
 */
export function newEntryId(edit: Edit): EntryId {
  const { ids } = edit;
  ids.head ??= edit.random(idHeadBytes);
  const id = new Uint8Array(shortIdBytes);
  id.set(ids.head);
  new DataView(id.buffer).setUint32(idHeadBytes, ids.count);
  ids.count++;
  const fresh = asEntryId(id);
  edit.created.add(fresh);
  return fresh;
}

/** Replaces entries; absent on the left: created. */
export async function change(edit: Edit, ...changes: readonly EntryChange[]): Promise<void> {
  await place(edit.draft, byEntry(changes));
}

/**
 * What removing an entry leaves: its tombstone; nothing at all of a file that the same change made.
 * A folder keeps its tombstone even so: something that was moved into it may be restored.
 */
export function bury(edit: Edit, entry: Entry): EntryChange {
  const { id, kind } = entry;
  if (kind !== "folder" && edit.created.has(id)) {
    edit.puts.delete(id);
    return { old: entry };
  }
  return { old: entry, next: { ...entry, live: [], gone: [edit.stamp] } };
}

/**
 * The content that a put of this edit gives, remembered as a version.
 * @param record - as in {@link Put}.
 */
export function putContent(
  edit: Edit,
  id: EntryId,
  link: EncodedRecordLink,
  record?: Uint8Array,
): EntryContent[] {
  edit.puts.set(id, record === undefined ? { id, link } : { id, link, record });
  return [{ stamp: edit.stamp, link }];
}
