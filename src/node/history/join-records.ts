import { diffMaps, type MapDifference } from "../blocks/map-diff.ts";
import type { MapDraft } from "../blocks/map-draft.ts";
import { getFromMap, type MapReader, type MapRoot, rangeOfMap } from "../blocks/sealed-map.ts";
import { equalBytes } from "../core/bytes.ts";
import type { Entry } from "../tree/entry.ts";
import { covers, type VersionVector } from "../tree/version-vector.ts";
import { keysOf, type RecordKeys, type Rename } from "./record-keys.ts";
import { compareRewrites, refuseFork } from "./refuse-fork.ts";
import { type Revision, versionKey } from "./revision.ts";
import type { RevisionDraft } from "./tip.ts";

/** A revision that is joined, with what it has seen. */
export interface RecordSide {
  readonly vv: VersionVector;
  readonly revision: Revision;
  /**
   * By what stamp a record of this side goes from now on, the side being a writer's forked past;
   * absent: by its own. FORMAT §13.3.
   */
  readonly rename?: Rename | undefined;
}

/**
 * Joins the maps of history of `from` into a draft of `base`: a record stands in the
 * result if it stands in both, or in one and the other has not seen the change that inserted it.
 * FORMAT §13.2.
 * @throws damaged, if one change left two records
 */
export async function joinRecords(
  reader: MapReader,
  draft: RevisionDraft,
  base: RecordSide,
  from: RecordSide,
): Promise<void> {
  for (const map of ["versions", "log", "tags", "purged", "names"] as const) {
    const roots = [base.revision[map], from.revision[map]] as const;
    await joinMap(reader, draft[map], roots, keysOf[map], base, from);
  }
}

/**
 * Takes the mark from purged versions that entries show all the same: who had not heard of the purge
 * did something to the entry, and an edit beats a purge as it beats a deletion.
 * @param kept - entries that only one side of the join had.
 */
export async function unpurge(draft: RevisionDraft, kept: readonly Entry[]): Promise<void> {
  const keys: Uint8Array[] = [];
  for (const { id, content } of kept) {
    for (const { stamp } of content) {
      for await (const [key] of draft.purged.range(versionKey(id, stamp))) keys.push(key);
    }
  }
  for (const key of keys) draft.purged.delete(key);
}

async function joinMap(
  reader: MapReader,
  draft: MapDraft,
  roots: readonly [MapRoot, MapRoot],
  keys: RecordKeys,
  base: RecordSide,
  from: RecordSide,
): Promise<void> {
  const { rename } = from;
  const differences =
    rename === undefined
      ? diffMaps(reader, ...roots)
      : renamedDifferences(reader, roots, keys, rename);
  for await (const { key, a, b } of differences) {
    if (a !== undefined && b !== undefined) {
      if (isLaterRewrite(keys, b, a)) draft.set(key, b);
    } else if (b === undefined) {
      if (covers(from.vv, keys.stampOf(key))) draft.delete(key);
    } else if (!covers(base.vv, keys.stampOf(key))) draft.set(key, b);
  }
}

/**
 * What differs between a map and another one that is told under other stamps. Items that both have
 * alike are among them if they hold such a stamp: two copies of a store may have done the same by
 * chance. Reads the whole of the second map.
 */
async function* renamedDifferences(
  reader: MapReader,
  [rootA, rootB]: readonly [MapRoot, MapRoot],
  keys: RecordKeys,
  rename: Rename,
): AsyncGenerator<MapDifference> {
  for await (const { key, a, b } of diffMaps(reader, rootA, rootB)) {
    if (b === undefined) yield { key, a, b };
  }
  for await (const [key, b] of rangeOfMap(reader, rootB, new Uint8Array(0))) {
    const a = await getFromMap(reader, rootA, key);
    for (const item of renamedItem({ key, a, b }, keys, rename)) {
      const isAlike = item.a !== undefined && item.b !== undefined && equalBytes(item.a, item.b);
      if (!isAlike) yield item;
    }
  }
}

/** One item of two maps, the second side under other stamps, and so perhaps under another key. */
function* renamedItem(
  { key, a, b }: MapDifference & { readonly b: Uint8Array },
  keys: RecordKeys,
  rename: Rename,
): Generator<MapDifference> {
  const told = keys.valueOf(b, rename);
  const newKey = keys.renamed(key, rename);
  if (newKey !== undefined && equalBytes(newKey, key)) {
    yield { key, a, b: told };
    return;
  }
  if (newKey !== undefined) yield { key: newKey, a: undefined, b: told };
  if (a !== undefined) yield { key, a, b: undefined };
}

/**
 * Of two different records that one change left, whether the first was rewritten by the later
 * purge.
 * @throws damaged, if no purge explains that they differ
 */
function isLaterRewrite(keys: RecordKeys, value: Uint8Array, other: Uint8Array): boolean {
  const order = compareRewrites(keys.rewrittenBy(value), keys.rewrittenBy(other));
  if (order === 0) refuseFork("left two records under one key");
  return order > 0;
}
