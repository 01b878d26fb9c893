import { CloudError } from "../core/cloud-error.ts";
import { logRecord, parseStamp, stateAt, tagsOf } from "../history/moment.ts";
import { readState, type Tip } from "../history/tip.ts";
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

/**
 * The time that `now`, `2 days ago`, `yesterday` or an ISO 8601 text means.
 * @returns milliseconds since 1970, or `undefined` if it is none of these.
 */
export function parseTime(text: string, now: number): number | undefined {
  const trimmed = text.trim().toLowerCase();
  if (trimmed === "now") return now;
  if (trimmed === "yesterday") return now - (unitsMs["day"] as number);
  const ago = /^([0-9]+|an?) (second|minute|hour|day|week|month|year)s? ago$/u.exec(trimmed);
  if (ago !== null) {
    const count = /^an?$/u.test(ago[1] as string) ? 1 : Number(ago[1]);
    return now - count * (unitsMs[ago[2] as string] as number);
  }
  if (
    !/^\d{4}-\d{2}(-\d{2})?([t ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(z|[+-]\d{2}:?\d{2})?)?$/u.test(trimmed)
  ) {
    return undefined;
  }
  const time = Date.parse(text.trim().replace(" ", "T"));
  return Number.isNaN(time) ? undefined : time;
}

/**
 * The tree at a moment: a tag, a revision or a time, asked in this order.
 * @throws not-found, for what is none of these, or a revision that retention let go of
 */
export async function stateWhen(
  space: OpenSpace,
  tip: Tip | undefined,
  when: string,
  now: number,
): Promise<State> {
  if (tip !== undefined) {
    const tagged = await taggedState(space, tip, when);
    if (tagged !== undefined) return tagged;
    if (revisionShape.test(when)) return revisionState(space, tip, when);
  }
  const time = parseTime(when, now);
  if (time === undefined) {
    throw new CloudError(
      "not-found",
      `${JSON.stringify(when)} is no tag of this drive; a moment is a tag, a revision such as 12-a1b2c3d4, a time such as 2026-01-31T12:00, or "2 days ago"`,
    );
  }
  if (tip === undefined) return emptyState;
  const scratch = space.store.begin();
  try {
    return await stateAt(space.writer, scratch, tip, time);
  } finally {
    scratch.abandon();
  }
}

async function taggedState(space: OpenSpace, tip: Tip, name: string): Promise<State | undefined> {
  let found: State | undefined;
  for await (const tag of tagsOf(space.writer, tip.revision)) {
    if (tag.name === name) found = await readState(space.writer, tag.state);
  }
  return found;
}

async function revisionState(space: OpenSpace, tip: Tip, when: string): Promise<State> {
  // A merge is named by the changes it joins, the tip's own name among them.
  if (when.includes("+")) return tip.state;
  const stamp = parseStamp(tip, when);
  const record = await logRecord(space.writer, tip.revision, stamp);
  if (record === undefined) {
    throw new CloudError("not-found", `the revision ${when} is not kept any more, or never was`);
  }
  return readState(space.writer, record.state);
}
