import { diffMaps } from "../blocks/map-diff.ts";
import type { MapDraft } from "../blocks/map-draft.ts";
import type { BlockPutter } from "../blocks/ports.ts";
import type { MapReader, MapRoot } from "../blocks/sealed-map.ts";
import { equalBytes, toBinaryString } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import { compareStamps, decodeStamp, type Stamp, stampBytes } from "../core/stamp.ts";
import { decodeEntry, type Entry } from "../tree/entry.ts";
import { type EntryChange, place } from "../tree/place.ts";
import type { State } from "../tree/state.ts";
import { StateDraft } from "../tree/state-draft.ts";
import { checkJump, covers, type VersionVector, vectorAtMost } from "../tree/version-vector.ts";
import { joinEntry, sameEntry } from "./join-entry.ts";
import { parseLogKey, rewrittenBy } from "./revision.ts";
import { RevisionDraft, type RevisionWriter, type Tip } from "./tip.ts";

/** What joining a received revision to one's own came to. */
export type Joined =
  /** One's own has seen all of the other: nothing to do. */
  | { readonly outcome: "ahead" }
  /** The other has seen all of one's own: it is taken as it is. */
  | { readonly outcome: "behind"; readonly tip: Tip }
  /** Both had something new. */
  | { readonly outcome: "merged"; readonly tip: Tip }
  /** The other's purges reach beyond what one's own has seen, or the reverse: see `rebase`. */
  | { readonly outcome: "must-rebase"; readonly who: "own" | "other" };

/** Whether two states may join: each has seen all that the other purged. FORMAT §9.5. */
export function canJoin(a: State, b: State): "yes" | "a-is-behind" | "b-is-behind" {
  if (!vectorAtMost(b.floor, a.vv)) return "a-is-behind";
  return vectorAtMost(a.floor, b.vv) ? "yes" : "b-is-behind";
}

/**
 * Joins a received revision to one's own. Needs no common ancestor and reads no content; costs time
 * of the difference. FORMAT §9.3.
 * @throws damaged, if equal vectors have unequal digests (a fork or a bug), or counters jump
 */
export async function joinTips(
  writer: RevisionWriter,
  putter: BlockPutter,
  own: Tip,
  other: Tip,
): Promise<Joined> {
  checkJump(own.state.vv, other.state.vv);
  const otherSeen = vectorAtMost(other.state.vv, own.state.vv);
  const ownSeen = vectorAtMost(own.state.vv, other.state.vv);
  if (otherSeen && ownSeen) checkSame(own.state, other.state);
  if (otherSeen) return { outcome: "ahead" };
  if (ownSeen) return { outcome: "behind", tip: other };
  const may = canJoin(own.state, other.state);
  if (may !== "yes") {
    return { outcome: "must-rebase", who: may === "a-is-behind" ? "own" : "other" };
  }
  const draft = new RevisionDraft(writer, own);
  await joinInto(writer, draft.state, own.state, other.state);
  const stampAtEnd = (key: Uint8Array): Stamp => decodeStamp(key, key.length - stampBytes);
  const vvs = [own.state.vv, other.state.vv] as const;
  const [a, b] = [own.revision, other.revision];
  await joinKeyed(writer, draft.versions, a.versions, b.versions, stampAtEnd, ...vvs);
  await joinKeyed(writer, draft.log, a.log, b.log, parseLogKey, ...vvs);
  await joinKeyed(writer, draft.tags, a.tags, b.tags, stampAtEnd, ...vvs);
  return { outcome: "merged", tip: await draft.sealMerge(putter, [own, other]) };
}

/** Joins two states alone, as for the tree at a moment. */
export async function joinStates(
  writer: RevisionWriter,
  putter: BlockPutter,
  a: State,
  b: State,
): Promise<State> {
  if (vectorAtMost(b.vv, a.vv)) return a;
  if (vectorAtMost(a.vv, b.vv)) return b;
  const draft = new StateDraft(writer, a);
  await joinInto(writer, draft, a, b);
  return draft.flush(putter);
}

function checkSame(own: State, other: State): void {
  if (equalBytes(own.digest, other.digest)) return;
  throw new CloudError(
    "damaged",
    "two revisions have seen the same changes and differ: a writer was forked, or there is a bug",
  );
}

/** Joins `b` into a draft of `a`. */
async function joinInto(reader: MapReader, draft: StateDraft, a: State, b: State): Promise<void> {
  const sides = new Map<string, { a?: Entry; b?: Entry }>();
  const note = (side: "a" | "b", key: Uint8Array, value: Uint8Array | undefined): void => {
    if (value === undefined) return;
    const entry = decodeEntry(key, value);
    const id = toBinaryString(entry.id);
    const both = sides.get(id) ?? {};
    both[side] = entry;
    sides.set(id, both);
  };
  for (const map of ["tree", "removed"] as const) {
    for await (const difference of diffMaps(reader, a[map], b[map])) {
      note("a", difference.key, difference.a);
      note("b", difference.key, difference.b);
    }
  }
  const changes = new Map<string, EntryChange>();
  for (const [id, both] of sides) {
    const next = joinEntry(both.a, both.b, a.vv, b.vv);
    if (!sameEntry(both.a, next)) changes.set(id, { old: both.a, next });
  }
  await place(draft, changes);
  draft.seeAll(b);
}

/** Joins a map whose records bear the stamp of the change that inserted them. */
async function joinKeyed(
  reader: MapReader,
  draft: MapDraft,
  a: MapRoot,
  b: MapRoot,
  stampOf: (key: Uint8Array) => Stamp,
  vvA: VersionVector,
  vvB: VersionVector,
): Promise<void> {
  for await (const difference of diffMaps(reader, a, b)) {
    const stamp = stampOf(difference.key);
    if (difference.a !== undefined && difference.b !== undefined) {
      if (isLaterRewrite(difference.b, difference.a)) draft.set(difference.key, difference.b);
    } else if (difference.b === undefined) {
      if (covers(vvB, stamp)) draft.delete(difference.key);
    } else if (!covers(vvA, stamp)) draft.set(difference.key, difference.b);
  }
}

/**
 * Of two records that one change left, whether the first was rewritten by the later purge.
 * @throws damaged, if no purge explains that they differ
 */
function isLaterRewrite(value: Uint8Array, other: Uint8Array): boolean {
  const [stamp, otherStamp] = [rewrittenBy(value), rewrittenBy(other)];
  if (stamp === undefined && otherStamp === undefined) {
    throw new CloudError("damaged", "one change wrote two records: a fork or a bug");
  }
  if (stamp === undefined) return false;
  return otherStamp === undefined || compareStamps(stamp, otherStamp) > 0;
}
