import { decodeLogItem, encodeLogItem, firstState, logKey, tagKey } from "../../../../src/node/history/revision.ts";
import { stateAt } from "../../../../src/node/history/moment.ts";
import { thin } from "../../../../src/node/history/thinning.ts";
import { revise, type RevisionDraft, type Tip } from "../../../../src/node/history/tip.ts";
import type { Edit } from "../../../../src/node/tree/edit.ts";
import { putFile, removeAt, writerOf } from "../../../history/test-spaces.ts";
import { about, keyFields } from "../common.make.ts";
import { showState } from "./past-shown.make.ts";
import { moveTo, Story } from "./story.make.ts";
import type { VectorValue } from "../../vector-file.ts";

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const dayMs = 24 * 60 * minuteMs;
const start = 20_000 * dayMs;

/** Two writers at work for some minutes, with a removal, a tag, a restore and an arrival among saves. */
async function makeWork(story: Story): Promise<Tip> {
  const { sealer, blocks } = story.space;
  const at = (
    base: Tip | undefined,
    by: string,
    seconds: number,
    body: (edit: Edit, draft: RevisionDraft) => Promise<unknown>,
  ): Promise<Tip> =>
    revise(sealer, blocks, base, { writer: writerOf(by), time: start + seconds * secondMs }, async (draft, edit) => {
      await body(edit, draft);
    });
  const save = (base: Tip | undefined, seconds: number, word: string): Promise<Tip> =>
    at(base, "a", seconds, (edit) => putFile(edit, "/notes", word));
  let tip = await save(undefined, 0, "0");
  for (const [i, seconds] of [1, 2, 3].entries()) tip = await save(tip, seconds, (i + 1).toString());
  tip = await at(tip, "a", 61, (edit) => putFile(edit, "/plan"));
  tip = await at(tip, "a", 62, (edit) => removeAt(edit, "/plan"));
  tip = await save(tip, 63, "4");
  tip = await save(tip, 64, "5");
  tip = await at(tip, "a", 121, (edit) => moveTo(edit, "/notes", "/diary"));
  tip = await at(tip, "a", 122, (edit) => moveTo(edit, "/diary", "/notes"));
  tip = await save(tip, 123, "6");
  tip = await save(tip, 181, "7");
  tip = await save(tip, 182, "8");
  tip = await at(tip, "a", 183, (edit, draft) => {
    const item = { time: start, state: tip.revision.state };
    draft.tags.set(tagKey("eight", edit.stamp), encodeLogItem(item));
    return Promise.resolve();
  });
  tip = await save(tip, 184, "9");
  tip = await save(tip, 241, "10");
  tip = await save(tip, 242, "2"); // a restore: an earlier version's content
  tip = await save(tip, 243, "11");
  const other = await at(tip, "b", 302, (edit) => putFile(edit, "/by b"));
  tip = await save(tip, 301, "12");
  tip = await save(tip, 303, "13");
  tip = await story.joined(tip, other);
  tip = await save(tip, 304, "14");
  for (const seconds of [305, 306, 361]) tip = await save(tip, seconds, `at ${seconds.toString()}`);
  return tip;
}

async function thinnedAt(story: Story, tip: Tip, now: number): Promise<Tip> {
  const { sealer, blocks } = story.space;
  const as = { writer: writerOf("a"), time: now };
  return revise(sealer, blocks, tip, as, async (draft, { stamp }) => {
    const step = (): Promise<void> => Promise.resolve();
    await thin(draft, sealer, tip, { writer: writerOf("a"), stamp, now, step });
  });
}

async function makeThinnings(): Promise<VectorValue> {
  const story = new Story(21);
  const tip = await makeWork(story);
  const cases: VectorValue[] = [];
  for (const [name, now] of [
    ["in the last minute", start + 362 * secondMs],
    ["an hour after a window of ten minutes", start + 70 * minuteMs],
    ["after 31 days", start + 31 * dayMs],
  ] as const) {
    const thinned = await thinnedAt(story, tip, now);
    cases.push({ name, now, log: await story.showMap(thinned.revision.log) });
  }
  return { tip: await story.show(tip), writer: "61".repeat(16), cases };
}

async function makeMoments(): Promise<VectorValue> {
  const story = new Story(22);
  const tip = await thinnedAt(story, await makeWork(story), start + 70 * minuteMs);
  const moments: VectorValue[] = [];
  for (const seconds of [0, 2, 63, 183, 302, 303, 305, 400]) {
    const time = start + seconds * secondMs;
    const state = await stateAt(story.space.sealer, story.space.blocks, tip, time);
    moments.push({ time, ...(await showState(story, state)) });
  }
  return { tip: await story.show(tip), moments };
}

/** A tip that shows nothing of a writer at a moment: it keeps the states of later changes alone. */
async function makeBareMoments(): Promise<VectorValue> {
  const story = new Story(24);
  const { sealer, blocks } = story.space;
  let tip: Tip | undefined;
  for (const [seconds, word] of ["a", "b", "c"].entries()) {
    const as = { writer: writerOf("a"), time: start + seconds * secondMs };
    tip = await revise(sealer, blocks, tip, as, async (_, edit) => {
      await putFile(edit, `/${word}`);
    });
  }
  const as = { writer: writerOf("b"), time: start + 3 * secondMs };
  const bare = await revise(sealer, blocks, tip, as, async (draft, { stamp }) => {
    for (const counter of [1, 2]) {
      const key = logKey({ counter, writer: writerOf("a") });
      const item = decodeLogItem((await draft.log.get(key)) ?? new Uint8Array(0));
      const rewritten = { by: stamp, first: firstState(item) };
      draft.log.set(key, encodeLogItem({ time: item.time, state: undefined, rewritten }));
    }
  });
  const moments: VectorValue[] = [];
  for (const seconds of [0, 1, 2, 3]) {
    const time = start + seconds * secondMs;
    const state = await stateAt(sealer, blocks, bare, time);
    moments.push({ time, ...(await showState(story, state)) });
  }
  return { tip: await story.show(bare), moments };
}

/** Has a writer let go of the state after one of its changes. */
function thinOne(story: Story, base: Tip, by: string, counter: number): Promise<Tip> {
  return story.change(base, by, async (edit, draft) => {
    const key = logKey({ counter, writer: writerOf(by) });
    const item = decodeLogItem((await draft.log.get(key)) ?? new Uint8Array(0));
    const rewritten = { by: edit.stamp, first: firstState(item) };
    draft.log.set(key, encodeLogItem({ time: item.time, state: undefined, rewritten }));
  });
}

async function makeJoins(): Promise<VectorValue[]> {
  const story = new Story(23);
  const begun = await story.begin();
  const base = await story.change(begun, "a", (edit) => putFile(edit, "/secret"));
  const both = await story.change(base, "a", (edit) => putFile(edit, "/more"));
  const thinned = await thinOne(story, both, "a", 2);
  const other = await story.change(both, "b", (edit) => putFile(edit, "/by b"));
  const purged = await story.purge(both, "b", "/secret");
  const later = await story.purge(other, "b", "/secret");
  return [
    await story.join("thinned here, as it was there", thinned, other),
    await story.join("thinned there, as it was here", other, thinned),
    await story.join("thinned here, rewritten by a purge of a later stamp there", thinned, later),
    await story.join("thinned here, rewritten by a purge of the larger writer there", thinned, purged),
  ];
}

/** The vectors of thinned records: FORMAT §11.1, §11.2, §13.2, §14.3. */
export async function makeThinnedVectors(): Promise<VectorValue> {
  return {
    about: about("§11.1, §11.2, §13.2, §14.3: records of `log` whose states are not kept", [
      "Maps are lists of [key, value]. In `thinnings` each case is what is left of the log of `tip` where",
      "`writer` thins it at `now`, its own record of that included. `joins` are as in joins.json.",
    ]),
    ...keyFields,
    thinnings: await makeThinnings(),
    moments: await makeMoments(),
    bareMoments: await makeBareMoments(),
    joins: await makeJoins(),
  };
}
