import type { MapReader } from "../blocks/sealed-map.ts";
import { equalBytes, toHex } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import { compareStamps, type Stamp } from "../core/stamp.ts";
import { readState } from "../tree/sealed-state.ts";
import { covers, type VersionVector, vectorItems } from "../tree/version-vector.ts";
import { type KeptRecord, keptNotAbove, type LogRecord, logRecordNotAbove } from "./moment.ts";
import type { Tip } from "./tip.ts";

/** The stamp that a person's `12-a1b2c3d4` means in a history. @throws usage, not-found */
export function parseStamp(tip: Tip, text: string): Stamp {
  const match = /^([1-9][0-9]{0,15})-([0-9a-f]{8,32})$/u.exec(text);
  const counter = Number(match?.[1]);
  if (match === null || !Number.isSafeInteger(counter)) {
    throw new CloudError(
      "usage",
      `expected a version such as 12-a1b2c3d4, got ${JSON.stringify(text)}`,
    );
  }
  const writers = vectorItems(tip.state.vv)
    .map(({ writer }) => writer)
    .filter((writer) => toHex(writer).startsWith(match[2] as string));
  const [writer] = writers;
  if (writer === undefined || writers.length > 1) {
    throw new CloudError("not-found", `no writer of this drive fits the version ${text}`);
  }
  return { counter, writer };
}

/**
 * The change records of a history whose states are kept, newest first by (time, stamp), and none before
 * one that had seen it: where a clock was ahead the time of a change can be later than that of those
 * which followed it.
 * @param before - one of them: only those that come after it.
 */
export async function* changesOf(
  reader: MapReader,
  tip: Tip,
  before?: Pick<KeptRecord, "stamp">,
): AsyncGenerator<KeptRecord> {
  const heads: Candidate[] = [];
  for (const { writer, counter } of vectorItems(tip.state.vv)) {
    const record = await keptNotAbove(reader, tip.revision, { counter, writer });
    if (record !== undefined) heads.push({ record });
  }
  let isBelow = before === undefined;
  while (heads.length > 0) {
    const newest = await latestUnseen(reader, heads);
    const { record } = heads[newest] as Candidate;
    if (isBelow) yield record;
    isBelow ||= before !== undefined && compareStamps(before.stamp, record.stamp) === 0;
    const { counter, writer } = record.stamp;
    const earlier = { counter: counter - 1, writer };
    const next = await keptNotAbove(reader, tip.revision, earlier);
    if (next === undefined) heads.splice(newest, 1);
    else heads[newest] = { record: next };
  }
}

/** The latest change of one writer that was not told yet. */
interface Candidate {
  readonly record: KeptRecord;
  /** What it had seen, once that was asked. */
  seen?: VersionVector;
}

/** Of some changes the latest by (time, stamp) that none of the others had seen. */
async function latestUnseen(reader: MapReader, candidates: readonly Candidate[]): Promise<number> {
  const byTime = [...candidates].sort((a, b) => (laterRecord(a.record, b.record) ? -1 : 1));
  for (const candidate of byTime) {
    if (!(await isSeen(reader, candidate, candidates))) return candidates.indexOf(candidate);
  }
  throw new RangeError("changes that have seen each other");
}

/** Whether another one had seen a change. Only one of a larger counter can have. */
async function isSeen(
  reader: MapReader,
  { record }: Candidate,
  candidates: readonly Candidate[],
): Promise<boolean> {
  for (const other of candidates) {
    if (other.record.stamp.counter <= record.stamp.counter) continue;
    other.seen ??= (await readState(reader, other.record.state)).vv;
    if (covers(other.seen, record.stamp)) return true;
  }
  return false;
}

/**
 * The changes that a record whose state is kept tells of: its own, and those before it whose states are
 * not kept, since the state before them.
 */
export async function toldBy(
  reader: MapReader,
  tip: Tip,
  { stamp }: KeptRecord,
): Promise<(stamp: Stamp) => boolean> {
  const { writer } = stamp;
  let first = stamp.counter;
  for (;;) {
    const before = await logRecordNotAbove(reader, tip.revision, { counter: first - 1, writer });
    if (before === undefined || before.state !== undefined) break;
    first = before.stamp.counter;
  }
  return (other) =>
    first <= other.counter && other.counter <= stamp.counter && equalBytes(other.writer, writer);
}

function laterRecord(a: LogRecord, b: LogRecord): boolean {
  return a.time === b.time ? compareStamps(a.stamp, b.stamp) > 0 : a.time > b.time;
}
