import { IdMap } from "../../../../src/node/core/id-map.ts";
import type { EncodedRecordLink } from "../../../../src/node/blocks/link.ts";
import { asBlockId, asEntryId, rootId } from "../../../../src/node/core/ids.ts";
import type { Stamp } from "../../../../src/node/core/stamp.ts";
import { nameDevice } from "../../../../src/node/history/device-names.ts";
import { joinEntry } from "../../../../src/node/history/join-entry.ts";
import { purgeHistory } from "../../../../src/node/history/purge.ts";
import { encodeLogItem, encodePurged, purgedKey, tagKey } from "../../../../src/node/history/revision.ts";
import type { Tip } from "../../../../src/node/history/tip.ts";
import { decodeEntry, type Entry, type EntryContent } from "../../../../src/node/tree/entry.ts";
import { resolveTarget } from "../../../../src/node/tree/lookup.ts";
import { put } from "../../../../src/node/tree/put.ts";
import type { VersionVector } from "../../../../src/node/tree/version-vector.ts";
import { itemsOf } from "../../../blocks/test-maps.ts";
import { purgeRemoved, putFile, putFolder, removeAt, writerOf } from "../../../history/test-spaces.ts";
import { about, codeOf, hashOf, keyFields } from "../common.make.ts";
import { makeMalformed } from "./malformed-records.make.ts";
import { makeReceived } from "./received.make.ts";
import { showEntry } from "../states/entry-words.make.ts";
import { moveTo, showVector, Story } from "./story.make.ts";
import { makeToldAnew } from "./told-anew.make.ts";
import type { VectorValue } from "../../vector-file.ts";

const at = (counter: number, letter: string): Stamp => ({ counter, writer: writerOf(letter) });
const id = (word: string) => asEntryId(hashOf(word).subarray(0, 16));
const link = (word: string): EncodedRecordLink => new Uint8Array(65).fill(word.charCodeAt(0)).fill(1, 0, 1) as EncodedRecordLink;
const content = (word: string, stamp: Stamp) => ({ stamp, link: link(word) });

function vector(...seen: readonly Stamp[]): VersionVector {
  return new IdMap(seen.map(({ counter, writer }) => [writer, counter]));
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

const putOf = (word: string, stamp: Stamp): Entry =>
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
  ["two puts are a conflict", putOf("2", at(3, "a")), putOf("3", at(4, "b")), seen3a, seen4b],
  ["a put against nothing new", putOf("2", at(3, "a")), entry({}), seen3a, seen4b],
  ["a put beats a removal", putOf("2", at(3, "a")), dead, seen3a, seen4b],
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
  ["new on one side", putOf("2", at(3, "a")), undefined, seen3a, vector(at(4, "b"))],
  ["purged on the other", dead, undefined, seen4b, vector(at(1, "a"), at(5, "b"))],
  ["sealed anew by a purge on one side", entry({ content: [{ ...content("2", at(1, "a")), rewritten: at(5, "b") }] }), entry({}), vector(at(1, "a"), at(5, "b")), seen4b],
  ["sealed anew by purges on both", entry({ content: [{ ...content("2", at(1, "a")), rewritten: at(5, "b") }] }), entry({ content: [{ ...content("3", at(1, "a")), rewritten: at(5, "a") }] }), vector(at(1, "a"), at(5, "b")), vector(at(5, "a"), at(4, "b"))],
  ["purged on the other, put again since", entry({ ...dead, content: [content("2", at(5, "a"))], live: [at(5, "a")] }), undefined, vector(at(5, "a"), at(4, "b")), vector(at(1, "a"), at(6, "b"))],
  ["purged while alive, and only moved since", entry({ at: at(3, "a"), live: [at(3, "a")] }), undefined, seen3a, seen4b],
  ["removed on one side alone, which the other has not seen", dead, undefined, seen4b, vector(at(3, "c"))],
  ["removed on one side alone, of which the other has not seen the removal", dead, undefined, seen4b, seen3a],
  [
    "on one side alone, alive by two of which the other has seen one",
    entry({ live: [at(1, "a"), at(4, "b")] }),
    undefined,
    seen4b,
    seen3a,
  ],
  [
    "on one side alone, only moved there by what the other has not seen",
    entry({ at: at(4, "b"), live: [at(3, "a")], name: "moved" }),
    undefined,
    vector(at(3, "a"), at(4, "b")),
    seen3a,
  ],
  [
    "on one side alone, dead, with one of two contents that the other has not seen",
    entry({ live: [], gone: [at(3, "a")], content: [content("1", at(1, "a")), content("2", at(4, "b"))] }),
    undefined,
    vector(at(3, "a"), at(4, "b")),
    seen3a,
  ],
  [
    "alive by two on both, of which one side has seen another and let go of it",
    entry({ live: [at(1, "a"), at(3, "a")] }),
    entry({ live: [at(1, "a"), at(4, "b")] }),
    vector(at(3, "a"), at(4, "b")),
    vector(at(1, "a"), at(4, "b")),
  ],
  [
    "a put that has seen one of two contents",
    entry({ content: [content("2", at(3, "a")), content("3", at(4, "b"))], live: [at(3, "a"), at(4, "b")] }),
    entry({ content: [content("4", at(5, "c"))], live: [at(5, "c")] }),
    vector(at(3, "a"), at(4, "b")),
    vector(at(3, "a"), at(5, "c")),
  ],
  [
    "a removal that one side lets go of and one of its own",
    entry({ live: [], gone: [at(3, "a"), at(4, "b")] }),
    entry({ live: [], gone: [at(4, "b"), at(5, "c")] }),
    vector(at(3, "a"), at(4, "b")),
    vector(at(3, "a"), at(4, "b"), at(5, "c")),
  ],
  [
    "in both, though neither says that it has seen it",
    entry({ live: [at(1, "a"), at(9, "c")], gone: [at(9, "c")] }),
    entry({ live: [at(1, "a"), at(9, "c")], gone: [at(9, "c")] }),
    seen3a,
    seen4b,
  ],
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
    ["two folders by one change", entry({}), entry({ parent: id("folder") }), seen3a, seen4b],
    ["two contents by one change", putOf("2", at(1, "a")), putOf("3", at(1, "a")), seen3a, seen4b],
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
    const [first] = await itemsOf(story.space.sealer, base.revision.versions);
    draft.versions.delete((first as readonly [Uint8Array, Uint8Array])[0]);
    const item = { time: 5000, state: saved.revision.state };
    draft.tags.set(tagKey("März", edit.stamp), encodeLogItem(item));
  });
  const purged = await purgeRemoved(story.space, removed, "b");
  const knowing = await story.change(removed, "a", (edit) => putFile(edit, "/new"));
  const path = await story.change(plan, "a", async (edit, draft) => {
    const [item] = (await itemsOf(story.space.sealer, plan.state.tree)).slice(-1);
    const [key, value] = item as readonly [Uint8Array, Uint8Array];
    const { sealer, blocks } = story.space;
    const entries = [decodeEntry(key, value)];
    await purgeHistory(sealer, blocks, plan, draft, edit, { entries });
  });
  const both = await story.change(plan, "b", (edit) => putFile(edit, "/more"));
  const times = await story.change(base, "a", async (edit) => {
    await put(edit, await resolveTarget(edit.draft, "/times"), { kind: "folder", link: link("t") });
  });
  const timed = await story.change(times, "a", (edit) => removeAt(edit, "/times"));
  const below = await story.change(times, "b", (edit) => putFile(edit, "/times/file", "a file"));
  const moved = await story.change(base, "b", (edit) => moveTo(edit, "/notes", "/moved"));
  const gone = await story.purge(base, "a", "/notes");
  const marked = await story.change(base, "a", async (edit, draft) => {
    await moveTo(edit, "/notes", "/by a");
    const { entry } = await resolveTarget(edit.draft, "/by a");
    const [put] = (entry as Entry).content;
    const key = purgedKey({ id: (entry as Entry).id, stamp: (put as EntryContent).stamp, by: edit.stamp });
    draft.purged.set(key, encodePurged([asBlockId(hashOf("a block"))]));
  });
  const c = await story.change(base, "c", (edit) => putFile(edit, "/by c"));
  const name = (base: Tip, by: string, device: string, text: string) =>
    story.change(base, by, (edit, draft) => nameDevice(draft, edit.stamp, hashOf(device), text));
  const named = await name(await name(base, "a", "device a", "a"), "a", "device b", "b");
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
    await story.join("a ghost that has content", timed, below),
    await story.join("a move of what the other purged out of the past: its version stays", moved, gone),
    await story.join("a mark of a purge on what both have: it stays", marked, moved),
    await story.join("two merges of the same by other ways: one's own stays", await story.joined(await story.joined(plan, notes), c), await story.joined(plan, await story.joined(notes, c))),
    await story.join("names of devices", await name(named, "a", "device a", "renamed by a"), await name(named, "b", "device a", "renamed by b")),
    await story.join("two that have seen the same and differ", plan, await story.change(base, "a", (edit) => putFile(edit, "/docs/plan", "by another"))),
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
  const many = new Story(3);
  const start = await many.change(await many.begin(), "a", async (edit) => {
    await put(edit, await resolveTarget(edit.draft, "/times"), { kind: "folder", link: link("t") });
  });
  const two = await many.joined(
    await many.change(start, "a", (edit) => putFile(edit, "/notes", "by a")),
    await many.change(start, "b", (edit) => putFile(edit, "/notes", "by b")),
  );
  const letGo = await purgeRemoved(
    many.space,
    await many.change(two, "a", async (edit) => {
      for (const path of ["/notes", "/times"]) await removeAt(edit, path);
    }),
    "a",
  );
  const held = await many.change(two, "r", (edit) => moveTo(edit, "/notes", "/moved"));
  const three = await many.joined(
    two,
    await many.change(start, "r", async (edit) => {
      await putFile(edit, "/notes", "by r");
      await putFile(edit, "/times/file", "a file");
    }),
  );
  const bothPurge = await makeForkedPurges();
  const apart = new Story(5);
  const known = await apart.change(await apart.begin(), "a", (edit) => removeAt(edit, "/notes"));
  const dropped = await purgeRemoved(
    apart.space,
    await apart.change(known, "a", (edit) => removeAt(edit, "/docs")),
    "a",
  );
  const inside = await apart.change(known, "r", (edit) => putFile(edit, "/docs/new"));
  const absent = new Story(6);
  const filled = await absent.begin();
  const emptied = await absent.change(filled, "a", async (edit) => {
    await moveTo(edit, "/docs/plan", "/plan");
    await removeAt(edit, "/docs");
  });
  const into = await absent.change(filled, "b", (edit) => moveTo(edit, "/notes", "/docs/notes"));
  const looseThere = await absent.joined(
    await purgeRemoved(absent.space, emptied, "a"),
    await absent.joined(emptied, into),
  );
  const unaware = await absent.change(filled, "r", (edit) => putFile(edit, "/by r"));
  return [
    ...bothPurge,
    await absent.rebase("what the other side has loose, whose folder is purged there and known here", unaware, looseThere, "r", false),
    await many.rebase("two contents that the other side has purged, and only moved since: the shown one is put again", held, letGo, "r", false),
    await many.rebase("three contents of which the other side has seen two; a purged folder with content above a new file", three, letGo, "r", false),
    await many.rebase("the same by the side that has purged", letGo, three, "a", false),
    await story.rebase("a put of what was purged, and one below a purged folder", edited, purged, "r", false),
    await story.rebase("a move of what was purged", moved, purged, "r", false),
    await apart.rebase("a new file below a purged folder, by the side that has purged more beside it", dropped, inside, "a", false),
    await story.rebase("a forked copy gets a writer of its own", later, original, "z", true),
  ];
}

/** Two lines of one writer that made the same purge at the same counter. */
async function makeForkedPurges(): Promise<VectorValue[]> {
  const story = new Story(4);
  const base = await story.begin();
  const one = await story.purge(base, "a", "/notes");
  const same = await story.purge(base, "a", "/notes", 9000);
  const later = await story.change(same, "b", (edit) => putFile(edit, "/by b"));
  return [await story.rebase("a forked copy whose other line purged the same at the same counter", one, later, "z", true)];
}

/** The vectors of FORMAT §13.1 to §13.3. */
export async function makeJoinVectors(): Promise<VectorValue> {
  return {
    about: about("§13.1 to §13.3, joins and rebases", [
      "Maps are lists of [key, value]; `state` and `revision` are payloads, `link` and `cid` those of",
      "the revision. Version records are not in the file: joining reads none. `received` tells what a",
      "store that writes as `writer` makes of `other`, beside `own`, by §13.1; `beneath` is what was",
      "joined before §13.4. Of the writers in `foreign` who tells of `other` has a head that is none of",
      "the store's own chain. The block `missing` is not at hand; `failed` says so, and refuses nothing.",
    ]),
    ...keyFields,
    entries: makeEntryJoins(),
    refusedEntries: makeRefusedEntries(),
    joins: await makeJoins(),
    rebases: await makeRebases(),
    received: [...(await makeReceived()), ...(await makeToldAnew()), ...(await makeMalformed())],
  };
}
