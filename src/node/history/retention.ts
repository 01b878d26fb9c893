import { type MapItem, type MapReader, type MapRoot, rangeOfMap } from "../blocks/sealed-map.ts";
import { equalBytes, toBinaryString } from "../core/bytes.ts";
import { IdMap, type ReadonlyIdMap } from "../core/id-map.ts";
import { asEntryId, type EntryId, shortIdBytes, type WriterId } from "../core/ids.ts";
import { compareStamps, type Stamp } from "../core/stamp.ts";
import { decodeEntry, type Entry, isHusk, lastRemoval } from "../tree/entry.ts";
import { byEntry, place } from "../tree/place.ts";
import { covers, type VersionVector, withStamp } from "../tree/version-vector.ts";
import { countedFrom } from "./clock.ts";
import {
  decodeLogItem,
  decodeVersion,
  logKey,
  parseLogKey,
  parsePurgedKey,
  parseVersionKey,
  versionKey,
} from "./revision.ts";
import { landmarkMs } from "./thinning.ts";
import type { RevisionDraft, Tip } from "./tip.ts";

/** What is kept of the past. Days, weeks and months are counted back from now, in UTC. */
export interface RetentionPolicy {
  /** Everything is kept for so many days. */
  readonly keepAllDays: number;
  /** Then the last of each day, so many days back; 0: none. */
  readonly dailyDays: number;
  /** Then the last of each week, so many weeks back; 0: none. */
  readonly weeklyWeeks: number;
  /** Then the last of each month, so many months of 30 days back; 0: none. */
  readonly monthlyMonths: number;
}

const everything = new Uint8Array(0);
const dayMs = 24 * 3600 * 1000;

/** The bucket of what is older than a span. */
const beforeSpan = Number.NEGATIVE_INFINITY;

interface Dated {
  readonly time: number;
}

interface Logged extends Dated {
  readonly stamp: Stamp;
  readonly isThinned: boolean;
}

/**
 * Which of some moments a policy keeps. What was current when a span began counts to that span: it
 * is what a moment in the span shows until the next item.
 * @param items - oldest first.
 * @param now - milliseconds since 1970.
 */
export function keptBy<Item extends Dated>(
  items: readonly Item[],
  policy: RetentionPolicy,
  now: number,
): Set<Item> {
  const spans = [
    { days: policy.keepAllDays, bucket: (_: number, i: number) => i },
    { days: policy.dailyDays, bucket: (time: number) => Math.floor(time / dayMs) },
    { days: policy.weeklyWeeks * 7, bucket: (time: number) => Math.floor(time / dayMs / 7) },
    { days: policy.monthlyMonths * 30, bucket: monthOf },
  ];
  const kept = new Set<Item>();
  for (const { days, bucket } of spans) {
    if (days === 0) continue;
    const lastOf = new Map<number, Item>();
    for (const [i, item] of items.entries()) {
      const isInSpan = (now - item.time) / dayMs <= days;
      lastOf.set(isInSpan ? bucket(item.time, i) : beforeSpan, item);
    }
    for (const item of lastOf.values()) kept.add(item);
  }
  return kept;
}

function monthOf(time: number): number {
  const date = new Date(time);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

/** How far back the policy reaches at all, in milliseconds. */
function reachMs(policy: RetentionPolicy): number {
  const { keepAllDays, dailyDays, weeklyWeeks, monthlyMonths } = policy;
  return Math.max(keepAllDays, dailyDays, weeklyWeeks * 7, monthlyMonths * 30) * dayMs;
}

/** What retention let go of. */
export interface Dropped {
  readonly versions: number;
  readonly revisions: number;
  readonly entries: number;
  /** From which time it was counted back: milliseconds since 1970. */
  readonly countedFrom: number;
}

/**
 * Lets go of what a policy does not keep: log records, versions that nobody shows any more, and
 * removed entries that every writer knows to be gone. Tags keep their states by themselves.
 * FORMAT §14.3.
 * @param seenByAll - what every active writer's head has seen; with one writer, all of it.
 * @param now - milliseconds since 1970, by a clock that may have leapt: see {@link countedFrom}.
 * @param looks - other times that the clock is known to have shown.
 * @param step - awaited now and then; may throw to end it.
 */
export async function letGo(
  draft: RevisionDraft,
  reader: MapReader,
  tip: Tip,
  policy: RetentionPolicy,
  seenByAll: VersionVector,
  now: number,
  looks: readonly number[] = [],
  step: () => Promise<void> = () => Promise.resolve(),
): Promise<Dropped> {
  const items = (root: MapRoot): AsyncGenerator<MapItem> =>
    inSteps(rangeOfMap(reader, root, everything), step);
  const records = await recordsOfLog(items, tip);
  const times = [...records.map(({ time }) => time), ...looks].sort((a, b) => a - b);
  const from = countedFrom(times, now);
  const revisions = dropLog(draft, records, policy, from);
  const before = from - reachMs(policy);
  const { shown, purged } = await dropRemoved(draft, items, tip, seenByAll, before);
  const versions = await dropVersions(draft, items, tip, policy, from, shown);
  await dropPurged(draft, items, tip, seenByAll);
  return { versions, revisions, entries: purged, countedFrom: from };
}

/** The items of a map, with a step now and then. */
type Items = (root: MapRoot) => AsyncGenerator<MapItem>;

const itemsPerStep = 1000;

async function* inSteps<Item>(
  items: AsyncIterable<Item>,
  step: () => Promise<void>,
): AsyncGenerator<Item> {
  let taken = 0;
  for await (const item of items) {
    if (++taken % itemsPerStep === 0) await step();
    yield item;
  }
}

/** When each change was made that the log still holds, by (time, stamp). */
async function recordsOfLog(items: Items, { revision }: Tip): Promise<Logged[]> {
  const records: Logged[] = [];
  for await (const [key, value] of items(revision.log)) {
    const { time, state } = decodeLogItem(value);
    records.push({ stamp: parseLogKey(key), time, isThinned: state === undefined });
  }
  return records.sort((a, b) => a.time - b.time || compareStamps(a.stamp, b.stamp));
}

/** Lets go of the states that no moment of the policy shows, and of what thinning left of old ones. */
function dropLog(
  draft: RevisionDraft,
  logged: readonly Logged[],
  policy: RetentionPolicy,
  now: number,
): number {
  for (const { stamp, time, isThinned } of logged) {
    if (isThinned && now - time > landmarkMs) draft.log.delete(logKey(stamp));
  }
  const records = logged.filter(({ isThinned }) => !isThinned);
  const moments = keptBy(records, policy, now);
  // The tree at a moment takes every writer's last record before it, so those are kept with it.
  const kept = new Set<Logged>();
  const latest = new IdMap<WriterId, Logged>();
  for (const record of records) {
    latest.set(record.stamp.writer, record);
    if (moments.has(record)) for (const each of latest.values()) kept.add(each);
  }
  for (const each of latest.values()) kept.add(each);
  for (const record of records) if (!kept.has(record)) draft.log.delete(logKey(record.stamp));
  return records.length - kept.size;
}

/**
 * Purges what was removed before a time.
 * @returns the versions that entries still show, too: their keys as binary strings.
 */
async function dropRemoved(
  draft: RevisionDraft,
  items: Items,
  tip: Tip,
  seenByAll: VersionVector,
  before: number,
): Promise<{ shown: Set<string>; purged: number }> {
  const shown = new Set<string>();
  const times = await timesOfLog(items, tip);
  const isSeen = (stamp: Stamp): boolean => covers(seenByAll, stamp);
  const note = (entry: Entry): void => {
    for (const { stamp } of entry.content) {
      shown.add(toBinaryString(versionKey(entry.id, stamp)));
    }
  };
  for await (const [key, value] of items(tip.state.tree)) {
    note(decodeEntry(key, value));
  }
  const candidates: Entry[] = [];
  for await (const [key, value] of items(tip.state.removed)) {
    const entry = decodeEntry(key, value);
    const gone = lastRemoval(entry);
    const goneAt = gone === undefined ? undefined : times(gone);
    const isPast = goneAt !== undefined && goneAt < before;
    if (stampsOf(entry).every(isSeen) && (isPast || isHusk(entry))) {
      candidates.push(entry);
    } else note(entry);
  }
  const kept = await purgeEntries(draft, candidates);
  for (const entry of kept) note(entry);
  return { shown, purged: candidates.length - kept.length };
}

function stampsOf(entry: Entry): Stamp[] {
  const content = entry.content.map(({ stamp }) => stamp);
  return [entry.at, ...content, ...entry.live, ...(entry.gone ?? [])];
}

/**
 * Purges removed entries with their versions, save those that something else has as its parent.
 * Folders of a cycle, each the parent of the next, go together.
 * @returns those that something still stands in.
 */
export async function purgeEntries(
  draft: RevisionDraft,
  entries: readonly Entry[],
): Promise<Entry[]> {
  const going = new IdMap(entries.map((entry) => [entry.id, entry]));
  const kept: Entry[] = [];
  for (let before = Infinity; going.size < before; ) {
    before = going.size;
    for (const entry of going.values()) {
      if (entry.kind !== "folder" || !(await isParentOfOthers(draft, entry.id, going))) continue;
      going.delete(entry.id);
      kept.push(entry);
    }
  }
  await place(draft.state, byEntry(Array.from(going.values(), (old) => ({ old }))));
  for (const entry of going.values()) await forget(draft, entry);
  return kept;
}

/** Notes what was purged, and takes its versions. */
async function forget(draft: RevisionDraft, entry: Entry): Promise<void> {
  draft.state.raiseFloor(
    stampsOf(entry).reduce<VersionVector>((vector, stamp) => withStamp(vector, stamp), new IdMap()),
  );
  const versions: Uint8Array[] = [];
  for await (const [key] of draft.versions.range(entry.id)) versions.push(key);
  for (const key of versions) draft.versions.delete(key);
}

/** Whether anything is meant to stand in a folder but what goes with it. */
async function isParentOfOthers(
  draft: RevisionDraft,
  id: EntryId,
  going: ReadonlyIdMap<EntryId, Entry>,
): Promise<boolean> {
  const { tree, removed, loose } = draft.state;
  for (const map of [tree, removed, loose]) {
    for await (const [key] of map.range(id)) {
      if (!going.has(asEntryId(key.subarray(-shortIdBytes)))) return true;
    }
  }
  return false;
}

/**
 * Times of stamps by the log. Where retention let go of the record it is that of the writer's next
 * one, which is not earlier; `undefined` if there is none.
 */
async function timesOfLog(items: Items, tip: Tip): Promise<(stamp: Stamp) => number | undefined> {
  const records = new IdMap<WriterId, { counter: number; time: number }[]>();
  for await (const [key, value] of items(tip.revision.log)) {
    const { writer, counter } = parseLogKey(key);
    const ofWriter = records.get(writer) ?? [];
    records.set(writer, ofWriter);
    ofWriter.push({ counter, time: decodeLogItem(value).time });
  }
  return ({ writer, counter }) => {
    const ofWriter = records.get(writer) ?? [];
    return ofWriter[firstIndex(ofWriter, (record) => record.counter >= counter)]?.time;
  };
}

/** Index of the first item for which `holds`, which is so for all after it; the length if none is. */
function firstIndex<Item>(items: readonly Item[], holds: (item: Item) => boolean): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(items[middle] as Item)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Forgets what was purged once every writer has seen the purge: nobody can bring it back. */
async function dropPurged(
  draft: RevisionDraft,
  items: Items,
  { revision }: Tip,
  seenByAll: VersionVector,
): Promise<void> {
  for await (const [key] of items(revision.purged)) {
    if (covers(seenByAll, parsePurgedKey(key).by)) draft.purged.delete(key);
  }
}

async function dropVersions(
  draft: RevisionDraft,
  items: Items,
  tip: Tip,
  policy: RetentionPolicy,
  now: number,
  shown: ReadonlySet<string>,
): Promise<number> {
  let dropped = 0;
  let group: { key: Uint8Array; time: number }[] = [];
  let groupId: EntryId | undefined;
  const settle = (): void => {
    group.sort((a, b) => a.time - b.time);
    const kept = keptBy(group, policy, now);
    for (const item of group) {
      if (kept.has(item) || shown.has(toBinaryString(item.key))) continue;
      draft.versions.delete(item.key);
      dropped++;
    }
    group = [];
  };
  for await (const [key, value] of items(tip.revision.versions)) {
    const { id } = parseVersionKey(key);
    if (groupId !== undefined && !equalBytes(id, groupId)) settle();
    groupId = id;
    group.push({ key, time: decodeVersion(value).time });
  }
  settle();
  return dropped;
}
