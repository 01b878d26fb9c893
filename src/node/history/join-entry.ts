import { compareBytes, equalBytes } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import { compareStamps, type Stamp } from "../core/stamp.ts";
import { type Entry, type EntryContent, encodeEntry } from "../tree/entry.ts";
import { covers, type VersionVector } from "../tree/version-vector.ts";
import { compareRewrites, refuseFork } from "./refuse-fork.ts";

/**
 * What stands in both sides, or in one and was not seen by the other: the rule by which everything
 * that is a set of stamps joins. FORMAT §13.2.
 */
function joinStamped<Item>(
  a: readonly Item[],
  b: readonly Item[],
  stampOf: (item: Item) => Stamp,
  vvA: VersionVector,
  vvB: VersionVector,
  ofBoth: (a: Item, b: Item) => Item = (item) => item,
): Item[] {
  const inOther = (items: readonly Item[], stamp: Stamp): Item | undefined =>
    items.find((item) => compareStamps(stampOf(item), stamp) === 0);
  const kept: Item[] = [];
  for (const item of a) {
    const other = inOther(b, stampOf(item));
    if (other !== undefined) kept.push(ofBoth(item, other));
    else if (!covers(vvB, stampOf(item))) kept.push(item);
  }
  for (const item of b) {
    const stamp = stampOf(item);
    if (inOther(a, stamp) === undefined && !covers(vvA, stamp)) kept.push(item);
  }
  return kept.sort((x, y) => compareStamps(stampOf(x), stampOf(y)));
}

/**
 * Joins the two sides of one entry. Commutative; the result is `undefined` if it was purged on the
 * side that lacks it. FORMAT §13.2.
 * @throws damaged, if the sides contradict each other
 */
export function joinEntry(
  a: Entry | undefined,
  b: Entry | undefined,
  vvA: VersionVector,
  vvB: VersionVector,
): Entry | undefined {
  if (a !== undefined && b !== undefined) return joinBoth(a, b, vvA, vvB);
  if (a !== undefined) return keepOne(a, vvB);
  return b === undefined ? undefined : keepOne(b, vvA);
}

/**
 * Of one content on both sides, the one whose record was sealed anew by the later purge.
 * @throws damaged, if no purge explains that they differ
 */
function laterRewritten(a: EntryContent, b: EntryContent): EntryContent {
  const order = compareRewrites(a.rewritten, b.rewritten);
  if (order === 0 && !equalBytes(a.link, b.link)) refuseFork("put two contents on one entry");
  return order < 0 ? b : a;
}

function joinBoth(a: Entry, b: Entry, vvA: VersionVector, vvB: VersionVector): Entry {
  if (a.kind !== b.kind) {
    throw new CloudError("damaged", `one entry is a ${a.kind} here and a ${b.kind} there`);
  }
  const order = compareStamps(a.at, b.at);
  if (order === 0 && (compareBytes(a.parent, b.parent) !== 0 || a.name !== b.name)) {
    refuseFork("placed an entry at two places");
  }
  const placed = order >= 0 ? a : b;
  const stampItself = (stamp: Stamp): Stamp => stamp;
  const gone = joinStamped(a.gone ?? [], b.gone ?? [], stampItself, vvA, vvB);
  return {
    id: a.id,
    kind: a.kind,
    parent: placed.parent,
    name: placed.name,
    at: placed.at,
    content: joinStamped(a.content, b.content, ({ stamp }) => stamp, vvA, vvB, laterRewritten),
    live: joinStamped(a.live, b.live, stampItself, vvA, vvB),
    ...(gone.length === 0 ? {} : { gone }),
  };
}

/** An entry that the other side, which has seen `vv`, does not have. */
function keepOne(entry: Entry, vv: VersionVector): Entry | undefined {
  const live = entry.live.filter((stamp) => !covers(vv, stamp));
  const allSeen =
    covers(vv, entry.at) &&
    entry.content.every(({ stamp }) => covers(vv, stamp)) &&
    (entry.gone ?? []).every((stamp) => covers(vv, stamp));
  if (live.length === 0 && allSeen) return undefined;
  return { ...entry, live };
}

/** Whether two entries are the same in all that the format keeps. */
export function sameEntry(a: Entry | undefined, b: Entry | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return (
    compareBytes(a.parent, b.parent) === 0 &&
    a.name === b.name &&
    compareBytes(encodeEntry(a, a.parent), encodeEntry(b, b.parent)) === 0
  );
}
