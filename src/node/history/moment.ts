import type { BlockPutter } from "../blocks/ports.ts";
import { floorInMap, getFromMap, type MapReader, rangeOfMap } from "../blocks/sealed-map.ts";
import { startsWithBytes } from "../core/bytes.ts";
import type { WriterId } from "../core/ids.ts";
import type { Stamp } from "../core/stamp.ts";
import { readState } from "../tree/sealed-state.ts";
import type { State } from "../tree/state.ts";
import { emptyState } from "../tree/state.ts";
import { vectorAtMost, vectorItems } from "../tree/version-vector.ts";
import { joinStates } from "./join.ts";
import {
  decodeKeptState,
  decodeLogItem,
  type KeptState,
  type LogItem,
  logKey,
  parseLogKey,
  parseTagKey,
  type Revision,
} from "./revision.ts";
import type { RevisionSealer, Tip } from "./tip.ts";

/** One change that the log still holds. */
export type LogRecord = LogItem & { readonly stamp: Stamp };

/** One whose state is kept. */
export type KeptRecord = KeptState & { readonly stamp: Stamp };

/** The last log record of a writer with a counter not above the one given. */
export async function logRecordNotAbove(
  reader: MapReader,
  revision: Revision,
  stamp: Stamp,
): Promise<LogRecord | undefined> {
  const found = await floorInMap(reader, revision.log, logKey(stamp));
  if (found === undefined || !startsWithBytes(found[0], stamp.writer)) return undefined;
  return { stamp: parseLogKey(found[0]), ...decodeLogItem(found[1]) };
}

/** The same, passing over those whose state is not kept. */
export async function keptNotAbove(
  reader: MapReader,
  revision: Revision,
  stamp: Stamp,
): Promise<KeptRecord | undefined> {
  let record = await logRecordNotAbove(reader, revision, stamp);
  while (record !== undefined && record.state === undefined) {
    const { counter, writer } = record.stamp;
    record = await logRecordNotAbove(reader, revision, { counter: counter - 1, writer });
  }
  return record;
}

/** The first log record of a writer above a stamp whose state is kept. */
export async function keptAbove(
  reader: MapReader,
  { log }: Revision,
  { counter, writer }: Stamp,
): Promise<KeptRecord | undefined> {
  const next = logKey({ counter: counter + 1, writer });
  for await (const [key, value] of rangeOfMap(reader, log, writer, next)) {
    const item = decodeLogItem(value);
    if (item.state !== undefined) return { stamp: parseLogKey(key), ...item };
  }
  return undefined;
}

/** The log record of exactly this stamp, if retention kept it. */
export async function logRecord(
  reader: MapReader,
  revision: Revision,
  stamp: Stamp,
): Promise<LogRecord | undefined> {
  const value = await getFromMap(reader, revision.log, logKey(stamp));
  return value === undefined ? undefined : { stamp, ...decodeLogItem(value) };
}

/**
 * The last record of one writer not after a time, its state kept or not. A writer's times never fall,
 * so it is found by halving.
 */
export async function lastNotAfter(
  reader: MapReader,
  revision: Revision,
  writer: WriterId,
  highest: number,
  time: number,
): Promise<LogRecord | undefined> {
  let low = 0;
  let high = highest;
  let found: LogRecord | undefined;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const record = await logRecordNotAbove(reader, revision, { counter: middle, writer });
    if (record === undefined) low = middle;
    else if (record.time <= time) {
      found = record;
      low = middle;
    } else high = record.stamp.counter - 1;
  }
  return found;
}

/**
 * The tree at a moment: each writer's last change not after it whose state is kept, those covered by
 * another dropped, the rest joined. FORMAT §11.2.
 * @param putter - takes the nodes that joining makes; they need not be kept.
 * @param time - milliseconds since 1970.
 */
export async function stateAt(
  sealer: RevisionSealer,
  putter: BlockPutter,
  tip: Tip,
  time: number,
): Promise<State> {
  const states: State[] = [];
  for (const { writer: by, counter } of vectorItems(tip.state.vv)) {
    const last = await lastNotAfter(sealer, tip.revision, by, counter, time);
    const kept = last && (await keptNotAbove(sealer, tip.revision, last.stamp));
    if (kept !== undefined) states.push(await readState(sealer, kept.state));
  }
  return joinAll(sealer, putter, states);
}

/**
 * The changes that were made by a time and that the tree at it does not show, since their states are
 * not kept: of each writer who has such the last, and the one whose state is shown in its place.
 */
export async function leftOutAt(
  reader: MapReader,
  tip: Tip,
  time: number,
): Promise<{ readonly last: LogRecord; readonly shown: KeptRecord | undefined }[]> {
  const leftOut: { last: LogRecord; shown: KeptRecord | undefined }[] = [];
  for (const { writer: by, counter } of vectorItems(tip.state.vv)) {
    const last = await lastNotAfter(reader, tip.revision, by, counter, time);
    if (last === undefined || last.state !== undefined) continue;
    leftOut.push({ last, shown: await keptNotAbove(reader, tip.revision, last.stamp) });
  }
  return leftOut;
}

/**
 * States joined, those that another covers left out, and of several with equal vectors all but the
 * first; none: the empty one.
 */
export async function joinAll(
  sealer: RevisionSealer,
  putter: BlockPutter,
  states: readonly State[],
): Promise<State> {
  const covering = states.filter(
    ({ vv }) => !states.some((other) => vectorAtMost(vv, other.vv) && !vectorAtMost(other.vv, vv)),
  );
  let joined = covering[0] ?? emptyState;
  for (const state of covering.slice(1)) joined = await joinStates(sealer, putter, joined, state);
  return joined;
}

/** A name that someone gave to a state. */
export interface Tag extends KeptState {
  readonly name: string;
  readonly stamp: Stamp;
}

/** All tags; of several with one name the one that counts comes last. */
export async function* tagsOf(reader: MapReader, { tags }: Revision): AsyncGenerator<Tag> {
  for await (const [key, value] of rangeOfMap(reader, tags, new Uint8Array(0))) {
    yield { ...parseTagKey(key), ...decodeKeptState(value) };
  }
}

/** The tag that counts of those with a name: the one with the largest stamp. FORMAT §11.1. */
export async function tagNamed(
  reader: MapReader,
  revision: Revision,
  name: string,
): Promise<Tag | undefined> {
  let found: Tag | undefined;
  for await (const tag of tagsOf(reader, revision)) if (tag.name === name) found = tag;
  return found;
}
