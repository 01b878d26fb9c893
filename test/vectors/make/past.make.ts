import { encodeRecordLink, type RecordLink } from "../../../src/node/blocks/link.ts";
import { PackWriter } from "../../../src/node/blocks/pack.ts";
import { encodeRecord } from "../../../src/node/blocks/record.ts";
import type { BlockKind } from "../../../src/node/blocks/seal.ts";
import { sealInto } from "../../../src/node/blocks/seal-into.ts";
import type { MapRoot } from "../../../src/node/blocks/sealed-map.ts";
import { toHex, toUtf8 } from "../../../src/node/core/bytes.ts";
import { showCid } from "../../../src/node/core/cid.ts";
import { stateAt } from "../../../src/node/history/moment.ts";
import { purgeAgain, purgeHistory } from "../../../src/node/history/purge.ts";
import { letGo, type RetentionPolicy } from "../../../src/node/history/retention.ts";
import { encodeLogItem, tagKey } from "../../../src/node/history/revision.ts";
import { statesOf } from "../../../src/node/history/stood-at.ts";
import { RevisionDraft, revise, type Tip } from "../../../src/node/history/tip.ts";
import type { Edit } from "../../../src/node/tree/edit.ts";
import type { Entry } from "../../../src/node/tree/entry.ts";
import { resolveTarget } from "../../../src/node/tree/lookup.ts";
import { put } from "../../../src/node/tree/put.ts";
import { encodeState, type State } from "../../../src/node/tree/state.ts";
import { nextStamp } from "../../../src/node/tree/version-vector.ts";
import { putFile, putFolder, removeAt, writerOf } from "../../history/test-spaces.ts";
import { about, keyFields } from "./common.make.ts";
import { moveTo, showVector, Story } from "./story.make.ts";
import type { VectorValue } from "../vector-file.ts";

const dayMs = 24 * 3600 * 1000;

/** The states that records of a map lead to, by key. */
async function showStates(story: Story, root: MapRoot): Promise<VectorValue> {
  const shown: VectorValue[] = [];
  for await (const { key, state } of statesOf(story.space.sealer, root)) {
    shown.push({ key: toHex(key), ...(await showState(story, state)) });
  }
  return shown;
}

async function showState(story: Story, state: State): Promise<Record<string, VectorValue>> {
  return {
    vv: showVector(state.vv),
    floor: showVector(state.floor),
    tree: await story.showMap(state.tree),
    removed: await story.showMap(state.removed),
    digest: toHex(state.digest),
    state: toHex(encodeState(state)),
  };
}

/** A tip with all states of its past. */
async function showPast(story: Story, tip: Tip): Promise<VectorValue> {
  const { log, tags } = tip.revision;
  return {
    ...(await story.show(tip)),
    logged: await showStates(story, log),
    tagged: await showStates(story, tags),
  };
}

async function makeMoments(): Promise<VectorValue> {
  const story = new Story(11);
  const base = await story.begin();
  const a = await story.change(base, "a", (edit) => putFile(edit, "/by a"));
  const b = await story.change(base, "b", (edit) => removeAt(edit, "/notes"));
  const both = await story.joined(a, b);
  const later = await story.change(both, "b", (edit) => moveTo(edit, "/docs", "/moved"));
  const c = await story.change(a, "c", (edit) => putFile(edit, "/docs/plan", "by c"));
  const tip = await story.joined(later, c);
  const moments: VectorValue[] = [];
  for (const time of [999, 1000, 1999, 2000, 2999, 3000, 10_000]) {
    const { sealer, blocks } = story.space;
    const state = await stateAt(sealer, blocks, tip, time);
    moments.push({ time, ...(await showState(story, state)) });
  }
  return { tip: await showPast(story, tip), moments };
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
  const policies: readonly (readonly [string, RetentionPolicy])[] = [
    ["all of two days, then days, weeks and months", { keepAllDays: 2, dailyDays: 12, weeklyWeeks: 3, monthlyMonths: 1 }],
    ["all of a month", { keepAllDays: 30, dailyDays: 0, weeklyWeeks: 0, monthlyMonths: 0 }],
    ["nothing of the past", { keepAllDays: 0, dailyDays: 0, weeklyWeeks: 0, monthlyMonths: 0 }],
  ];
  const cases: VectorValue[] = [];
  for (const [name, policy] of policies) {
    const now = 20_070 * dayMs;
    const kept = await revise(sealer, blocks, tip, { writer: writerOf("a"), time: now }, async (draft) => {
      await letGo(draft, sealer, tip, policy, draft.state.vv, now);
    });
    const { keepAllDays, dailyDays, weeklyWeeks, monthlyMonths } = policy;
    cases.push({
      name,
      policy: [keepAllDays, dailyDays, weeklyWeeks, monthlyMonths],
      now,
      tip: await story.show(tip),
      result: await story.show(kept),
    });
  }
  return cases;
}

/** Records of some texts in one pack, with what the pack holds. */
function makePack(story: Story, texts: readonly string[]): { links: RecordLink[]; packs: VectorValue[] } {
  const { sealer, blocks } = story.space;
  const links: RecordLink[] = [];
  const packs: VectorValue[] = [];
  const seal = (kind: BlockKind, payload: Uint8Array) => {
    const link = sealInto(sealer, blocks, kind, payload);
    if (kind === "pack") packs.push({ cid: showCid(link.id), payload: toHex(payload) });
    return link;
  };
  const writing = new PackWriter(sealer.primitives, sealer.boundaryKey, seal);
  for (const text of texts) {
    const content = toUtf8(text);
    const record = encodeRecord({ size: content.length, mtime: 1, mode: 0o644, content });
    writing.add(record, (link) => links.push(link));
  }
  writing.close();
  return { links, packs };
}

async function putLink(edit: Edit, path: string, link: RecordLink, kind: "file" | "folder" = "file"): Promise<void> {
  await put(edit, await resolveTarget(edit.draft, path), { kind, link: encodeRecordLink(link) });
}

async function makePurges(): Promise<VectorValue> {
  const story = new Story(13);
  const { sealer, blocks } = story.space;
  const { links, packs } = makePack(story, ["the secret", "a neighbour", "times of a folder", "another secret"]);
  const [secret, neighbour, times, other] = links as [RecordLink, RecordLink, RecordLink, RecordLink];
  const base = await story.change(undefined, "a", async (edit) => {
    await putLink(edit, "/box", times, "folder");
    await putLink(edit, "/box/secret", secret);
    await putLink(edit, "/neighbour", neighbour);
    await putLink(edit, "/other", other);
  });
  const tagged = await story.change(base, "a", async (edit, draft) => {
    const item = { time: 1000, state: base.revision.state };
    draft.tags.set(tagKey("release", edit.stamp), encodeLogItem(item));
    await putFile(edit, "/box/stays");
    await moveTo(edit, "/box/stays", "/stays");
  });
  const inside = await story.change(tagged, "a", (edit) => putFile(edit, "/box/moved"));
  const moved = await story.change(inside, "a", (edit) => moveTo(edit, "/box/moved", "/moved"));
  const purge = async (tip: Tip, by: string, ...paths: readonly string[]): Promise<[Tip, Entry[]]> => {
    const entries: Entry[] = [];
    const purged = await story.change(tip, by, async (edit, draft) => {
      for (const path of paths) entries.push((await resolveTarget(draft.state, path)).entry as Entry);
      await purgeHistory(sealer, blocks, tip, draft, edit, { entries });
    });
    return [purged, entries];
  };
  const show = async (name: string, tip: Tip, ...paths: readonly string[]): Promise<VectorValue> => {
    const [purged, entries] = await purge(tip, "a", ...paths);
    return {
      name,
      entries: entries.map(({ id }) => toHex(id)),
      tip: await showPast(story, tip),
      result: await showPast(story, purged),
    };
  };
  const two = await story.change(tagged, "a", (edit) => putFolder(edit, "/more"));
  const cycle = await story.joined(
    await story.change(two, "a", (edit) => moveTo(edit, "/box", "/more/box")),
    await story.change(two, "b", (edit) => moveTo(edit, "/more", "/box/more")),
  );
  const [here] = await purge(tagged, "a", "/box/secret");
  const [there] = await purge(tagged, "b", "/other");
  const unaware = await story.change(tagged, "c", async (edit) => {
    await putFolder(edit, "/folder");
    await moveTo(edit, "/box/secret", "/folder/secret");
  });
  const apart = await story.change(tagged, "d", (edit) => putFile(edit, "/apart"));
  const { again: settled } = await meet(story, here, apart);
  const knowing = await story.change(here, "e", (edit) => putFile(edit, "/e"));
  return {
    packs,
    purges: [
      await show("a file whose record shares a pack", tagged, "/box/secret"),
      await show("a folder of a cycle: the one that stands at the root stays there", cycle, "/more/box/secret", "/more/box"),
      await show("a folder in which something stood that is elsewhere now", moved, "/box/secret", "/box"),
    ],
    meetings: [
      await showMeeting(story, "two purges of records of one pack", here, there),
      await showMeeting(story, "a purge and a move of what it took: that stays", here, unaware),
      await showMeeting(story, "a purge and a change beside it", here, apart),
      await showMeeting(story, "a purge that both know", settled as Tip, knowing),
    ],
  };
}

const againAt = 1_000_000;

/** A join, and what is purged again on top of it, if anything. */
async function meet(story: Story, own: Tip, other: Tip): Promise<{ joined: Tip; again: Tip | undefined }> {
  const { sealer, blocks } = story.space;
  const joined = await story.joined(own, other);
  const draft = new RevisionDraft(sealer, joined);
  const edit = draft.edit(nextStamp(joined.state.vv, writerOf("z")));
  const hasPurged = await purgeAgain(sealer, blocks, [own, other], joined, draft, edit);
  const again = hasPurged ? await draft.sealChange(blocks, [joined], edit, againAt) : undefined;
  return { joined, again };
}

async function showMeeting(story: Story, name: string, own: Tip, other: Tip): Promise<VectorValue> {
  const { joined, again } = await meet(story, own, other);
  return {
    name,
    own: await showPast(story, own),
    other: await showPast(story, other),
    joined: await showPast(story, joined),
    writer: toHex(writerOf("z")),
    time: againAt,
    result: again === undefined ? null : await showPast(story, again),
  };
}

/** The vectors of FORMAT §11.2 to §13.4. */
export async function makePastVectors(): Promise<VectorValue> {
  const { packs, ...rest } = (await makePurges()) as Record<string, VectorValue>;
  return {
    about: about("§11.2 to §13.4: moments, retention, purges and purges that meet", [
      "Maps are lists of [key, value]; `logged` and `tagged` are the states that the records of `log`",
      "and `tags` lead to, by key. `packs` are the payloads of packs; other version records are not in",
      "the file.",
    ]),
    ...keyFields,
    moments: await makeMoments(),
    retention: await makeRetention(),
    packs: packs ?? null,
    ...rest,
  };
}
