import type { BlockPutter } from "../blocks/ports.ts";
import { CloudError } from "../core/cloud-error.ts";
import { joinAll, logRecord, parseStamp, stateAt, tagsOf } from "../history/moment.ts";
import type { Tip } from "../history/tip.ts";
import { readState } from "../tree/sealed-state.ts";
import { emptyState, type State } from "../tree/state.ts";
import type { OpenSpace } from "./space.ts";

const unitsMs: Readonly<Record<string, number>> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
  month: 30 * 86_400_000,
  year: 365 * 86_400_000,
};

/** The shape of a revision's name. */
const revisionShape = /^[1-9][0-9]*-[0-9a-f]{8,32}(\+[1-9][0-9]*-[0-9a-f]{8,32})*$/u;

/** Year, month, day, then hour, minute, second, fraction, then the zone. */
const isoShape =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/iu;

/**
 * The time that `now`, `2 days ago`, `yesterday` or an ISO 8601 text means. A time means the end of
 * what it names, so that a copied `2026-01-31 12:00:05` shows what was saved in that second, and a
 * date shows all that was done on that day. Without a zone it is local time.
 * @returns milliseconds since 1970, or `undefined` if it is none of these.
 */
export function parseTime(text: string, now: number): number | undefined {
  const trimmed = text.trim().toLowerCase();
  if (trimmed === "now") return now;
  if (trimmed === "yesterday") return new Date(now).setHours(0, 0, 0, 0) - 1;
  const ago = /^([0-9]+|an?) (second|minute|hour|day|week|month|year)s? ago$/u.exec(trimmed);
  if (ago !== null) {
    const count = /^an?$/u.test(ago[1] as string) ? 1 : Number(ago[1]);
    return now - count * (unitsMs[ago[2] as string] as number);
  }
  const iso = isoShape.exec(text.trim());
  return iso === null ? undefined : endOf(iso);
}

/** The last millisecond of what a match of {@link isoShape} names; `undefined`: no such time. */
function endOf(iso: RegExpExecArray): number | undefined {
  const [, year, month, day, hour = "23", minute = "59", second = "59", fraction, zone] = iso;
  const ms = fraction === undefined ? "999" : fraction.slice(0, 3).padEnd(3, "0");
  const [days, clock] = [[year, month, day].map(Number), [hour, minute, second, ms].map(Number)];
  const [y, m, d] = days as [number, number, number];
  const [h, min, s, milli] = clock as [number, number, number, number];
  const isTime = h < 24 && min < 60 && s < 60 && m >= 1 && m <= 12;
  // Day 0 of the next month is the last of this one.
  if (!isTime || d < 1 || d > new Date(Date.UTC(y, m, 0)).getUTCDate()) return undefined;
  if (zone === undefined) return new Date(y, m - 1, d, h, min, s, milli).getTime();
  return Date.UTC(y, m - 1, d, h, min, s, milli) - offsetMinutes(zone) * 60_000;
}

function offsetMinutes(zone: string): number {
  if (zone.toLowerCase() === "z") return 0;
  const digits = zone.slice(1).replace(":", "").padEnd(4, "0");
  const minutes = 60 * Number(digits.slice(0, 2)) + Number(digits.slice(2));
  return zone.startsWith("-") ? -minutes : minutes;
}

/** Whether a text already means a moment other than a tag of that name. */
export function isMoment(text: string): boolean {
  return text === "0" || revisionShape.test(text) || parseTime(text, 0) !== undefined;
}

/**
 * The tree at a moment: a tag, a revision or a time, asked in this order. `0` is the tree before
 * the first change.
 * @throws not-found, for what is none of these, or a revision that retention let go of
 */
export async function stateWhen(
  space: OpenSpace,
  tip: Tip | undefined,
  when: string,
  now: number,
): Promise<State> {
  if (when === "0") return emptyState;
  if (tip !== undefined) {
    const tagged = await taggedState(space, tip, when);
    if (tagged !== undefined) return tagged;
    if (revisionShape.test(when)) return revisionState(space, tip, when);
  }
  const time = parseTime(when, now);
  if (time === undefined) {
    throw new CloudError(
      "not-found",
      `${JSON.stringify(when)} is no tag of this drive; a moment is a tag, a revision such as 12-a1b2c3d4, a time such as 2026-01-31T12:00, a day such as 2026-01-31 (its end), or "2 days ago"`,
    );
  }
  if (tip === undefined) return emptyState;
  return inScratch(space, (scratch) => stateAt(space.writer, scratch, tip, time));
}

async function taggedState(space: OpenSpace, tip: Tip, name: string): Promise<State | undefined> {
  let found: State | undefined;
  for await (const tag of tagsOf(space.writer, tip.revision)) {
    if (tag.name === name) found = await readState(space.writer, tag.state);
  }
  return found;
}

async function revisionState(space: OpenSpace, tip: Tip, when: string): Promise<State> {
  const states: State[] = [];
  // A merge is named by the changes that it joins.
  for (const name of when.split("+")) {
    const record = await logRecord(space.writer, tip.revision, parseStamp(tip, name));
    if (record === undefined) {
      throw new CloudError("not-found", `the revision ${name} is not kept any more, or never was`);
    }
    states.push(await readState(space.writer, record.state));
  }
  return inScratch(space, (scratch) => joinAll(space.writer, scratch, states));
}

/** Runs what makes nodes that nobody keeps. */
async function inScratch<Result>(
  space: OpenSpace,
  run: (scratch: BlockPutter) => Promise<Result>,
): Promise<Result> {
  const scratch = space.store.begin();
  try {
    return await run(scratch);
  } finally {
    scratch.abandon();
  }
}
