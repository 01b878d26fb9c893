import { toBinaryString } from "../core/bytes.ts";
import { asEntryId, type EntryId, shortIdBytes } from "../core/ids.ts";
import type { Stamp } from "../core/stamp.ts";
import type { RandomBytes } from "../crypto/primitives.ts";
import type { Entry, EntryContent } from "./entry.ts";
import { type EntryChange, place } from "./place.ts";
import type { StateDraft } from "./state-draft.ts";

/** A version that a change wrote: what the space's `versions` must remember. */
export interface Put {
  readonly id: EntryId;
  /** The encoded link to its version record. */
  readonly link: Uint8Array;
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
  readonly puts: Map<string, Put>;
  /** Ids that the change itself drew: nobody else has seen them. */
  readonly created: Set<string>;
  /** Randomness drawn ahead: asking the system for each id takes longer than all else. */
  readonly drawn: { bytes: Uint8Array; used: number };
}

const idsDrawnAhead = 64;

/** Begins one change on a draft: everything done through it bears the one stamp. */
export function beginEdit(draft: StateDraft, stamp: Stamp, random: RandomBytes): Edit {
  draft.see(stamp);
  const drawn = { bytes: new Uint8Array(0), used: 0 };
  return { draft, stamp, random, puts: new Map(), created: new Set(), drawn };
}

/** A fresh id. */
export function newEntryId(edit: Edit): EntryId {
  const { drawn } = edit;
  if (drawn.used === drawn.bytes.length) {
    drawn.bytes = edit.random(shortIdBytes * (edit.created.size === 0 ? 1 : idsDrawnAhead));
    drawn.used = 0;
  }
  const id = asEntryId(drawn.bytes.slice(drawn.used, drawn.used + shortIdBytes));
  drawn.used += shortIdBytes;
  edit.created.add(toBinaryString(id));
  return id;
}

/** Replaces entries; absent on the left: created. */
export async function change(edit: Edit, ...changes: readonly EntryChange[]): Promise<void> {
  const byId = new Map<string, EntryChange>();
  for (const one of changes) {
    const { id } = (one.next ?? one.old) as Entry;
    byId.set(toBinaryString(id), one);
  }
  await place(edit.draft, byId);
}

/**
 * What removing an entry leaves: its tombstone; nothing at all of a file that the same change made.
 * A folder keeps its tombstone even so: something that was moved into it may be restored.
 */
export function bury(edit: Edit, entry: Entry): EntryChange {
  const name = toBinaryString(entry.id);
  if (entry.kind !== "folder" && edit.created.has(name)) {
    edit.puts.delete(name);
    return { old: entry };
  }
  return { old: entry, next: { ...entry, live: [], gone: [edit.stamp] } };
}

/** The content that a put of this edit gives, remembered as a version. */
export function putContent(edit: Edit, id: EntryId, link: Uint8Array): EntryContent[] {
  edit.puts.set(toBinaryString(id), { id, link });
  return [{ stamp: edit.stamp, link }];
}
