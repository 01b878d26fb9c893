// What the vectors of states are said in: entries, their stamps, ids and contents.
import { toHex, toUtf8 } from "../../../../src/node/core/bytes.ts";
import { asEntryId, asWriterId, type EntryId } from "../../../../src/node/core/ids.ts";
import { encodeStamp, type Stamp } from "../../../../src/node/core/stamp.ts";
import { type EncodedRecordLink, encodeRecordLink } from "../../../../src/node/blocks/link.ts";
import { encodeRecord } from "../../../../src/node/blocks/record.ts";
import { sealBlock } from "../../../../src/node/blocks/seal.ts";
import { nodePrimitives } from "../../../../src/node/platform/primitives.ts";
import { type Entry, type EntryContent, entryKinds } from "../../../../src/node/tree/entry.ts";
import {byEntry, place} from "../../../../src/node/tree/place.ts";
import { StateDraft } from "../../../../src/node/tree/state-draft.ts";
import type { StateView } from "../../../../src/node/tree/state-view.ts";
import { contentKey, hashOf } from "../common.make.ts";
import type { VectorValue } from "../../vector-file.ts";

/** Two who write. */
export const [ann, bob] = ["ann", "bob"].map((name) => asWriterId(hashOf(name).subarray(0, 16))) as [
  Stamp["writer"],
  Stamp["writer"],
];
/** The stamp of a change. */
export const at = (counter: number, writer = ann): Stamp => ({ counter, writer });
/** The id that a word stands for. */
export const id = (word: string): EntryId => asEntryId(hashOf(word).subarray(0, 16));

/** The link of the record of a file that holds a word. */
export function linkTo(word: string): EncodedRecordLink {
  const content = toUtf8(word);
  const payload = encodeRecord({ size: content.length, mtime: 7, mode: 0o644, content });
  return encodeRecordLink(sealBlock(nodePrimitives, contentKey, "record", payload, false).link);
}

/** An entry that was put where it stands and is alive. */
export function entry(own: string, parent: EntryId, name: string, more: Partial<Entry> = {}): Entry {
  const { at: placed = at(1), kind = "file" } = more;
  const held = kind === "file" || kind === "link" ? [content(own, placed)] : [];
  return { id: id(own), kind, parent, name, at: placed, content: held, live: [placed], ...more };
}

/** A content that holds a word. */
export function content(word: string, stamp: Stamp): EntryContent {
  return { stamp, link: linkTo(word) };
}

/** What makes an entry a dead one. */
export const dead = { live: [], gone: [at(9)] };

/** An entry in a vector. */
export function showEntry(one: Entry): VectorValue {
  return {
    id: toHex(one.id),
    kind: entryKinds.indexOf(one.kind),
    parent: toHex(one.parent),
    name: one.name,
    at: toHex(encodeStamp(one.at)),
    content: one.content.map(({ stamp, link, rewritten }) => [
      toHex(encodeStamp(stamp)),
      toHex(link),
      ...(rewritten === undefined ? [] : [toHex(encodeStamp(rewritten))]),
    ]),
    live: one.live.map((stamp) => toHex(encodeStamp(stamp))),
    gone: one.gone === undefined ? null : one.gone.map((stamp) => toHex(encodeStamp(stamp))),
  };
}

/** What makes an entry a folder. */
export const folder = { kind: "folder" } as const;

/** Places entries that were not there. */
export function placeAll(draft: StateDraft, entries: readonly Entry[]): Promise<void> {
  return place(draft, byEntry(entries.map((next) => ({ next }))));
}

/** All items of the four maps. */
export async function showMaps(view: StateView): Promise<Record<string, VectorValue>> {
  const shown: Record<string, VectorValue> = {};
  for (const map of ["tree", "removed", "folders", "loose"] as const) {
    const found: VectorValue[] = [];
    for await (const [key, value] of view[map].range(new Uint8Array(0))) {
      found.push([toHex(key), toHex(value)]);
    }
    shown[map] = found;
  }
  return shown;
}
