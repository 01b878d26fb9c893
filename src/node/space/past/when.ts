import type { BlockPutter } from "../../blocks/ports.ts";
import { CloudError } from "../../core/cloud-error.ts";
import { parseTime } from "../../core/parse-time.ts";
import { showStamp } from "../../core/stamp.ts";
import { parseStamp } from "../../history/changes.ts";
import {
  joinAll,
  keptAbove,
  keptNotAbove,
  type LogRecord,
  logRecord,
  stateAt,
  tagNamed,
} from "../../history/moment.ts";
import type { Tip } from "../../history/tip.ts";
import { readState } from "../../tree/sealed-state.ts";
import { emptyState, type State } from "../../tree/state.ts";
import type { OpenSpace } from "../open-space.ts";

/** The shape of a revision's name. */
const revisionShape = /^[1-9][0-9]*-[0-9a-f]{8,32}(\+[1-9][0-9]*-[0-9a-f]{8,32})*$/u;

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
  return inScratch(space, (scratch) => stateAt(space.sealer, scratch, tip, time));
}

async function taggedState(space: OpenSpace, tip: Tip, name: string): Promise<State | undefined> {
  const tag = await tagNamed(space.sealer, tip.revision, name);
  return tag && readState(space.sealer, tag.state);
}

async function revisionState(space: OpenSpace, tip: Tip, when: string): Promise<State> {
  const states: State[] = [];
  // A merge is named by the changes that it joins.
  for (const name of when.split("+")) {
    const record = await logRecord(space.sealer, tip.revision, parseStamp(tip, name));
    if (record === undefined) {
      throw new CloudError("not-found", `the revision ${name} is not kept any more, or never was`);
    }
    if (record.state === undefined) throw await thinnedOut(space, tip, record);
    states.push(await readState(space.sealer, record.state));
  }
  return inScratch(space, (scratch) => joinAll(space.sealer, scratch, states));
}

/** Says which states are kept around one that is not. */
async function thinnedOut(space: OpenSpace, tip: Tip, { stamp }: LogRecord) {
  const before = await keptNotAbove(space.sealer, tip.revision, stamp);
  const after = await keptAbove(space.sealer, tip.revision, stamp);
  const near = [before, after].flatMap((each) => (each === undefined ? [] : showStamp(each.stamp)));
  return new CloudError(
    "not-found",
    `of the changes around ${showStamp(stamp)} only some states are kept: the next to it is that after ${near.join(" or ")}; every version of a file is kept by itself, see: ipcloud log`,
  );
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
