import type { MapReader } from "../blocks/sealed-map.ts";
import { toHex } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import { compareStamps, type Stamp } from "../core/stamp.ts";
import { vectorItems } from "../tree/version-vector.ts";
import { type LogRecord, logRecordNotAbove } from "./moment.ts";
import type { Tip } from "./tip.ts";

/** The stamp that a person's `12-a1b2c3d4` means in a history. @throws usage, not-found */
export function parseStamp(tip: Tip, text: string): Stamp {
  const match = /^([1-9][0-9]{0,15})-([0-9a-f]{8,32})$/u.exec(text);
  if (match === null) {
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
  return { counter: Number(match[1]), writer };
}

/** The change records of a history, newest first by (time, stamp). */
export async function* changesOf(
  reader: MapReader,
  tip: Tip,
  before?: LogRecord,
): AsyncGenerator<LogRecord> {
  const heads: LogRecord[] = [];
  for (const { writer, counter } of vectorItems(tip.state.vv)) {
    const record = await logRecordNotAbove(reader, tip.revision, { counter, writer });
    if (record !== undefined) heads.push(record);
  }
  while (heads.length > 0) {
    let newest = 0;
    heads.forEach((record, i) => {
      if (laterRecord(record, heads[newest] as LogRecord)) newest = i;
    });
    const record = heads[newest] as LogRecord;
    if (before === undefined || laterRecord(before, record)) yield record;
    const { counter, writer } = record.stamp;
    const earlier = { counter: counter - 1, writer };
    const next = await logRecordNotAbove(reader, tip.revision, earlier);
    if (next === undefined) heads.splice(newest, 1);
    else heads[newest] = next;
  }
}

function laterRecord(a: LogRecord, b: LogRecord): boolean {
  return a.time === b.time ? compareStamps(a.stamp, b.stamp) > 0 : a.time > b.time;
}
