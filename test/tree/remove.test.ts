import assert from "node:assert/strict";
import { type EntryId, rootId } from "../../src/node/core/ids.ts";
import { bury, newEntryId } from "../../src/node/tree/edit.ts";
import type { Entry, EntryKind } from "../../src/node/tree/entry.ts";
import { byEntry, place } from "../../src/node/tree/place.ts";
import { descendants, remove } from "../../src/node/tree/remove.ts";
import { emptyState, type State } from "../../src/node/tree/state.ts";
import { StateDraft } from "../../src/node/tree/state-draft.ts";
import { seeded } from "../blocks/random.ts";
import { createTestMaps } from "../blocks/test-maps.ts";
import { checkState, fakeLink, nextEdit, readAll } from "./test-trees.ts";

const maps = createTestMaps({ cacheBytes: 2 ** 26 });

/** A folder with 1,800 files in it and below, among them some whose own folder is dead. */
async function largeFolder(): Promise<{ state: State; top: Entry }> {
  const draft = new StateDraft(maps, emptyState);
  const edit = nextEdit(draft, seeded(1));
  const made: Entry[] = [];
  const make = (parent: EntryId, name: string, kind: EntryKind, more: Partial<Entry> = {}) => {
    const content = [{ stamp: edit.stamp, link: fakeLink(name) }];
    const at = edit.stamp;
    const id = newEntryId(edit);
    const entry: Entry = { id, kind, parent, name, at, content, live: [at], ...more };
    made.push(entry);
    return entry;
  };
  const top = make(rootId, "top", "folder");
  for (let i = 0; i < 30; i++) {
    const dead = i % 7 === 3 ? { live: [], gone: [edit.stamp] } : {};
    const folder = make(top.id, `${i.toString()} folder`, "folder", dead);
    const inner = make(folder.id, "inner", "folder");
    for (let j = 0; j < 20; j++) {
      make(top.id, `${i.toString()}.${j.toString()}`, "file");
      make(folder.id, j.toString(), "file");
      make(inner.id, j.toString(), "link");
    }
  }
  make(rootId, "other", "file");
  await place(draft, byEntry(made.map((next) => ({ next }))));
  return { state: await draft.flush(maps.blocks), top };
}

describe("removing a large folder", () => {
  it("goes in runs that can be sealed, and comes to the same as at once", async () => {
    const { state, top } = await largeFolder();
    const atOnce = new StateDraft(maps, state);
    const edit = nextEdit(atOnce, seeded(2));
    const all = [bury(edit, top)];
    for await (const each of descendants(atOnce, top.id)) all.push(bury(edit, each));
    await place(atOnce, byEntry(all));

    const draft = new StateDraft(maps, state);
    let left = all.length;
    let runs = 0;
    const count = await remove(nextEdit(draft, seeded(3)), top, true, async () => {
      await draft.tree.flush(maps.blocks);
      await draft.removed.flush(maps.blocks);
      const before = left;
      left = 0;
      for await (const [key] of draft.tree.range(new Uint8Array(0))) left += Math.sign(key.length);
      assert.ok(before - left <= 500, `${(before - left).toString()} went in one run`);
      runs++;
    });
    assert.ok(runs >= 3, runs.toString());
    assert.equal(count, all.length);
    await checkState(draft);
    assert.deepEqual((await readAll(draft)).state, (await readAll(atOnce)).state);
    assert.deepEqual(await draft.flush(maps.blocks), await atOnce.flush(maps.blocks));
    assert.equal((await readAll(draft)).state.tree.size, 1);
  });

  it("that is not to be emptied leaves it as it is", async () => {
    const { state, top } = await largeFolder();
    const draft = new StateDraft(maps, state);
    await assert.rejects(remove(nextEdit(draft, seeded(2)), top, false), /is not empty/u);
    assert.deepEqual((await draft.flush(maps.blocks)).tree, state.tree);
  });
});
