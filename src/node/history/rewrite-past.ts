import { decodeRecordLink, encodeRecordLink } from "../blocks/link.ts";
import { diffMaps } from "../blocks/map-diff.ts";
import type { MapDraft } from "../blocks/map-draft.ts";
import { decodePack, recordAt } from "../blocks/pack.ts";
import type { BlockPutter } from "../blocks/ports.ts";
import { openBlock } from "../blocks/seal.ts";
import { sealInto } from "../blocks/seal-into.ts";
import { type MapReader, type MapRoot, rangeOfMap } from "../blocks/sealed-map.ts";
import { toBinaryString } from "../core/bytes.ts";
import type { EntryId } from "../core/ids.ts";
import type { Stamp } from "../core/stamp.ts";
import { differingEntries } from "../tree/differing.ts";
import type { Edit } from "../tree/edit.ts";
import { decodeEntry, type Entry, type EntryContent } from "../tree/entry.ts";
import { type EntryChange, place } from "../tree/place.ts";
import { sealState } from "../tree/sealed-state.ts";
import { emptyState, type State } from "../tree/state.ts";
import { StateDraft } from "../tree/state-draft.ts";
import { sameEntry } from "./join-entry.ts";
import {
  decodeVersion,
  encodeLogItem,
  encodeVersion,
  parseVersionKey,
  versionKey,
} from "./revision.ts";
import { statesOf } from "./stood-at.ts";
import type { RevisionDraft, RevisionWriter, Tip } from "./tip.ts";

const everything = new Uint8Array(0);

/** What is to be found nowhere any more; all as binary strings. */
export interface Gone {
  /** Ids of entries that go whole. */
  readonly ids: ReadonlySet<string>;
  /** Keys of versions, which go from past states: id ‖ stamp. */
  readonly versions: ReadonlySet<string>;
  /** Ids of the blocks that hold their records. */
  readonly blocks: ReadonlySet<string>;
}

/** Gives the link of a record out of reach of what is gone. */
type Relink = (link: Uint8Array) => Promise<Uint8Array>;

interface Rewrite {
  readonly writer: RevisionWriter;
  readonly putter: BlockPutter;
  readonly draft: RevisionDraft;
  readonly edit: Edit;
  readonly gone: Gone;
  readonly relink: Relink;
  readonly step: () => Promise<void>;
}

/**
 * Takes what is gone out of every state that the log and the tags hold. Records of other files that
 * share a pack with it are sealed again by themselves, in the tree, the versions and the past, so
 * that nothing refers to those packs any more. FORMAT §9.8.
 * @param step - awaited after each state that is rewritten, whose nodes are read again after that;
 * may throw to end.
 */
export async function rewritePast(
  writer: RevisionWriter,
  putter: BlockPutter,
  tip: Tip,
  draft: RevisionDraft,
  edit: Edit,
  gone: Gone,
  step: () => Promise<void>,
): Promise<void> {
  const relink = createRelink(writer, putter, gone.blocks);
  const rewrite: Rewrite = { writer, putter, draft, edit, gone, relink, step };
  await relinkTree(rewrite);
  await relinkVersions(rewrite, tip.revision.versions);
  await rewriteStates(rewrite, draft.log, tip.revision.log);
  await rewriteStates(rewrite, draft.tags, tip.revision.tags);
}

/** The key of a version, as a binary string. */
export function versionName(id: EntryId, stamp: Stamp): string {
  return toBinaryString(versionKey(id, stamp));
}

/** What differs between two states, in both of their maps; `entry` is how it stands in the second. */
export async function* changedEntries(
  reader: MapReader,
  before: State,
  after: State,
): AsyncGenerator<{ name: string; entry: Entry | undefined }> {
  for (const map of ["tree", "removed"] as const) {
    for await (const { key, b } of diffMaps(reader, before[map], after[map])) {
      const entry = b === undefined ? undefined : decodeEntry(key, b, map);
      yield { name: `${map}:${toBinaryString(key)}`, entry };
    }
  }
}

/** Seals the records of a pack by themselves, each once. */
function createRelink(
  writer: RevisionWriter,
  putter: BlockPutter,
  packs: ReadonlySet<string>,
): Relink {
  const opened = new Map<string, Promise<Uint8Array[]>>();
  return async (encoded) => {
    const link = decodeRecordLink(encoded);
    const name = toBinaryString(link.id);
    if (link.place === undefined || !packs.has(name)) return encoded;
    let pack = opened.get(name);
    if (pack === undefined) {
      pack = writer.blocks
        .get(link.id)
        .then((bytes) => decodePack(openBlock(writer.primitives, link, "pack", bytes)));
      opened.set(name, pack);
    }
    return encodeRecordLink(sealInto(writer, putter, "record", recordAt(await pack, link.place)));
  };
}

/** Whether a record lies in a pack with something that is gone. */
function isInPack({ gone }: Rewrite, encoded: Uint8Array): boolean {
  const link = decodeRecordLink(encoded);
  return link.place !== undefined && gone.blocks.has(toBinaryString(link.id));
}

/** Gives what is left in the tree its new links. */
async function relinkTree(rewrite: Rewrite): Promise<void> {
  const { state } = rewrite.draft;
  const changes = new Map<string, EntryChange>();
  for (const map of ["tree", "removed"] as const) {
    for await (const [key, value] of state[map].range(everything)) {
      const entry = decodeEntry(key, value, map);
      if (!entry.content.some(({ link }) => isInPack(rewrite, link))) continue;
      const content = await Promise.all(entry.content.map((each) => relinked(rewrite, each)));
      changes.set(toBinaryString(entry.id), { old: entry, next: { ...entry, content } });
    }
  }
  await place(state, changes);
}

/** A content with its record out of reach of what is gone; its stamp is the one it had. */
async function relinked(rewrite: Rewrite, content: EntryContent): Promise<EntryContent> {
  if (!isInPack(rewrite, content.link)) return content;
  const link = await rewrite.relink(content.link);
  return { stamp: content.stamp, link, rewritten: rewrite.edit.stamp };
}

async function relinkVersions(rewrite: Rewrite, versions: MapRoot): Promise<void> {
  const { writer, draft, edit, gone, relink } = rewrite;
  for await (const [key, value] of rangeOfMap(writer, versions, everything)) {
    const item = decodeVersion(value);
    if (gone.ids.has(toBinaryString(parseVersionKey(key).id))) continue;
    if (!isInPack(rewrite, item.link)) continue;
    const rewritten = { time: item.time, link: await relink(item.link), rewritten: edit.stamp };
    draft.versions.set(key, encodeVersion(rewritten));
  }
}

/**
 * Rewrites the states of a log or of tags that show anything that is gone, each on top of the one
 * before it: at the cost of the differences.
 */
async function rewriteStates(rewrite: Rewrite, draft: MapDraft, root: MapRoot): Promise<void> {
  const { writer, putter, edit, step } = rewrite;
  const concerned = new Set<string>();
  let last = emptyState;
  let lastRewritten = emptyState;
  for await (const { key, time, state } of statesOf(writer, root)) {
    const changes = await rewriteChanges(rewrite, last, state, concerned);
    last = state;
    if (concerned.size === 0) {
      lastRewritten = state;
      continue;
    }
    const over = new StateDraft(writer, { ...lastRewritten, vv: state.vv, floor: state.floor });
    await place(over, changes);
    lastRewritten = await over.flush(putter);
    const link = await sealState(writer, putter, lastRewritten);
    draft.set(key, encodeLogItem({ time, state: link, rewritten: edit.stamp }));
    await step();
  }
}

function isConcerned(rewrite: Rewrite, { id, content }: Entry): boolean {
  const { ids, versions } = rewrite.gone;
  return (
    ids.has(toBinaryString(id)) ||
    content.some(
      ({ stamp, link }) => versions.has(versionName(id, stamp)) || isInPack(rewrite, link),
    )
  );
}

/** What brings one state as it is rewritten to the next; keeps the ids that are concerned. */
async function rewriteChanges(
  rewrite: Rewrite,
  from: State,
  to: State,
  concerned: Set<string>,
): Promise<Map<string, EntryChange>> {
  const changes = new Map<string, EntryChange>();
  for (const [id, { a, b }] of await differingEntries(rewrite.writer, from, to)) {
    if (b !== undefined && isConcerned(rewrite, b)) concerned.add(id);
    else concerned.delete(id);
    const old = a === undefined ? undefined : await rewriteEntry(rewrite, a);
    const next = b === undefined ? undefined : await rewriteEntry(rewrite, b);
    if (!sameEntry(old, next)) changes.set(id, { old, next });
  }
  return changes;
}

/** An entry of the past without what is gone; `undefined` if nothing is left of it. */
async function rewriteEntry(rewrite: Rewrite, entry: Entry): Promise<Entry | undefined> {
  const { ids, versions } = rewrite.gone;
  if (ids.has(toBinaryString(entry.id))) return undefined;
  const kept = entry.content.filter(({ stamp }) => !versions.has(versionName(entry.id, stamp)));
  if (kept.length === 0 && entry.content.length > 0) return undefined;
  return { ...entry, content: await Promise.all(kept.map((each) => relinked(rewrite, each))) };
}
