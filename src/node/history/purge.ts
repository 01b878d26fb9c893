import { decodeRecordLink, encodeRecordLink, type Link } from "../blocks/link.ts";
import { diffMaps } from "../blocks/map-diff.ts";
import type { MapDraft } from "../blocks/map-draft.ts";
import { decodePack, recordAt } from "../blocks/pack.ts";
import type { BlockPutter } from "../blocks/ports.ts";
import { openBlock } from "../blocks/seal.ts";
import { sealInto } from "../blocks/seal-into.ts";
import { type MapRoot, rangeOfMap } from "../blocks/sealed-map.ts";
import { toBinaryString } from "../core/bytes.ts";
import { rootId } from "../core/ids.ts";
import { type Edit, putContent } from "../tree/edit.ts";
import { decodeEntry, type Entry } from "../tree/entry.ts";
import { type EntryChange, place } from "../tree/place.ts";
import { sealState } from "../tree/sealed-state.ts";
import { emptyState, type State } from "../tree/state.ts";
import { StateDraft } from "../tree/state-draft.ts";
import { purgeEntries } from "./retention.ts";
import { decodeVersion, encodeLogItem, encodeVersion, parseVersionKey } from "./revision.ts";
import { statesOf } from "./stood-at.ts";
import type { RevisionDraft, RevisionWriter, Tip } from "./tip.ts";

const everything = new Uint8Array(0);

/** Gives the link of a record out of reach of what is purged. */
type Relink = (link: Uint8Array) => Promise<Uint8Array>;

/** What a purge works on. */
interface Purge {
  readonly writer: RevisionWriter;
  readonly putter: BlockPutter;
  readonly draft: RevisionDraft;
  readonly edit: Edit;
  /** Ids of the entries that go, as binary strings. */
  readonly ids: ReadonlySet<string>;
  /** Ids of the packs that hold a record of them, as binary strings. */
  readonly packs: ReadonlySet<string>;
  readonly relink: Relink;
}

/**
 * Takes entries out of all history: out of the tree, the versions, and every state that the log and
 * the tags hold. Records of other files that share a pack with them are sealed again by themselves,
 * so that nothing refers to those packs any more. A folder in which something else is meant to
 * stand, removed or not, is left. FORMAT §9.8.
 * @param entries - each after what stands in it.
 * @param lost - ids, as binary strings, of entries that only past states show, which go too.
 * @returns how many versions went.
 */
export async function purgeHistory(
  writer: RevisionWriter,
  putter: BlockPutter,
  tip: Tip,
  draft: RevisionDraft,
  edit: Edit,
  entries: readonly Entry[],
  lost: Iterable<string> = [],
): Promise<number> {
  const ids = new Set([...lost, ...entries.map(({ id }) => toBinaryString(id))]);
  await anchorLoose(edit, ids);
  const left = await purgeEntries(draft, entries);
  for (const { id } of left) ids.delete(toBinaryString(id));
  const { packs, versions } = await findPacks(writer, tip, entries, ids);
  const relink = createRelink(writer, putter, packs);
  const purge: Purge = { writer, putter, draft, edit, ids, packs, relink };
  await relinkTree(purge, tip.state);
  await relinkVersions(purge, tip.revision.versions);
  await rewriteStates(purge, draft.log, tip.revision.log);
  await rewriteStates(purge, draft.tags, tip.revision.tags);
  return versions;
}

/** What stands at the root because its folder is absent or on a cycle, and that folder goes: it is
 * from now on meant to stand there. */
async function anchorLoose(edit: Edit, ids: ReadonlySet<string>): Promise<void> {
  const changes = new Map<string, EntryChange>();
  const orphans = new Set<string>();
  for await (const [key] of edit.draft.loose.range(everything)) {
    const [parent, id] = [key.subarray(0, 16), key.subarray(16)].map(toBinaryString);
    if (ids.has(parent as string) && !ids.has(id as string)) orphans.add(id as string);
  }
  if (orphans.size === 0) return;
  for await (const [key, value] of edit.draft.tree.range(rootId)) {
    const old = decodeEntry(key, value);
    const id = toBinaryString(old.id);
    if (orphans.has(id)) {
      changes.set(id, { old, next: { ...old, parent: rootId, at: edit.stamp } });
    }
  }
  await place(edit.draft, changes);
}

async function findPacks(
  writer: RevisionWriter,
  tip: Tip,
  entries: readonly Entry[],
  ids: ReadonlySet<string>,
): Promise<{ packs: Set<string>; versions: number }> {
  const packs = new Set<string>();
  const note = (encoded: Uint8Array): void => {
    const link = decodeRecordLink(encoded);
    if (link.place !== undefined) packs.add(toBinaryString(link.id));
  };
  for (const { content } of entries) for (const { link } of content) note(link);
  let versions = 0;
  for await (const [key, value] of rangeOfMap(writer, tip.revision.versions, everything)) {
    if (!ids.has(toBinaryString(parseVersionKey(key).id))) continue;
    note(decodeVersion(value).link);
    versions++;
  }
  // Versions that retention let go of may stand in a state that was kept, or tagged.
  for (const root of [tip.revision.log, tip.revision.tags]) {
    let last = emptyState;
    for await (const { state } of statesOf(writer, root)) {
      for await (const { entry } of changedEntries(writer, last, state)) {
        if (entry === undefined || !ids.has(toBinaryString(entry.id))) continue;
        for (const { link } of entry.content) note(link);
      }
      last = state;
    }
  }
  return { packs, versions };
}

/** What differs between two states, in both of their maps; `entry` is how it stands in the second. */
async function* changedEntries(
  reader: RevisionWriter,
  before: State,
  after: State,
): AsyncGenerator<{ name: string; map: "tree" | "removed"; entry: Entry | undefined }> {
  for (const map of ["tree", "removed"] as const) {
    for await (const { key, b } of diffMaps(reader, before[map], after[map])) {
      const entry = b === undefined ? undefined : decodeEntry(key, b);
      yield { name: `${map}:${toBinaryString(key)}`, map, entry };
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

function sharesPack(purge: Purge, entry: Entry): boolean {
  return entry.content.some(({ link }) => isInPack(purge, link));
}

function isInPack({ packs }: Purge, link: Uint8Array): boolean {
  return packs.has(toBinaryString(decodeRecordLink(link).id));
}

/**
 * Gives what is left in the tree its new links, as a put of this change: a link under its old stamp
 * would differ from what other devices hold under it. Of an entry in conflict the contents that are
 * in no such pack stay; of several that are, the one shown.
 */
async function relinkTree(purge: Purge, state: State): Promise<void> {
  const { edit, ids, writer, relink } = purge;
  const changes = new Map<string, EntryChange>();
  for (const root of [state.tree, state.removed]) {
    for await (const [key, value] of rangeOfMap(writer, root, everything)) {
      const entry = decodeEntry(key, value);
      const id = toBinaryString(entry.id);
      const inPack = entry.content.filter(({ link }) => isInPack(purge, link));
      const shown = inPack.at(-1);
      if (ids.has(id) || shown === undefined) continue;
      const others = entry.content.filter((each) => !inPack.includes(each));
      const content = [...others, ...putContent(edit, entry.id, await relink(shown.link))];
      changes.set(id, { old: entry, next: { ...entry, content } });
    }
  }
  await place(purge.draft.state, changes);
}

async function relinkVersions(purge: Purge, versions: MapRoot): Promise<void> {
  const { writer, draft, edit, ids, packs, relink } = purge;
  for await (const [key, value] of rangeOfMap(writer, versions, everything)) {
    const item = decodeVersion(value);
    const link = decodeRecordLink(item.link);
    if (ids.has(toBinaryString(parseVersionKey(key).id))) continue;
    if (link.place === undefined || !packs.has(toBinaryString(link.id))) continue;
    const rewritten = { time: item.time, link: await relink(item.link), rewritten: edit.stamp };
    draft.versions.set(key, encodeVersion(rewritten));
  }
}

/** Rewrites the states of a log or of tags that show anything purged. */
async function rewriteStates(purge: Purge, draft: MapDraft, root: MapRoot): Promise<void> {
  const { writer, edit } = purge;
  const present = new Map<string, Entry>();
  let last = emptyState;
  for await (const { key, time, state } of statesOf(writer, root)) {
    await track(purge, present, last, state);
    last = state;
    if (present.size === 0) continue;
    const link = await rewriteState(purge, state, present);
    draft.set(key, encodeLogItem({ time, state: link, rewritten: edit.stamp }));
  }
}

/** Keeps up with what a purge concerns from one state to the next, at the cost of their difference. */
async function track(
  purge: Purge,
  present: Map<string, Entry>,
  before: State,
  after: State,
): Promise<void> {
  for await (const { name, entry } of changedEntries(purge.writer, before, after)) {
    const concerned =
      entry !== undefined && (purge.ids.has(toBinaryString(entry.id)) || sharesPack(purge, entry));
    if (concerned) present.set(name, entry);
    else present.delete(name);
  }
}

async function rewriteState(
  { writer, putter, ids, relink }: Purge,
  state: State,
  present: ReadonlyMap<string, Entry>,
): Promise<Link> {
  const draft = new StateDraft(writer, state);
  const changes = new Map<string, EntryChange>();
  for (const entry of present.values()) {
    const id = toBinaryString(entry.id);
    const content = [];
    for (const each of entry.content) content.push({ ...each, link: await relink(each.link) });
    changes.set(id, ids.has(id) ? { old: entry } : { old: entry, next: { ...entry, content } });
  }
  await place(draft, changes);
  return sealState(writer, putter, await draft.flush(putter));
}
