import type { EncodedRecordLink } from "../../src/node/blocks/link.ts";
import { toHex } from "../../src/node/core/bytes.ts";
import { asEntryId, rootId } from "../../src/node/core/ids.ts";
import type { Stamp } from "../../src/node/core/stamp.ts";
import type { MapRoot } from "../../src/node/blocks/sealed-map.ts";
import { findFork } from "../../src/node/history/fork.ts";
import { joinTips } from "../../src/node/history/join.ts";
import { joinEntry } from "../../src/node/history/join-entry.ts";
import { purgeHistory } from "../../src/node/history/purge.ts";
import { rebase } from "../../src/node/history/rebase.ts";
import { encodeLogItem, encodeRevision, tagKey } from "../../src/node/history/revision.ts";
import type { Tip } from "../../src/node/history/tip.ts";
import { decodeEntry, type Entry } from "../../src/node/tree/entry.ts";
import { resolveTarget } from "../../src/node/tree/lookup.ts";
import { move } from "../../src/node/tree/move.ts";
import { encodeState } from "../../src/node/tree/state.ts";
import { type VersionVector, vectorItems } from "../../src/node/tree/version-vector.ts";
import { seeded } from "../blocks/random.ts";
import { itemsOf } from "../blocks/test-maps.ts";
import {
  changeAs,
  purgeRemoved,
  putFile,
  putFolder,
  removeAt,
  type TestSpace,
  writerOf,
} from "../history/test-spaces.ts";
import { bytesFrom } from "../tree/test-trees.ts";
import { about, codeOf, hashOf, keyFields, showLink } from "./common.make.ts";
import { vectorMaps } from "./maps.make.ts";
import { showEntry } from "./states.make.ts";
import type { VectorValue } from "./vector-file.ts";

const at = (counter: number, letter: string): Stamp => ({ counter, writer: writerOf(letter) });
const id = (word: string) => asEntryId(hashOf(word).subarray(0, 16));
const link = (word: string): EncodedRecordLink => new Uint8Array(65).fill(word.charCodeAt(0)).fill(1, 0, 1) as EncodedRecordLink;
const content = (word: string, stamp: Stamp) => ({ stamp, link: link(word) });

function vector(...seen: readonly Stamp[]): VersionVector {
  return new Map(seen.map(({ counter, writer }) => [String.fromCharCode(...writer), counter]));
}

function showVector(seen: VersionVector): VectorValue {
  return vectorItems(seen).map(({ writer, counter }) => [toHex(writer), counter]);
}

function entry(more: Partial<Entry>): Entry {
  const placed = more.at ?? at(1, "a");
  return {
    id: id("x"),
    kind: "file",
    parent: rootId,
    name: "name",
    at: placed,
    content: [content("1", at(1, "a"))],
    live: [at(1, "a")],
    ...more,
  };
}

const put = (word: string, stamp: Stamp): Entry =>
  entry({ content: [content(word, stamp)], live: [stamp] });
const dead = entry({ live: [], gone: [at(4, "b")] });

type EntryCase = readonly [
  name: string,
  a: Entry | undefined,
  b: Entry | undefined,
  vvA: VersionVector,
  vvB: VersionVector,
];
const [seen3a, seen4b] = [vector(at(3, "a")), vector(at(1, "a"), at(4, "b"))];
const entryCases: readonly EntryCase[] = [
  ["two puts are a conflict", put("2", at(3, "a")), put("3", at(4, "b")), seen3a, seen4b],
  ["a put against nothing new", put("2", at(3, "a")), entry({}), seen3a, seen4b],
  ["a put beats a removal", put("2", at(3, "a")), dead, seen3a, seen4b],
  ["a removal of what is known", entry({}), dead, seen3a, seen4b],
  [
    "two removals stay both",
    entry({ live: [], gone: [at(3, "a")] }),
    dead,
    seen3a,
    seen4b,
  ],
  [
    "the larger placement counts, the put stays",
    entry({ at: at(3, "a"), live: [at(3, "a")], name: "by a" }),
    entry({ at: at(4, "b"), live: [at(4, "b")], name: "by b", parent: id("folder") }),
    seen3a,
    seen4b,
  ],
  ["new on one side", put("2", at(3, "a")), undefined, seen3a, vector(at(4, "b"))],
  ["purged on the other", dead, undefined, seen4b, vector(at(1, "a"), at(5, "b"))],
  ["sealed anew by a purge on one side", entry({ content: [{ ...content("2", at(1, "a")), rewritten: at(5, "b") }] }), entry({}), vector(at(1, "a"), at(5, "b")), seen4b],
  ["sealed anew by purges on both", entry({ content: [{ ...content("2", at(1, "a")), rewritten: at(5, "b") }] }), entry({ content: [{ ...content("3", at(1, "a")), rewritten: at(5, "a") }] }), vector(at(1, "a"), at(5, "b")), vector(at(5, "a"), at(4, "b"))],
  ["purged on the other, put again since", entry({ ...dead, content: [content("2", at(5, "a"))], live: [at(5, "a")] }), undefined, vector(at(5, "a"), at(4, "b")), vector(at(1, "a"), at(6, "b"))],
  ["purged while alive, and only moved since", entry({ at: at(3, "a"), live: [at(3, "a")] }), undefined, seen3a, seen4b],
  ["purged and restored under its id", dead, entry({ at: at(6, "b"), content: [content("1", at(6, "b"))], live: [at(6, "b")] }), seen4b, vector(at(1, "a"), at(6, "b"))],
];

function makeEntryJoins(): VectorValue[] {
  const show = (one: Entry | undefined): VectorValue => (one === undefined ? null : showEntry(one));
  return entryCases.map(([name, a, b, vvA, vvB]) => ({
    name,
    a: show(a),
    b: show(b),
    vvA: showVector(vvA),
    vvB: showVector(vvB),
    joined: show(joinEntry(a, b, vvA, vvB)),
  }));
}

function makeRefusedEntries(): VectorValue[] {
  const cases: EntryCase[] = [
    ["another kind", entry({}), entry({ kind: "link" }), seen3a, seen4b],
    ["two places by one change", entry({}), entry({ name: "other" }), seen3a, seen4b],
    ["two contents by one change", put("2", at(1, "a")), put("3", at(1, "a")), seen3a, seen4b],
    [
      "two contents sealed anew by one purge",
      entry({ content: [{ ...content("2", at(1, "a")), rewritten: at(5, "b") }] }),
      entry({ content: [{ ...content("3", at(1, "a")), rewritten: at(5, "b") }] }),
      vector(at(1, "a"), at(5, "b")),
      vector(at(1, "a"), at(5, "b")),
    ],
  ];
  return cases.map(([name, a, b, vvA, vvB]) => ({
    name,
    a: showEntry(a as Entry),
    b: showEntry(b as Entry),
    vvA: showVector(vvA),
    vvB: showVector(vvB),
    code: codeOf(() => joinEntry(a, b, vvA, vvB)),
  }));
}

/** Revisions under the keys of the vectors. */
class Story {
  readonly space: TestSpace;

  constructor(seed: number) {
    const maps = vectorMaps();
    const writer = { ...maps, epoch: hashOf("an epoch"), random: bytesFrom(seeded(seed)) };
    this.space = { writer, blocks: maps.blocks };
  }

  begin(): Promise<Tip> {
    return this.change(undefined, "a", async (edit) => {
      await putFolder(edit, "/docs");
      await putFile(edit, "/docs/plan", "plan");
      await putFile(edit, "/notes", "notes");
    });
  }

  change(base: Tip | undefined, by: string, body: Parameters<typeof changeAs>[3]): Promise<Tip> {
    return changeAs(this.space, base, by, body);
  }

  async showMap(root: MapRoot): Promise<VectorValue> {
    const items = await itemsOf(this.space.writer, root);
    return items.map(([key, value]) => [toHex(key), toHex(value)]);
  }

  async show(tip: Tip): Promise<Readonly<Record<string, VectorValue>>> {
    const { state, revision } = tip;
    return {
      vv: showVector(state.vv),
      floor: showVector(state.floor),
      tree: await this.showMap(state.tree),
      removed: await this.showMap(state.removed),
      folders: await this.showMap(state.folders),
      loose: await this.showMap(state.loose),
      versions: await this.showMap(revision.versions),
      log: await this.showMap(revision.log),
      tags: await this.showMap(revision.tags),
      digest: toHex(state.digest),
      state: toHex(encodeState(state)),
      revision: toHex(encodeRevision(revision)),
      ...showLink(tip.link),
    };
  }

  async join(name: string, own: Tip, other: Tip): Promise<VectorValue> {
    const { writer, blocks } = this.space;
    const result = await joinTips(writer, blocks, own, other);
    const who = result.outcome === "must-rebase" ? { behind: result.who } : {};
    const tip = result.outcome === "merged" ? { result: await this.show(result.tip) } : {};
    const sides = { own: await this.show(own), other: await this.show(other) };
    return { name, ...sides, outcome: result.outcome, ...who, ...tip };
  }

  async rebase(name: string, own: Tip, other: Tip, by: string, isFork: boolean): Promise<VectorValue> {
    const { writer, blocks } = this.space;
    const fork = isFork
      ? await findFork(writer, own.revision, other.revision, writerOf("a"))
      : undefined;
    const as = { writer: writerOf(by), time: 60_000, ...(fork === undefined ? {} : { fork }) };
    const tip = await rebase(writer, blocks, own, other, as);
    return {
      name,
      writer: toHex(as.writer),
      time: as.time,
      fork: fork === undefined ? null : { writer: toHex(fork.writer), after: fork.after },
      own: await this.show(own),
      other: await this.show(other),
      result: await this.show(tip),
    };
  }
}

async function moveTo(edit: Parameters<typeof putFile>[0], from: string, to: string): Promise<void> {
  const { entry: found } = await resolveTarget(edit.draft, from);
  await move(edit, found as Entry, await resolveTarget(edit.draft, to), true);
}

async function makeJoins(): Promise<VectorValue[]> {
  const story = new Story(1);
  const base = await story.begin();
  const plan = await story.change(base, "a", (edit) => putFile(edit, "/docs/plan", "by a"));
  const notes = await story.change(base, "b", (edit) => putFile(edit, "/notes", "by b"));
  const conflict = await story.change(base, "b", (edit) => putFile(edit, "/docs/plan", "by b"));
  const removed = await story.change(base, "b", (edit) => removeAt(edit, "/docs"));
  const two = await story.change(base, "a", (edit) => putFolder(edit, "/more"));
  const [down, up] = [
    await story.change(two, "a", (edit) => moveTo(edit, "/docs", "/more/docs")),
    await story.change(two, "b", (edit) => moveTo(edit, "/more", "/docs/more")),
  ];
  const saved = await story.change(notes, "b", (edit) => putFile(edit, "/notes", "again"));
  const upkeep = await story.change(saved, "b", async (edit, draft) => {
    const [first] = await itemsOf(story.space.writer, base.revision.versions);
    draft.versions.delete((first as readonly [Uint8Array, Uint8Array])[0]);
    const item = { time: 5000, state: saved.revision.state };
    draft.tags.set(tagKey("März", edit.stamp), encodeLogItem(item));
  });
  const purged = await purgeRemoved(story.space, removed, "b");
  const knowing = await story.change(removed, "a", (edit) => putFile(edit, "/new"));
  const path = await story.change(plan, "a", async (edit, draft) => {
    const [item] = (await itemsOf(story.space.writer, plan.state.tree)).slice(-1);
    const [key, value] = item as readonly [Uint8Array, Uint8Array];
    const { writer, blocks } = story.space;
    const entries = [decodeEntry(key, value)];
    await purgeHistory(writer, blocks, plan, draft, edit, { entries });
  });
  const both = await story.change(plan, "b", (edit) => putFile(edit, "/more"));
  return [
    await story.join("other has seen all", base, plan),
    await story.join("own has seen all", plan, base),
    await story.join("two files", plan, notes),
    await story.join("one file: a conflict", plan, conflict),
    await story.join("a put below a removed folder: a ghost", plan, removed),
    await story.join("two moves that make a cycle", down, up),
    await story.join("a version let go of, and a tag", plan, upkeep),
    await story.join("purged by one, known to be removed by the other", knowing, purged),
    await story.join("one is behind what the other purged", plan, purged),
    await story.join("the other is behind", purged, plan),
    await story.join("a path purged out of the log", path, both),
  ];
}

async function makeRebases(): Promise<VectorValue[]> {
  const story = new Story(2);
  const base = await story.begin();
  const removed = await story.change(base, "a", async (edit) => {
    await removeAt(edit, "/notes");
    await removeAt(edit, "/docs");
  });
  const purged = await purgeRemoved(story.space, removed, "a");
  const edited = await story.change(base, "r", async (edit) => {
    await putFile(edit, "/notes", "edited");
    await putFile(edit, "/docs/new", "new");
  });
  const moved = await story.change(base, "r", (edit) => moveTo(edit, "/notes", "/moved"));
  const original = await story.change(base, "a", (edit) => putFile(edit, "/notes", "original"));
  const copy = await story.change(base, "a", async (edit, draft) => {
    await putFile(edit, "/notes", "copy");
    const item = { time: 7, state: base.revision.state };
    draft.tags.set(tagKey("monday", edit.stamp), encodeLogItem(item));
  });
  const later = await story.change(copy, "a", (edit) => putFile(edit, "/copied"));
  return [
    await story.rebase("a put of what was purged, and one below a purged folder", edited, purged, "r", false),
    await story.rebase("a move of what was purged", moved, purged, "r", false),
    await story.rebase("a forked copy gets a writer of its own", later, original, "z", true),
  ];
}

/** The vectors of FORMAT §9.2 to §9.5. */
export async function makeJoinVectors(): Promise<VectorValue> {
  return {
    about: about("§9.2 to §9.5, joins and rebases", [
      "Maps are lists of [key, value]; `state` and `revision` are payloads, `link` and `cid` those of",
      "the revision. Version records are not in the file: joining reads none.",
    ]),
    ...keyFields,
    entries: makeEntryJoins(),
    refusedEntries: makeRefusedEntries(),
    joins: await makeJoins(),
    rebases: await makeRebases(),
  };
}
