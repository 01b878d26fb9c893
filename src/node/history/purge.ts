import { decodeRecordLink, type EncodedRecordLink } from "../blocks/link.ts";
import { diffMaps } from "../blocks/map-diff.ts";
import type { BlockPutter } from "../blocks/ports.ts";
import { rangeOfMap } from "../blocks/sealed-map.ts";
import { IdMap, IdSet, type ReadonlyIdSet } from "../core/id-map.ts";
import { asEntryId, type BlockId, type EntryId, rootId } from "../core/ids.ts";
import type { Stamp } from "../core/stamp.ts";
import type { Edit } from "../tree/edit.ts";
import { decodeEntry, type Entry } from "../tree/entry.ts";
import { type EntryChange, place } from "../tree/place.ts";
import { emptyState } from "../tree/state.ts";
import { purgeEntries } from "./retention.ts";
import {
  decodePurged,
  decodeVersion,
  encodePurged,
  parsePurgedKey,
  parseVersionKey,
  purgedKey,
} from "./revision.ts";
import { changedEntries, rewritePast, versionName } from "./rewrite-past.ts";
import { statesOf } from "./stood-at.ts";
import type { RevisionDraft, RevisionSealer, Tip } from "./tip.ts";

const everything = new Uint8Array(0);

/** What a purge is to take. */
export interface PurgeTask {
  /** Each after what stands in it, which saves time. */
  readonly entries: readonly Entry[];
  /** Ids of entries that only past states show, which go too. */
  readonly lost?: Iterable<EntryId>;
  /** As in {@link rewritePast}. */
  readonly step?: () => Promise<void>;
}

const noStep = (): Promise<void> => Promise.resolve();

/**
 * Takes entries out of all history: out of the tree, the versions, and every state that the log and
 * the tags hold. A folder in which something else is meant to stand, removed or not, is left.
 * FORMAT §14.4.
 * @returns how many versions went, and the folders that were left.
 */
export async function purgeHistory(
  sealer: RevisionSealer,
  putter: BlockPutter,
  tip: Tip,
  draft: RevisionDraft,
  edit: Edit,
  { entries, lost = [], step = noStep }: PurgeTask,
): Promise<{ versions: number; left: Entry[] }> {
  const ids = new IdSet([...lost, ...entries.map(({ id }) => id)]);
  await anchorLoose(edit, ids);
  const left = await purgeEntries(draft, entries);
  for (const { id } of left) ids.delete(id);
  const found = await findVersions(sealer, tip, entries, ids);
  const blocks = new IdSet<BlockId>();
  for (const { id, stamp, blocks: own } of found.all.values()) {
    blocks.addAll(own);
    draft.purged.set(purgedKey({ id, stamp, by: edit.stamp }), encodePurged([...own]));
  }
  const gone = {
    ids,
    versions: new Set(found.all.keys()),
    blocks,
  };
  await rewritePast(sealer, putter, tip, draft, edit, gone, step);
  return { versions: found.kept, left };
}

/**
 * Takes out of a join what either side had purged and the other did not know of: its records of the
 * past still show it, or its purge of something else rewrote them so. Whoever joins does it before
 * anybody hears of the join. FORMAT §13.4.
 * @param joined - what `own` and `other` came to; `draft` is on top of it.
 * @param step - as in {@link rewritePast}.
 * @returns whether there was anything: else nothing need be written.
 */
export async function purgeAgain(
  sealer: RevisionSealer,
  putter: BlockPutter,
  [own, other]: readonly [Tip, Tip],
  joined: Tip,
  draft: RevisionDraft,
  edit: Edit,
  step = noStep,
): Promise<boolean> {
  const versions = new Set<string>();
  const blocks = new IdSet<BlockId>();
  const { purged } = joined.revision;
  for (const side of [own, other]) {
    for await (const { key, a, b } of diffMaps(sealer, side.revision.purged, purged)) {
      if (a !== undefined || b === undefined) continue;
      const { id, stamp } = parsePurgedKey(key);
      versions.add(versionName(id, stamp));
      blocks.addAll(decodePurged(b));
    }
  }
  if (versions.size === 0) return false;
  const gone = { ids: new IdSet<EntryId>(), versions, blocks };
  await rewritePast(sealer, putter, joined, draft, edit, gone, step);
  const { state } = draft;
  const maps = [draft.log, draft.tags, draft.versions, state.tree, state.removed];
  return maps.some(({ dirty }) => dirty);
}

/**
 * What stands at the root because its folder is absent or on a cycle, and that folder goes: it is
 * from now on meant to stand there.
 */
async function anchorLoose(edit: Edit, ids: ReadonlyIdSet<EntryId>): Promise<void> {
  const orphans = new IdSet<EntryId>();
  for await (const [key] of edit.draft.loose.range(everything)) {
    const [parent, id] = [asEntryId(key.subarray(0, 16)), asEntryId(key.subarray(16))];
    if (ids.has(parent) && !ids.has(id)) orphans.add(id);
  }
  if (orphans.size === 0) return;
  const changes = new IdMap<EntryId, EntryChange>();
  for await (const [key, value] of edit.draft.tree.range(rootId)) {
    const old = decodeEntry(key, value, "tree");
    const { id } = old;
    if (!orphans.has(id)) continue;
    changes.set(id, { old, next: { ...old, parent: rootId, at: edit.stamp } });
  }
  await place(edit.draft, changes);
}

interface FoundVersion {
  readonly id: EntryId;
  readonly stamp: Stamp;
  /** The blocks that hold its record: a purge may have sealed it anew. */
  readonly blocks: IdSet<BlockId>;
}

/** Every version of some entries that anything shows, by name; `kept`: how many retention kept. */
async function findVersions(
  sealer: RevisionSealer,
  tip: Tip,
  entries: readonly Entry[],
  ids: ReadonlyIdSet<EntryId>,
): Promise<{ all: Map<string, FoundVersion>; kept: number }> {
  const all = new Map<string, FoundVersion>();
  const note = (id: EntryId, stamp: Stamp, link: EncodedRecordLink): void => {
    const name = versionName(id, stamp);
    const found = all.get(name) ?? { id, stamp, blocks: new IdSet<BlockId>() };
    found.blocks.add(decodeRecordLink(link).id);
    all.set(name, found);
  };
  const noteEntry = ({ id, content }: Entry): void => {
    if (ids.has(id)) for (const { stamp, link } of content) note(id, stamp, link);
  };
  entries.forEach(noteEntry);
  let kept = 0;
  for await (const [key, value] of rangeOfMap(sealer, tip.revision.versions, everything)) {
    const { id, stamp } = parseVersionKey(key);
    if (!ids.has(id)) continue;
    note(id, stamp, decodeVersion(value).link);
    kept++;
  }
  // Versions that retention let go of may stand in a state that was kept, or tagged.
  for (const root of [tip.revision.log, tip.revision.tags]) {
    let last = emptyState;
    for await (const { state } of statesOf(sealer, root)) {
      for await (const { entry } of changedEntries(sealer, last, state)) {
        if (entry !== undefined) noteEntry(entry);
      }
      last = state;
    }
  }
  return { all, kept };
}
