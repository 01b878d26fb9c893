import { diffMaps } from "../blocks/map-diff.ts";
import { type MapReader, type MapRoot, rangeOfMap } from "../blocks/sealed-map.ts";
import { equalBytes, toBinaryString } from "../core/bytes.ts";
import { IdMap, IdSet } from "../core/id-map.ts";
import type { BlockId, EntryId, WriterId } from "../core/ids.ts";
import { compareStamps, encodeStamp, type Stamp } from "../core/stamp.ts";
import { decodeEntry, type Entry } from "../tree/entry.ts";
import { readState } from "../tree/sealed-state.ts";
import type { State } from "../tree/state.ts";
import { type VersionVector, vectorItems } from "../tree/version-vector.ts";
import { type KeptRecord, tagsOf } from "./moment.ts";
import {
  decodeLogItem,
  decodeVersion,
  encodeLogItem,
  firstState,
  logKey,
  parseLogKey,
  parseVersionKey,
} from "./revision.ts";
import type { RevisionDraft, Tip } from "./tip.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Of the last hour a state is kept for each minute, of what is older for each ten. */
const recent = { windowMs: minuteMs, sinceMs: hourMs };
const older = { windowMs: 10 * minuteMs };

/** For so long the states around what is more than a save are kept, and that there was a change. */
export const landmarkMs = 30 * dayMs;

/** For so long it is looked whether a change left the drive as it was. */
const repeatsMs = 2 * dayMs;

/** A change of more entries than these is no save. */
const mostSaved = 100;

const everything = new Uint8Array(0);

/** What {@link thin} works with. */
export interface Thinning {
  /** Whose states are thinned: one's own. */
  readonly writer: WriterId;
  /** Of the revision that thins. */
  readonly stamp: Stamp;
  /** Milliseconds since 1970; what is later is left alone. */
  readonly now: number;
  /** Awaited now and then; may throw to end it. */
  readonly step: () => Promise<void>;
}

/**
 * Lets go of states of one writer that lie close together: of those within a window the last is kept,
 * and none that shows the same as the one before.
 * That there was a change stays known, and every version that was put. States before and after more
 * than a save (an arrival, a restore, a removal, a move, very many changes) and those around a tag are
 * kept for 30 days, and so is what a moment of another writer shows. FORMAT §14.3.
 * @param draft - on top of `tip`; retention may have let go of records in it.
 * @returns how many states.
 */
export async function thin(
  draft: RevisionDraft,
  reader: MapReader,
  tip: Tip,
  { writer, stamp, now, step }: Thinning,
): Promise<number> {
  const { kept, others } = await readLog(draft, writer, step);
  const tagged = await taggedChanges(reader, tip);
  let thinned = 0;
  const letGo = (record: KeptRecord): void => {
    const rewritten = { by: stamp, first: firstState(record) };
    const item = { time: record.time, state: undefined, rewritten };
    draft.log.set(logKey(record.stamp), encodeLogItem(item));
    thinned++;
  };
  const telling: KeptRecord[] = [];
  for (const [i, record] of kept.entries()) {
    const before = telling.at(-1);
    const mayRepeat = i < kept.length - 1 && before !== undefined && now - record.time < repeatsMs;
    if (mayRepeat && !tagged.isAround(record)) {
      await step();
      if (await isRepeated(reader, writer, before, record)) {
        letGo(record);
        continue;
      }
    }
    telling.push(record);
  }
  const transitions = new Transitions(reader, tip, telling, writer);
  // The first stays, or what was before the next would look empty.
  for (let i = 1; i < telling.length - 1; i++) {
    const [record, next] = [telling[i] as KeptRecord, telling[i + 1] as KeptRecord];
    if (!isSameWindow(record.time, next.time, now)) continue;
    if (isShownByOthers(record, next, others)) continue;
    if (now - record.time < landmarkMs) {
      if (tagged.isAround(record)) continue;
      await step();
      if (!(await transitions.isSave(i - 1)) || !(await transitions.isSave(i))) continue;
    }
    letGo(record);
  }
  return thinned;
}

/** Whether a change left the drive as it was after another one: retention's own changes do. */
async function isRepeated(
  reader: MapReader,
  writer: WriterId,
  before: KeptRecord,
  record: KeptRecord,
): Promise<boolean> {
  const [a, b] = [await readState(reader, before.state), await readState(reader, record.state)];
  const isSameTree = (["tree", "removed", "folders", "loose"] as const).every((map) =>
    sameRoot(a[map], b[map]),
  );
  return isSameTree && sameBut(toBinaryString(writer), a.vv, b.vv);
}

/** The records of a writer whose states are kept, in order, and the times of all others, ascending. */
async function readLog(
  { log }: RevisionDraft,
  writer: WriterId,
  step: () => Promise<void>,
): Promise<{ kept: KeptRecord[]; others: number[] }> {
  const kept: KeptRecord[] = [];
  const others: number[] = [];
  let read = 0;
  for await (const [key, value] of log.range(everything)) {
    if (++read % 1000 === 0) await step();
    const stamp = parseLogKey(key);
    const item = decodeLogItem(value);
    if (!equalBytes(stamp.writer, writer)) others.push(item.time);
    else if (item.state !== undefined) kept.push({ stamp, ...item });
  }
  return { kept, others: others.sort((a, b) => a - b) };
}

/** Whether two times, the first not after the second, lie in one window that is over. */
function isSameWindow(first: number, second: number, now: number): boolean {
  const { windowMs, end } = windowOf(first, now);
  return end <= now && Math.floor(second / windowMs) === Math.floor(first / windowMs);
}

/** Windows begin with those of the clock, so that they are the same whenever they are looked at. */
function windowOf(time: number, now: number): { windowMs: number; end: number } {
  const endOf = (windowMs: number): number => (Math.floor(time / windowMs) + 1) * windowMs;
  const end = endOf(older.windowMs);
  if (now - end >= recent.sinceMs) return { ...older, end };
  return { ...recent, end: endOf(recent.windowMs) };
}

/** Whether a change of somebody else lies between two, so that the tree after it shows the first. */
function isShownByOthers(
  { time }: KeptRecord,
  next: KeptRecord,
  others: readonly number[],
): boolean {
  let [low, high] = [0, others.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((others[middle] as number) < time) low = middle + 1;
    else high = middle;
  }
  return (others[low] ?? Infinity) < next.time;
}

async function taggedChanges(
  reader: MapReader,
  { revision }: Tip,
): Promise<{ isAround: (record: KeptRecord) => boolean }> {
  const states = new IdSet<BlockId>();
  const stamps = new Set<string>();
  const nameOf = (stamp: Stamp): string => toBinaryString(encodeStamp(stamp));
  for await (const { state, stamp } of tagsOf(reader, revision)) {
    states.add(state.id);
    stamps.add(nameOf(stamp));
  }
  return { isAround: ({ state, stamp }) => states.has(state.id) || stamps.has(nameOf(stamp)) };
}

/** What lies between the states of one writer that are kept. */
class Transitions {
  readonly #reader: MapReader;
  readonly #tip: Tip;
  readonly #kept: readonly KeptRecord[];
  readonly #own: string;
  readonly #saves = new Map<number, Promise<boolean>>();
  readonly #puts = new IdMap<EntryId, Promise<ReadonlyMap<string, Stamp>>>();
  #last: { index: number; state: State } | undefined;

  constructor(reader: MapReader, tip: Tip, kept: readonly KeptRecord[], writer: WriterId) {
    this.#reader = reader;
    this.#tip = tip;
    this.#kept = kept;
    this.#own = toBinaryString(writer);
  }

  /** Whether from one state to the next only new content was put: nothing else needs both. */
  isSave(index: number): Promise<boolean> {
    const known = this.#saves.get(index);
    if (known !== undefined) return known;
    const isSave = this.#compare(index);
    this.#saves.set(index, isSave);
    return isSave;
  }

  async #compare(index: number): Promise<boolean> {
    const before = await this.#state(index);
    const after = await this.#state(index + 1);
    this.#last = { index: index + 1, state: after };
    if (!sameBut(this.#own, before.vv, after.vv)) return false;
    if (!sameRoot(before.removed, after.removed) || !sameRoot(before.loose, after.loose)) {
      return false;
    }
    let changed = 0;
    for await (const { key, a, b } of diffMaps(this.#reader, before.tree, after.tree)) {
      if (b === undefined || ++changed > mostSaved) return false;
      if (a === undefined) continue;
      if (!(await this.#isPut(decodeEntry(key, a), decodeEntry(key, b)))) return false;
    }
    return true;
  }

  async #state(index: number): Promise<State> {
    if (this.#last?.index === index) return this.#last.state;
    return readState(this.#reader, (this.#kept[index] as KeptRecord).state);
  }

  /** Whether an entry has content that it never had before, and is otherwise as it was. */
  async #isPut(before: Entry, after: Entry): Promise<boolean> {
    if (compareStamps(before.at, after.at) !== 0) return false;
    if (before.live.length === 0 || after.live.length === 0) return false;
    const puts = await this.#putsOf(after.id);
    return after.content.every(({ stamp, link }) => {
      const first = puts.get(toBinaryString(link));
      return first === undefined || compareStamps(first, stamp) === 0;
    });
  }

  /** By link to its record: the change that put a version first. */
  #putsOf(id: EntryId): Promise<ReadonlyMap<string, Stamp>> {
    const known = this.#puts.get(id);
    if (known !== undefined) return known;
    const puts = this.#readPuts(id);
    this.#puts.set(id, puts);
    return puts;
  }

  async #readPuts(id: EntryId): Promise<ReadonlyMap<string, Stamp>> {
    const puts = new Map<string, Stamp>();
    const { versions } = this.#tip.revision;
    for await (const [key, value] of rangeOfMap(this.#reader, versions, id)) {
      const { stamp } = parseVersionKey(key);
      const link = toBinaryString(decodeVersion(value).link);
      const first = puts.get(link);
      if (first === undefined || compareStamps(stamp, first) < 0) puts.set(link, stamp);
    }
    return puts;
  }
}

function sameRoot(a: MapRoot, b: MapRoot): boolean {
  return a === undefined || b === undefined ? a === b : equalBytes(a.id, b.id);
}

/** Whether two have seen the same of everybody but one. */
function sameBut(one: string, a: VersionVector, b: VersionVector): boolean {
  const rest = (vv: VersionVector): string =>
    vectorItems(vv)
      .filter(({ writer }) => toBinaryString(writer) !== one)
      .map((stamp) => toBinaryString(encodeStamp(stamp)))
      .sort()
      .join("");
  return rest(a) === rest(b);
}
