import { toHex } from "../../../../src/node/core/bytes.ts";
import type { Stamp } from "../../../../src/node/core/stamp.ts";
import { logRecord, stateAt, tagNamed } from "../../../../src/node/history/moment.ts";
import { letGo, type RetentionPolicy } from "../../../../src/node/history/retention.ts";
import { encodeLogItem, logKey, type LogItem, tagKey } from "../../../../src/node/history/revision.ts";
import { revise, type Tip } from "../../../../src/node/history/tip.ts";
import type { Edit } from "../../../../src/node/tree/edit.ts";
import { readState } from "../../../../src/node/tree/sealed-state.ts";
import { putFile, removeAt, writerOf } from "../../../history/test-spaces.ts";
import { about, keyFields } from "../common.make.ts";
import { showPast, showState } from "./past-shown.make.ts";
import { makePurges } from "./purges.make.ts";
import { moveTo, Story } from "./story.make.ts";
import type { VectorValue } from "../../vector-file.ts";

const dayMs = 24 * 3600 * 1000;

/** The trees at some times. */
async function makeMoments(
  story: Story,
  tip: Tip,
  times: readonly number[],
): Promise<Readonly<Record<string, VectorValue>>> {
  const moments: VectorValue[] = [];
  for (const time of times) {
    const { sealer, blocks } = story.space;
    const state = await stateAt(sealer, blocks, tip, time);
    moments.push({ time, ...(await showState(story, state)) });
  }
  return { tip: await showPast(story, tip), moments };
}

async function makeTimes(): Promise<VectorValue> {
  const story = new Story(11);
  const base = await story.begin();
  const a = await story.change(base, "a", (edit) => putFile(edit, "/by a"));
  const b = await story.change(base, "b", (edit) => removeAt(edit, "/notes"));
  const both = await story.joined(a, b);
  const later = await story.change(both, "b", (edit) => moveTo(edit, "/docs", "/moved"));
  const c = await story.change(a, "c", (edit) => putFile(edit, "/docs/plan", "by c"));
  const tip = await story.joined(later, c);
  return makeMoments(story, tip, [999, 1000, 1999, 2000, 2999, 3000, 10_000]);
}

/** Logs that no writer of this project leaves, and that a reader takes. */
async function makeOddLogs(): Promise<VectorValue[]> {
  const story = new Story(15);
  const base = await story.begin();
  const one = await story.change(base, "a", (edit) => putFile(edit, "/notes", "one"));
  const another = await story.change(base, "a", (edit) => putFile(edit, "/notes", "another"));
  const b = await story.change(one, "b", (edit) => putFile(edit, "/by b"));
  const without = await story.change(b, "b", (_, draft) => {
    for (const counter of [1, 2]) draft.log.delete(logKey({ counter, writer: writerOf("a") }));
    return Promise.resolve();
  });
  const alike = await story.change(b, "b", (_, draft) => {
    const state = another.revision.state;
    draft.log.set(logKey({ counter: 3, writer: writerOf("b") }), encodeLogItem({ time: 2000, state }));
    return Promise.resolve();
  });
  return [
    { name: "the first writer has no record", ...(await makeMoments(story, without, [2999, 3000])) },
    { name: "the states of two writers have equal vectors", ...(await makeMoments(story, alike, [2000])) },
  ];
}

/** The trees at stamps and tags. */
async function makeNamedMoments(): Promise<VectorValue> {
  const story = new Story(16);
  const { sealer } = story.space;
  const base = await story.begin();
  const tag = (tip: Tip, by: string, ...names: readonly string[]): Promise<Tip> =>
    story.change(tip, by, (edit, draft) => {
      const item = { time: 1000, state: tip.revision.state };
      for (const name of names) draft.tags.set(tagKey(name, edit.stamp), encodeLogItem(item));
      return putFile(edit, `/after ${names.join()}`);
    });
  const a = await tag(await tag(base, "a", "v1"), "a", "v1", "v2");
  const b = await tag(base, "b", "v1");
  const tip = await story.change(await story.joined(a, b), "b", (_, draft) => {
    draft.log.delete(logKey({ counter: 2, writer: writerOf("a") }));
    return Promise.resolve();
  });
  const show = async (item: LogItem | undefined): Promise<VectorValue> =>
    item?.state === undefined ? null : showState(story, await readState(sealer, item.state));
  const stamps: Stamp[] = [1, 2, 3].map((counter) => ({ counter, writer: writerOf("a") }));
  const atStamps: VectorValue[] = [];
  for (const stamp of stamps) {
    const state = await show(await logRecord(sealer, tip.revision, stamp));
    atStamps.push({ counter: stamp.counter, writer: toHex(stamp.writer), state });
  }
  const atTags: VectorValue[] = [];
  for (const name of ["v", "v1", "v2"]) {
    atTags.push({ name, state: await show(await tagNamed(sealer, tip.revision, name)) });
  }
  return { tip: await showPast(story, tip), stamps: atStamps, tags: atTags };
}

async function makeRetention(): Promise<VectorValue[]> {
  const story = new Story(12);
  const { sealer, blocks } = story.space;
  const at = (base: Tip | undefined, by: string, day: number, body: (edit: Edit) => Promise<unknown>) =>
    revise(sealer, blocks, base, { writer: writerOf(by), time: Math.round(day * dayMs) }, async (_, edit) => {
      await body(edit);
    });
  let tip = await at(undefined, "a", 20_000, (edit) => putFile(edit, "/notes", "0"));
  tip = await at(tip, "a", 20_001, (edit) => putFile(edit, "/old"));
  tip = await at(tip, "a", 20_002, (edit) => removeAt(edit, "/old"));
  for (const [i, day] of [20_040, 20_041.2, 20_041.7, 20_060, 20_061, 20_068.1, 20_068.5, 20_069.5].entries()) {
    const word = (i + 1).toString();
    tip = await at(tip, i % 3 === 2 ? "b" : "a", day, (edit) => putFile(edit, "/notes", word));
  }
  tip = await at(tip, "a", 20_069.6, (edit) => putFile(edit, "/recent"));
  tip = await at(tip, "a", 20_069.7, (edit) => removeAt(edit, "/recent"));
  const spans: RetentionPolicy = { keepAllDays: 2, dailyDays: 12, weeklyWeeks: 3, monthlyMonths: 1 };
  const nothing: RetentionPolicy = { keepAllDays: 0, dailyDays: 0, weeklyWeeks: 0, monthlyMonths: 0 };
  const looked = [20_064 * dayMs];
  const policies: readonly (readonly [string, RetentionPolicy, readonly number[]])[] = [
    ["all of two days, then days, weeks and months", spans, looked],
    ["all of a month", { ...nothing, keepAllDays: 30 }, looked],
    ["nothing of the past", nothing, looked],
    ["the first, where the clock leapt", spans, []],
    ["nothing of the past, where the clock leapt", nothing, [20_071 * dayMs]],
  ];
  const cases: VectorValue[] = [];
  for (const [name, policy, looks] of policies) {
    const now = 20_070 * dayMs;
    const kept = await revise(sealer, blocks, tip, { writer: writerOf("a"), time: now }, async (draft) => {
      await letGo(draft, sealer, tip, policy, draft.state.vv, now, looks);
    });
    const { keepAllDays, dailyDays, weeklyWeeks, monthlyMonths } = policy;
    cases.push({
      name,
      policy: [keepAllDays, dailyDays, weeklyWeeks, monthlyMonths],
      now,
      looks,
      tip: await story.show(tip),
      result: await story.show(kept),
    });
  }
  return cases;
}

/** The vectors of FORMAT §11.2, §13.4, §14.3 and §14.4. */
export async function makePastVectors(): Promise<VectorValue> {
  return {
    about: about("§11.2, §13.4, §14.3 and §14.4: moments, retention, purges and purges that meet", [
      "Maps are lists of [key, value]; `logged` and `tagged` are the states that the records of `log`",
      "and `tags` lead to, by key. `looks`: when retention looked at the clock before. `packs` are the",
      "payloads of packs; other version records are not in the file. In `named` a `state` is null where",
      "nothing is kept of that stamp or name.",
    ]),
    ...keyFields,
    moments: await makeTimes(),
    oddLogs: await makeOddLogs(),
    named: await makeNamedMoments(),
    retention: await makeRetention(),
    ...(await makePurges()),
  };
}
