import type { BlockPutter } from "../blocks/ports.ts";
import type { MapReader } from "../blocks/sealed-map.ts";
import { equalBytes } from "../core/bytes.ts";
import { IdMap } from "../core/id-map.ts";
import { type EntryId } from "../core/ids.ts";
import { differingEntries } from "../tree/differing.ts";
import type { Entry } from "../tree/entry.ts";
import { type EntryChange, place } from "../tree/place.ts";
import type { State } from "../tree/state.ts";
import { StateDraft } from "../tree/state-draft.ts";
import { vectorAtMost } from "../tree/version-vector.ts";
import { joinEntry, sameEntry } from "./join-entry.ts";
import { joinRecords, unpurge } from "./join-records.ts";
import { RevisionDraft, type RevisionSealer, type Tip } from "./tip.ts";

/** What joining a received revision to one's own came to. */
export type Joined =
  /** One's own has seen all of the other: nothing to do. */
  | { readonly outcome: "ahead" }
  /** The other has seen all of one's own: it is taken as it is. */
  | { readonly outcome: "behind"; readonly tip: Tip }
  /** Both have seen the same changes and differ: a writer was forked, or there is a bug. */
  | { readonly outcome: "differs" }
  /** Both had something new. */
  | { readonly outcome: "merged"; readonly tip: Tip }
  /**
   * The other's purges reach beyond what one's own has seen, or the reverse. Whoever is behind
   * calls `rebase`; of two that are, either or both.
   */
  | { readonly outcome: "must-rebase"; readonly who: "own" | "other" };

/** Whether two states may join: neither is behind the other. FORMAT §13.1. */
export function canJoin(a: State, b: State): "yes" | "a-is-behind" | "b-is-behind" {
  if (!vectorAtMost(b.floor, a.vv)) return "a-is-behind";
  return vectorAtMost(a.floor, b.vv) ? "yes" : "b-is-behind";
}

/**
 * Joins a received revision to one's own. Needs no common ancestor and reads no content; costs time
 * of the difference. FORMAT §13.2.
 *
 * Whatever the order in which revisions are joined, those that have seen the same changes hold the
 * same: the result is a function of its version vector.
 * @throws damaged, if the sides contradict each other
 */
export async function joinTips(
  sealer: RevisionSealer,
  putter: BlockPutter,
  own: Tip,
  other: Tip,
): Promise<Joined> {
  const otherSeen = vectorAtMost(other.state.vv, own.state.vv);
  const ownSeen = vectorAtMost(own.state.vv, other.state.vv);
  if (otherSeen && ownSeen && !equalBytes(own.state.digest, other.state.digest)) {
    return { outcome: "differs" };
  }
  if (otherSeen) return { outcome: "ahead" };
  if (ownSeen) return { outcome: "behind", tip: other };
  const may = canJoin(own.state, other.state);
  if (may !== "yes") {
    return { outcome: "must-rebase", who: may === "a-is-behind" ? "own" : "other" };
  }
  const draft = new RevisionDraft(sealer, own);
  const kept = await joinInto(sealer, draft.state, own.state, other.state);
  await joinRecords(
    sealer,
    draft,
    { vv: own.state.vv, revision: own.revision },
    { vv: other.state.vv, revision: other.revision },
  );
  await unpurge(draft, kept);
  return { outcome: "merged", tip: await draft.sealMerge(putter, [own, other]) };
}

/**
 * Joins two states alone, to show the tree at a moment. Floors are not looked at: what was purged
 * later may show or not.
 */
export async function joinStates(
  sealer: RevisionSealer,
  putter: BlockPutter,
  a: State,
  b: State,
): Promise<State> {
  if (vectorAtMost(b.vv, a.vv)) return a;
  if (vectorAtMost(a.vv, b.vv)) return b;
  const draft = new StateDraft(sealer, a);
  await joinInto(sealer, draft, a, b);
  return draft.flush(putter);
}

/** Joins `b` into a draft of `a`. @returns the entries that only one side had and that stay. */
async function joinInto(
  reader: MapReader,
  draft: StateDraft,
  a: State,
  b: State,
): Promise<Entry[]> {
  const changes = new IdMap<EntryId, EntryChange>();
  const kept: Entry[] = [];
  for (const [id, sides] of await differingEntries(reader, a, b)) {
    const next = joinEntry(sides.a, sides.b, a.vv, b.vv);
    if (!sameEntry(sides.a, next)) changes.set(id, { old: sides.a, next });
    const isOfOne = sides.a === undefined || sides.b === undefined;
    if (next !== undefined && isOfOne) kept.push(next);
  }
  await place(draft, changes);
  draft.seeAll(b);
  return kept;
}
