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
  /** By id: several puts of one file in one change count as the last. */
  readonly puts: Map<string, Put>;
}

/** Begins one change on a draft: everything done through it bears the one stamp. */
export function beginEdit(draft: StateDraft, stamp: Stamp, random: RandomBytes): Edit {
  draft.see(stamp);
  return { draft, stamp, random, puts: new Map() };
}

/** A fresh id. */
export function newEntryId(edit: Edit): EntryId {
  return asEntryId(edit.random(shortIdBytes));
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

/** The content that a put of this edit gives, remembered as a version. */
export function putContent(edit: Edit, id: EntryId, link: Uint8Array): EntryContent[] {
  edit.puts.set(toBinaryString(id), { id, link });
  return [{ stamp: edit.stamp, link }];
}
