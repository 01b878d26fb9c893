import { type MapReader, rangeOfMap } from "../blocks/sealed-map.ts";
import type { WriterId } from "../core/ids.ts";
import { readState } from "../tree/sealed-state.ts";
import {
  counterOf,
  covers,
  joinVectors,
  type VersionVector,
  vectorItems,
} from "../tree/version-vector.ts";
import { keptNotAbove, type LogRecord, lastNotAfter, logRecordNotAbove } from "./moment.ts";
import { decodeLogItem, logKey } from "./revision.ts";
import type { Tip } from "./tip.ts";

/** By how much a clock may go back without anything being made of it: clocks are set all the time. */
export const toleratedMs = 2 * 60_000;

/** No clock that is right shows less: what does has lost its battery. */
const formatBegan = Date.UTC(2026, 0, 1);

const weekMs = 7 * 24 * 3600 * 1000;

/**
 * Whether a clock that shows less than a writer's last change is right now and was ahead then, and not
 * behind now. It is taken for right if at least as much time has gone by since the last change that
 * is not after it as lies between the first and the last that are: they were made one after the
 * other, so no less can have. FORMAT §14.5.
 * @param now - milliseconds since 1970.
 */
export async function wasAhead(
  reader: MapReader,
  { revision, state }: Tip,
  writer: WriterId,
  now: number,
): Promise<boolean> {
  if (now < formatBegan) return false;
  const highest = counterOf(state.vv, writer);
  const before = await lastNotAfter(reader, revision, writer, highest, now);
  const from = { writer, counter: 1 + (before?.stamp.counter ?? 0) };
  const last = await logRecordNotAbove(reader, revision, { writer, counter: highest });
  for await (const [, value] of rangeOfMap(reader, revision.log, writer, logKey(from))) {
    const first = decodeLogItem(value);
    return now - (before?.time ?? formatBegan) >= (last?.time ?? first.time) - first.time;
  }
  return false;
}

/**
 * The changes that a moment passes over, though they were made: each writer's last, if the clock has
 * not come to its time yet and no change whose time has come had seen it.
 * @param seen - what the tree at the moment has seen.
 * @param now - milliseconds since 1970.
 */
export async function passedOver(
  reader: MapReader,
  { revision, state }: Tip,
  seen: VersionVector,
  now: number,
): Promise<LogRecord[]> {
  const ahead: LogRecord[] = [];
  let known: VersionVector = seen;
  for (const { writer, counter } of vectorItems(state.vv)) {
    const last = await logRecordNotAbove(reader, revision, { writer, counter });
    if (last === undefined || last.time <= now) continue;
    ahead.push(last);
  }
  if (ahead.length === 0) return [];
  for (const { writer, counter } of vectorItems(state.vv)) {
    const come = await lastNotAfter(reader, revision, writer, counter, now);
    const kept = come && (await keptNotAbove(reader, revision, come.stamp));
    if (kept !== undefined) known = joinVectors(known, (await readState(reader, kept.state)).vv);
  }
  return ahead.filter(({ stamp }) => !covers(known, stamp));
}

/**
 * The time from which retention counts back: now, unless the clock has leapt. It leapt where two
 * moments next to one another, now the last of them, lie more than a week apart; until a week after
 * it is counted from before the leap. So a clock that is wrong for days lets go of nothing, and a
 * computer that was off for long only takes a week more. FORMAT §14.3.
 * @param times - of changes, milliseconds since 1970, ascending; what lies after `now` says nothing.
 */
export function countedFrom(times: readonly number[], now: number): number {
  const past = times.filter((time) => time <= now);
  for (const [i, time] of [...past, now].entries()) {
    const before = past[i - 1];
    if (before !== undefined && time > now - weekMs && time - before > weekMs) return before;
  }
  return now;
}
