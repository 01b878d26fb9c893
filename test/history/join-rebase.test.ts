import assert from "node:assert/strict";
import { compareBytes, equalBytes, toHex } from "../../src/node/core/bytes.ts";
import { IdMap } from "../../src/node/core/id-map.ts";
import { compareStamps, type Stamp } from "../../src/node/core/stamp.ts";
import { findFork } from "../../src/node/history/fork.ts";
import { joinTips } from "../../src/node/history/join.ts";
import { purgeHistory } from "../../src/node/history/purge.ts";
import { rebase } from "../../src/node/history/rebase.ts";
import {
  decodeLogItem,
  encodeLogItem,
  parseLogKey,
  parsePurgedKey,
  parseTagKey,
  parseVersionKey,
  tagKey,
} from "../../src/node/history/revision.ts";
import { revise, type Tip } from "../../src/node/history/tip.ts";
import { resolveTarget } from "../../src/node/tree/lookup.ts";
import { move } from "../../src/node/tree/move.ts";
import { itemsOf } from "../blocks/test-maps.ts";
import { fakeLink } from "../tree/test-trees.ts";
import { fingerprint } from "./simulation/snapshot.ts";
import {
  changeAs,
  createTestSpace,
  entryAt,
  joined,
  purgeRemoved,
  putFile,
  putFolder,
  removeAt,
  type TestSpace,
  writerOf,
} from "./test-spaces.ts";

const link = (word: string): string => toHex(fakeLink(word));

describe("a rebase", () => {
  let space: TestSpace;
  /** What the copy was made of: all know it. */
  let old: Tip;
  /** The others have removed /notes and /docs since and purged them. */
  let removed: Tip;
  let purged: Tip;

  beforeEach(async () => {
    space = createTestSpace(1);
    old = await changeAs(space, undefined, "a", async (edit) => {
      await putFolder(edit, "/docs");
      await putFile(edit, "/docs/plan", "old plan");
      await putFile(edit, "/notes", "old notes");
      await putFile(edit, "/kept");
    });
    const moved = await changeAs(space, old, "a", async (edit) => {
      const { entry } = await resolveTarget(edit.draft, "/notes");
      assert.ok(entry !== undefined);
      await move(edit, entry, await resolveTarget(edit.draft, "/renamed"), false);
    });
    removed = await changeAs(space, moved, "a", async (edit) => {
      await removeAt(edit, "/renamed");
      await removeAt(edit, "/docs");
    });
    purged = await purgeRemoved(space, removed, "a");
  });

  const rebased = (own: Tip, other: Tip, letter: string): Promise<Tip> =>
    rebase(space.sealer, space.blocks, own, other, { writer: writerOf(letter), time: 1_000_000 });
  const contents = async (tip: Tip, path: string): Promise<string[]> =>
    ((await entryAt(space, tip, path))?.content ?? []).map((content) => toHex(content.link));
  const stampsOf = async (tip: Tip, path: string): Promise<Stamp[]> =>
    ((await entryAt(space, tip, path))?.content ?? []).map(({ stamp }) => stamp);

  it("keeps all that was done behind a purge, and what was purged stays away", async () => {
    const own = await changeAs(space, old, "r", (edit) => putFile(edit, "/new"));
    const tip = await rebased(own, purged, "r");
    assert.deepEqual(await contents(tip, "/new"), [link("/new")]);
    assert.deepEqual(await contents(tip, "/kept"), [link("/kept")]);
    assert.equal(await entryAt(space, tip, "/notes"), undefined);
    assert.equal(await entryAt(space, tip, "/docs"), undefined);
    const parents = [own.link.id, purged.link.id].sort(compareBytes);
    assert.deepEqual(tip.revision.parents, parents);
    assert.deepEqual(await joinTips(space.sealer, space.blocks, own, tip), {
      outcome: "behind",
      tip,
    });
    assert.deepEqual(await joinTips(space.sealer, space.blocks, purged, tip), {
      outcome: "behind",
      tip,
    });
  });

  it("leaves contents and versions under their stamps, so that nothing stands twice", async () => {
    const first = await changeAs(space, old, "r", (edit) => putFile(edit, "/new", "one"));
    const own = await changeAs(space, first, "r", (edit) => putFile(edit, "/new", "two"));
    const tip = await rebased(own, purged, "r");
    assert.deepEqual(await stampsOf(tip, "/new"), [own.revision.change?.stamp]);
    const id = (await entryAt(space, tip, "/new"))?.id ?? new Uint8Array();
    const versions = await itemsOf(space.sealer, tip.revision.versions);
    assert.equal(versions.filter(([key]) => equalBytes(parseVersionKey(key).id, id)).length, 2);
  });

  it("does not bring back what someone deleted who had it from the copy", async () => {
    // Written again under a new stamp the file would escape c's deletion.
    const own = await changeAs(space, old, "r", (edit) => putFile(edit, "/new"));
    const deleted = await changeAs(space, await joined(space, removed, own), "c", (edit) =>
      removeAt(edit, "/new"),
    );
    const tip = await rebased(own, purged, "r");
    assert.ok(await entryAt(space, tip, "/new"));
    const both = await joined(space, tip, deleted);
    assert.equal(await entryAt(space, both, "/new"), undefined);
    assert.equal(fingerprint(both), fingerprint(await joined(space, deleted, tip)));
  });

  it("keeps an edit of what was purged, and all agree where it stands", async () => {
    const own = await changeAs(space, old, "r", (edit) => putFile(edit, "/notes", "edited"));
    const tip = await rebased(own, purged, "r");
    assert.deepEqual(await contents(tip, "/notes"), [link("edited")]);
    const entry = await entryAt(space, tip, "/notes");
    const stamp = tip.revision.change?.stamp as Stamp;
    assert.deepEqual(entry?.at, stamp);
    assert.deepEqual(entry.gone, [stamp]);
    // One who kept the tombstone, at its other place, and met the copy before.
    const tombstone = await changeAs(space, removed, "c", (edit) => putFile(edit, "/more"));
    const met = await joined(space, tombstone, own);
    const ways = [
      await joined(space, tip, met),
      await joined(space, await joined(space, met, purged), tip),
      await joined(space, await joined(space, tombstone, purged), tip),
    ];
    assert.equal(new Set(ways.map(fingerprint)).size, 1);
    assert.deepEqual(await contents(ways[0] as Tip, "/notes"), [link("edited")]);
  });

  it("puts the content again of what was purged and only moved", async () => {
    const own = await changeAs(space, old, "r", async (edit) => {
      const { entry } = await resolveTarget(edit.draft, "/notes");
      assert.ok(entry !== undefined);
      await move(edit, entry, await resolveTarget(edit.draft, "/moved"), false);
    });
    const tip = await rebased(own, purged, "r");
    assert.deepEqual(await contents(tip, "/moved"), [link("old notes")]);
    const stamp = tip.revision.change?.stamp as Stamp;
    assert.deepEqual(await stampsOf(tip, "/moved"), [stamp]);
    const versions = await itemsOf(space.sealer, tip.revision.versions);
    const said = versions.filter(([key]) => compareStamps(parseVersionKey(key).stamp, stamp) === 0);
    assert.equal(said.length, 1);
  });

  it("keeps purged folders as ghosts above what it keeps", async () => {
    const own = await changeAs(space, old, "r", (edit) => putFile(edit, "/docs/new"));
    const tip = await rebased(own, purged, "r");
    assert.deepEqual(await contents(tip, "/docs/new"), [link("/docs/new")]);
    assert.deepEqual((await entryAt(space, tip, "/docs"))?.live, []);
    assert.equal(await entryAt(space, tip, "/docs/plan"), undefined);
  });

  it("may be made by the one that is ahead, and both of two meet again", async () => {
    const own = await changeAs(space, old, "r", (edit) => putFile(edit, "/notes", "edited"));
    const here = await rebased(own, purged, "r");
    const there = await rebased(purged, own, "a");
    const both = await joined(space, here, there);
    assert.equal(fingerprint(both), fingerprint(await joined(space, there, here)));
    assert.deepEqual(await contents(both, "/notes"), [link("edited")]);
  });
});

describe("a copy that went on under its writer's id", () => {
  let space: TestSpace;
  let start: Tip;
  let original: Tip;
  let copy: Tip;

  beforeEach(async () => {
    space = createTestSpace(1);
    const first = await changeAs(space, undefined, "a", (edit) => putFile(edit, "/notes", "old"));
    start = await changeAs(space, first, "a", (edit) => putFile(edit, "/both"));
    original = await changeAs(space, start, "a", (edit) => putFile(edit, "/notes", "original"));
    original = await changeAs(space, original, "a", (edit) => removeAt(edit, "/both"));
    copy = await changeAs(space, start, "a", async (edit, draft) => {
      await putFile(edit, "/notes", "copy");
      const item = { time: 7, state: start.revision.state };
      draft.tags.set(tagKey("monday", edit.stamp), encodeLogItem(item));
    });
    copy = await changeAs(space, copy, "a", (edit) => removeAt(edit, "/both"));
    copy = await changeAs(space, copy, "a", (edit) => putFile(edit, "/copied"));
  });

  const told = async (other: Tip): Promise<Tip> => {
    const fork = await findFork(space.sealer, copy.revision, other.revision, writerOf("a"));
    const as = { writer: writerOf("z"), time: 1_000_000, fork };
    return rebase(space.sealer, space.blocks, copy, other, as);
  };

  it("is found to have parted after the last change that both logs hold", async () => {
    const fork = await findFork(space.sealer, copy.revision, original.revision, writerOf("a"));
    assert.deepEqual(fork, { writer: writerOf("a"), after: 2, since: [] });
  });

  it("is told with a new id, and everything of both is there", async () => {
    const tip = await told(original);
    const notes = await entryAt(space, tip, "/notes");
    assert.deepEqual(
      notes?.content.map((content) => toHex(content.link)),
      [link("original"), link("copy")],
    );
    assert.ok(await entryAt(space, tip, "/copied"));
    assert.equal(await entryAt(space, tip, "/both"), undefined);
    assert.deepEqual(tip.revision.parents, [original.link.id]);
    const vv = new IdMap([
      [writerOf("a"), 4],
      [writerOf("z"), 6],
    ]);
    assert.deepEqual(tip.state.vv, vv);
  });

  it("carries versions and tags over, and leaves out log records whose states are forked", async () => {
    const { versions, tags, log } = (await told(original)).revision;
    const named = (stamp: Stamp): string =>
      `${String.fromCharCode(stamp.writer[0] as number)}${stamp.counter.toString()}`;
    const keysOf = async (root: typeof versions): Promise<Uint8Array[]> =>
      (await itemsOf(space.sealer, root)).map(([key]) => key);
    const of = (await keysOf(versions)).map((key) => named(parseVersionKey(key).stamp)).sort();
    assert.deepEqual(of, ["a1", "a2", "a3", "z3", "z5"]);
    assert.deepEqual((await keysOf(tags)).map(parseTagKey), [
      { name: "monday", stamp: { counter: 3, writer: writerOf("z") } },
    ]);
    const records = (await keysOf(log)).map((key) => named(parseLogKey(key)));
    assert.deepEqual(records, ["a1", "a2", "a3", "a4", "z6"]);
  });

  it("marks what both lines purged alike, and everybody agrees", async () => {
    const purgeAs = (letter: string, base: Tip, path: string, time: number): Promise<Tip> =>
      revise(
        space.sealer,
        space.blocks,
        base,
        { writer: writerOf(letter), time },
        async (draft, edit) => {
          const { entry } = await resolveTarget(draft.state, path);
          assert.ok(entry !== undefined);
          await purgeHistory(space.sealer, space.blocks, base, draft, edit, { entries: [entry] });
        },
      );
    const one = await purgeAs("a", start, "/both", 10_000);
    const other = await purgeAs("a", start, "/both", 20_000);
    const fork = await findFork(space.sealer, one.revision, other.revision, writerOf("a"));
    assert.deepEqual(fork, { writer: writerOf("a"), after: 2, since: [] });
    const as = { writer: writerOf("z"), time: 1_000_000, fork };
    const tip = await rebase(space.sealer, space.blocks, one, other, as);
    const marks = new Set<string>();
    for (const [key, value] of await itemsOf(space.sealer, tip.revision.log)) {
      if (parseLogKey(key).counter > 2) continue;
      const by = decodeLogItem(value).rewritten?.by;
      marks.add(by === undefined ? "none" : String.fromCharCode(by.writer[0] as number));
    }
    // Of the same purge under two ids the larger counts.
    assert.ok(marks.has("z") && !marks.has("a"));
    const purged = (await itemsOf(space.sealer, tip.revision.purged)).map(([key]) =>
      parsePurgedKey(key),
    );
    assert.deepEqual(
      new Set(purged.map(({ by }) => String.fromCharCode(by.writer[0] as number))),
      new Set(["a", "z"]),
    );
  });

  it("agrees with everybody who met the original before", async () => {
    const tip = await told(original);
    const third = await changeAs(space, original, "c", (edit) => putFile(edit, "/third"));
    const [here, there] = [await joined(space, tip, third), await joined(space, third, tip)];
    assert.equal(fingerprint(here), fingerprint(there));
    assert.ok(await entryAt(space, here, "/third"));
    assert.ok(await entryAt(space, here, "/copied"));
  });
});
