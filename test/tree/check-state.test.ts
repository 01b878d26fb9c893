import assert from "node:assert/strict";
import { concatBytes } from "../../src/node/core/bytes.ts";
import { IdMap } from "../../src/node/core/id-map.ts";
import { rootId } from "../../src/node/core/ids.ts";
import type { Stamp } from "../../src/node/core/stamp.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { checkState } from "../../src/node/tree/check-state.ts";
import { type Entry, encodeEntry, entryKey, lastRemoval } from "../../src/node/tree/entry.ts";
import { byEntry, place } from "../../src/node/tree/place.ts";
import { emptyState } from "../../src/node/tree/state.ts";
import { StateDraft } from "../../src/node/tree/state-draft.ts";
import { createTestMaps } from "../blocks/test-maps.ts";
import { fakeLink, testId, testWriter } from "./test-trees.ts";

const maps = createTestMaps();
const at = (counter: number): Stamp => ({ counter, writer: testWriter });

function entry(word: string, parent: Entry | undefined, more: Partial<Entry> = {}): Entry {
  return {
    id: testId(word),
    kind: "file",
    parent: parent?.id ?? rootId,
    name: word,
    at: at(1),
    content: more.kind === "folder" ? [] : [{ stamp: at(1), link: fakeLink(word) }],
    live: [at(1)],
    ...more,
  };
}

const folder = { kind: "folder" } as const;
const dead = { live: [], gone: [at(3)] };
const docs = entry("docs", undefined, folder);
const note = entry("note", docs);
const ghost = entry("ghost", docs, { ...folder, ...dead });
const below = entry("below", ghost);
const gone = entry("gone", docs, { ...folder, ...dead });
const orphan = entry("orphan", entry("nowhere", undefined));
const deadOrphan = entry("dead orphan", entry("nowhere", undefined), dead);
const one = entry("one", entry("two", undefined), folder);
const two = entry("two", one, { ...folder, at: at(2), live: [at(2)] });
const all = [docs, note, ghost, below, gone, orphan, deadOrphan, one, two];

/** A state of these entries, as a writer makes it. */
async function draftOf(entries: readonly Entry[]): Promise<StateDraft> {
  const draft = new StateDraft(maps, emptyState);
  await place(draft, byEntry(entries.map((next) => ({ next }))));
  draft.see(at(9));
  return draft;
}

async function problemsOf(draft: StateDraft, digest?: Uint8Array): Promise<string[]> {
  const { digest: own } = await draft.flush(maps.blocks);
  const problems: string[] = [];
  for await (const problem of checkState(nodePrimitives, draft, digest ?? own)) {
    problems.push(problem.replace(/ \([0-9a-f]{32}\)/u, ""));
  }
  return problems;
}

describe("checkState", () => {
  it("finds nothing in what a writer makes", async () => {
    assert.deepEqual(await problemsOf(await draftOf([])), []);
    assert.deepEqual(await problemsOf(await draftOf(all)), []);
    assert.deepEqual(lastRemoval(ghost), at(3));
  });

  /** Puts another entry in the place of one, as it stands. */
  const swap = async (draft: StateDraft, old: Entry, next: Entry, standsIn = old.parent) => {
    await draft.take("tree", standsIn, old);
    draft.insert("tree", standsIn, next);
  };

  const faults: [string, (draft: StateDraft) => Promise<void> | void, RegExp[]][] = [
    [
      "an entry in both maps",
      (draft) => {
        draft.insert("removed", note.parent, { ...note, ...dead });
      },
      [/"note" stands twice/u],
    ],
    [
      "a placement that was not seen",
      (draft) => swap(draft, note, { ...note, at: at(10) }),
      [/"note" bears a stamp/u],
    ],
    [
      "a content that was not seen",
      (draft) => swap(draft, note, { ...note, content: [{ stamp: at(10), link: fakeLink("x") }] }),
      [/"note" bears a stamp/u],
    ],
    [
      "a purge of a content that was not seen",
      (draft) => {
        const content = note.content.map((each) => ({ ...each, rewritten: at(10) }));
        return swap(draft, note, { ...note, content });
      },
      [/"note" bears a stamp/u],
    ],
    [
      "a removal that was not seen",
      (draft) => swap(draft, note, { ...note, gone: [at(10)] }),
      [/"note" bears a stamp/u],
    ],
    [
      "a life that was not seen",
      (draft) => swap(draft, note, { ...note, live: [at(10)] }),
      [/"note" bears a stamp/u],
    ],
    [
      "a file without content",
      (draft) => swap(draft, note, { ...note, content: [] }),
      [/"note" has no content/u],
    ],
    [
      "a symbolic link without content",
      (draft) => swap(draft, note, { ...note, kind: "link", content: [] }),
      [/"note" has no content/u],
    ],
    [
      "a folder with another place among the folders",
      (draft) => {
        draft.setFolder(docs.id, { ...docs, name: "other" });
      },
      [/"docs" has another place/u],
    ],
    [
      "a folder with no place",
      (draft) => {
        draft.setFolder(gone.id, undefined);
      },
      [/"gone" has another place among the folders, or none/u],
    ],
    [
      "a place of no folder",
      (draft) => {
        draft.setFolder(testId("no folder"), docs);
      },
      [/^the folder [0-9a-f]{32} has a place and no entry$/u],
    ],
    [
      "a dead folder that is visible for nothing",
      async (draft) => {
        await draft.take("removed", gone.parent, gone);
        draft.insert("tree", gone.parent, gone);
      },
      [/"gone" is dead and nothing stands in it/u],
    ],
    [
      "a dead folder that is not visible though something stands in it",
      async (draft) => {
        await draft.take("tree", ghost.parent, ghost);
        draft.insert("removed", ghost.parent, ghost);
      },
      [/"ghost" is removed and something stands in it/u],
    ],
    [
      "what is loose and not marked",
      (draft) => {
        draft.setLoose(orphan, false);
      },
      [/"orphan" is not marked/u],
    ],
    [
      "what is dead, loose and not marked",
      (draft) => {
        draft.setLoose(deadOrphan, false);
      },
      [/"dead orphan" is not marked/u],
    ],
    [
      "what is marked and not loose",
      (draft) => {
        draft.setLoose(note, true);
      },
      [/^the entry [0-9a-f]{32} is marked/u],
    ],
    [
      "a mark that holds something",
      (draft) => {
        draft.loose.set(concatBytes(orphan.parent, orphan.id), Uint8Array.of(1));
      },
      [/^the entry [0-9a-f]{32} is marked/u],
    ],
    [
      "what stands at the root though its folder is there",
      async (draft) => {
        await draft.take("tree", note.parent, note);
        draft.insert("tree", rootId, note);
      },
      [/"note" stands in the wrong folder/u],
    ],
    [
      "a cycle broken at the wrong folder",
      async (draft) => {
        await draft.take("tree", rootId, two);
        draft.insert("tree", two.parent, two);
      },
      [/"two" stands in the wrong folder/u],
    ],
    [
      "a file as a parent",
      (draft) => {
        const inside = entry("inside", note);
        draft.insert("tree", rootId, inside);
        draft.setLoose(inside, true);
      },
      [/"inside" is meant to stand in what is no folder/u],
    ],
    [
      "a floor above all that was seen",
      (draft) => {
        draft.raiseFloor(new IdMap([[testWriter, 10]]));
      },
      [/the floor of the tree is above/u],
    ],
    [
      "an item that the digest does not count",
      (draft) => {
        const more = entry("more", docs);
        draft.tree.set(entryKey(docs.id, more.name, more.id), encodeEntry(more, docs.id));
      },
      [/the digest of the tree/u],
    ],
  ];

  for (const [name, spoil, expected] of faults) {
    it(`finds ${name}`, async () => {
      const draft = await draftOf(all);
      await spoil(draft);
      const problems = await problemsOf(draft);
      assert.equal(problems.length, expected.length, problems.join("; "));
      expected.forEach((sentence, i) => {
        assert.match(problems[i] ?? "", sentence);
      });
    });
  }

  it("names the entry by its name and its id", async () => {
    const draft = await draftOf([note]);
    draft.setLoose(note, false);
    const { digest } = await draft.flush(maps.blocks);
    for await (const problem of checkState(nodePrimitives, draft, digest)) {
      assert.match(problem, /^the entry "note" \([0-9a-f]{32}\) is not marked/u);
    }
  });
});
