import { encodeRecordLink, type RecordLink } from "../../../../src/node/blocks/link.ts";
import { PackWriter } from "../../../../src/node/blocks/pack.ts";
import { encodeRecord } from "../../../../src/node/blocks/record.ts";
import type { BlockKind } from "../../../../src/node/blocks/seal.ts";
import { sealInto } from "../../../../src/node/blocks/seal-into.ts";
import { toHex, toUtf8 } from "../../../../src/node/core/bytes.ts";
import { showCid } from "../../../../src/node/core/cid.ts";
import { purgeAgain, purgeHistory } from "../../../../src/node/history/purge.ts";
import { purgeEntries } from "../../../../src/node/history/retention.ts";
import { rebase } from "../../../../src/node/history/rebase.ts";
import { encodeLogItem, tagKey } from "../../../../src/node/history/revision.ts";
import { RevisionDraft, type Tip } from "../../../../src/node/history/tip.ts";
import type { Edit } from "../../../../src/node/tree/edit.ts";
import { decodeEntry, type Entry } from "../../../../src/node/tree/entry.ts";
import { resolveTarget } from "../../../../src/node/tree/lookup.ts";
import { put } from "../../../../src/node/tree/put.ts";
import { nextStamp } from "../../../../src/node/tree/version-vector.ts";
import { itemsOf } from "../../../blocks/test-maps.ts";
import { putFile, putFolder, removeAt, writerOf } from "../../../history/test-spaces.ts";
import { showPast } from "./past-shown.make.ts";
import { moveTo, Story } from "./story.make.ts";
import type { VectorValue } from "../../vector-file.ts";

/** Records of some texts in one pack, with what the pack holds. */
export function makePack(story: Story, texts: readonly string[]): { links: RecordLink[]; packs: VectorValue[] } {
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

/** Puts a record at a path. */
export async function putLink(edit: Edit, path: string, link: RecordLink, kind: "file" | "folder" = "file"): Promise<void> {
  await put(edit, await resolveTarget(edit.draft, path), { kind, link: encodeRecordLink(link) });
}

/** Takes what stands at some paths out of all history. */
async function purge(story: Story, tip: Tip, by: string, ...paths: readonly string[]): Promise<[Tip, Entry[]]> {
  const { sealer, blocks } = story.space;
  const entries: Entry[] = [];
  const purged = await story.change(tip, by, async (edit, draft) => {
    for (const path of paths) entries.push((await resolveTarget(draft.state, path)).entry as Entry);
    await purgeHistory(sealer, blocks, tip, draft, edit, { entries });
  });
  return [purged, entries];
}

async function showPurge(story: Story, name: string, tip: Tip, ...paths: readonly string[]): Promise<VectorValue> {
  const [purged, entries] = await purge(story, tip, "a", ...paths);
  return {
    name,
    entries: entries.map(({ id }) => toHex(id)),
    tip: await showPast(story, tip),
    result: await showPast(story, purged),
  };
}

/** Purges, and purges that meet, with the packs that they seal. */
export async function makePurges(): Promise<Readonly<Record<string, VectorValue>>> {
  const story = new Story(13);
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
  const two = await story.change(tagged, "a", (edit) => putFolder(edit, "/more"));
  const cycle = await story.joined(
    await story.change(two, "a", (edit) => moveTo(edit, "/box", "/more/box")),
    await story.change(two, "b", (edit) => moveTo(edit, "/more", "/box/more")),
  );
  const [here] = await purge(story, tagged, "a", "/box/secret");
  const [there] = await purge(story, tagged, "b", "/other");
  const unaware = await story.change(tagged, "c", async (edit) => {
    await putFolder(edit, "/folder");
    await moveTo(edit, "/box/secret", "/folder/secret");
  });
  const apart = await story.change(tagged, "d", (edit) => putFile(edit, "/apart"));
  const { again: settled } = await meet(story, here, apart);
  const knowing = await story.change(here, "e", (edit) => putFile(edit, "/e"));
  const states = await makePurgedStates();
  return {
    packs: [...packs, ...states.packs],
    purges: [
      await showPurge(story, "a file whose record shares a pack", tagged, "/box/secret"),
      await showPurge(story, "a folder of a cycle: the one that stands at the root stays there", cycle, "/more/box/secret", "/more/box"),
      await showPurge(story, "a folder in which something stood that is elsewhere now", moved, "/box/secret", "/box"),
      await showPurge(story, "all of a cycle", cycle, "/more/box/secret", "/more/box", "/more"),
      await showPurge(story, "a file beside a cycle, which stays one", cycle, "/other"),
      ...states.purges,
      await makePurgedLines(),
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

/** What a purge takes out of the states of the past, and what it leaves as it is. */
async function makePurgedStates(): Promise<{ packs: VectorValue[]; purges: VectorValue[] }> {
  const story = new Story(14);
  const near = makePack(story, ["the secret", "a neighbour"]);
  const far = makePack(story, ["far away", "beside it"]);
  const [secret, neighbour] = near.links as [RecordLink, RecordLink];
  const [alone] = makePack(story, ["alone"]).links as [RecordLink];
  const first = await story.change(undefined, "a", async (edit) => {
    await putLink(edit, "/neighbour", neighbour);
    await putLink(edit, "/far", far.links[0] as RecordLink);
    await putFolder(edit, "/empty");
    await putFile(edit, "/old");
    await putFolder(edit, "/box");
  });
  const full = await story.change(first, "a", async (edit) => {
    await putLink(edit, "/secret", secret);
    await putLink(edit, "/alone", alone);
    await putLink(edit, "/copy of alone", alone);
    await removeAt(edit, "/old");
  });
  const removed = await itemsOf(story.space.sealer, full.state.removed);
  const dropped = await story.change(full, "a", async (edit, draft) => {
    await putFile(edit, "/box/one");
    await purgeEntries(draft, removed.map(([key, value]) => decodeEntry(key, value, "removed")));
  });
  const renamed = await story.change(dropped, "a", (edit) => moveTo(edit, "/box", "/crate"));
  const two = await story.change(renamed, "a", (edit) => putFile(edit, "/crate/two"));
  const out = await story.change(two, "a", async (edit) => {
    await moveTo(edit, "/crate/one", "/one");
    await moveTo(edit, "/crate/two", "/two");
  });
  return {
    packs: [...near.packs, ...far.packs],
    purges: [
      await showPurge(story, "a file whose neighbour in its pack was there before it; another pack stays", full, "/secret"),
      await showPurge(story, "a file whose record a copy has too, which keeps it", full, "/alone"),
      await showPurge(story, "a folder in which nothing ever stood", first, "/empty"),
      await showPurge(story, "a folder that was renamed, and in which a second file was put, while one stood in it", out, "/crate"),
    ],
  };
}

/** A purge where tags show lines of one writer that placed two entries otherwise by one stamp. */
async function makePurgedLines(): Promise<VectorValue> {
  const story = new Story(17);
  const { sealer, blocks } = story.space;
  const base = await story.change(await story.begin(), "a", (edit) => putFolder(edit, "/more"));
  const line = async (name: string, plan: string, tag: string): Promise<Tip> => {
    const moved = await story.change(base, "a", async (edit) => {
      await moveTo(edit, "/notes", name);
      await moveTo(edit, "/docs/plan", plan);
    });
    return story.change(moved, tag, (edit, draft) => {
      const item = { time: 3000, state: moved.revision.state };
      draft.tags.set(tagKey(tag, edit.stamp), encodeLogItem(item));
      return putFile(edit, "/secret");
    });
  };
  const fork = { writer: writerOf("a"), after: 2, since: [] };
  const as = { writer: writerOf("z"), time: 10_000, fork };
  const own = await line("/here", "/plan", "b");
  const tip = await rebase(sealer, blocks, own, await line("/there", "/more/plan", "c"), as);
  return showPurge(story, "a folder that lines of a forked writer show, which moved two files otherwise by one stamp", tip, "/docs");
}

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
