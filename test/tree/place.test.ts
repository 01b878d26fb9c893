import assert from "node:assert/strict";
import { toBinaryString } from "../../src/node/core/bytes.ts";
import { IdMap, type ReadonlyIdMap } from "../../src/node/core/id-map.ts";
import { type EntryId, rootId } from "../../src/node/core/ids.ts";
import type { Stamp } from "../../src/node/core/stamp.ts";
import type { Entry } from "../../src/node/tree/entry.ts";
import { byEntry, type EntryChange, place } from "../../src/node/tree/place.ts";
import { emptyState } from "../../src/node/tree/state.ts";
import { StateDraft } from "../../src/node/tree/state-draft.ts";
import { below, isLong, pick, type Random, seeded } from "../blocks/random.ts";
import { refuses } from "../blocks/refuses.ts";
import { createTestMaps } from "../blocks/test-maps.ts";
import { checkState, fakeLink, readAll, reopen, testId, testWriter } from "./test-trees.ts";

const ids = Array.from({ length: 9 }, (_, i) => testId(`entry ${i.toString()}`));
const never = testId("a folder that never was");

function randomEntry(random: Random, id: EntryId, stamp: Stamp, kind: Entry["kind"]): Entry {
  const parent = pick(random, [rootId, rootId, never, ...ids]);
  return {
    id,
    kind,
    parent,
    name: pick(random, ["a", "b", "c"]),
    at: stamp,
    content: kind === "file" ? [{ stamp, link: fakeLink(random().toString()) }] : [],
    live: random() < 0.5 ? [stamp] : [],
    ...(random() < 0.3 ? { gone: [stamp] } : {}),
  };
}

/** What a join may come to: any set of entries, whatever verbs could have made it. */
function randomChanges(random: Random, entries: ReadonlyIdMap<EntryId, Entry>) {
  const changes = new IdMap<EntryId, EntryChange>();
  for (let i = 0; i <= below(random, 4); i++) {
    const id = pick(random, ids);
    const old = entries.get(id);
    // Not rising: a join brings what is older than what stands.
    const stamp = { counter: 1 + below(random, 10_000), writer: testWriter };
    const fresh = randomEntry(random, id, stamp, random() < 0.7 ? "folder" : "file");
    const choice = random();
    if (old === undefined) changes.set(id, { next: fresh });
    else if (choice < 0.2) changes.set(id, { old });
    else if (choice < 0.5) {
      const live = old.live.length > 0 ? [] : [stamp];
      changes.set(id, { old, next: { ...old, live } });
    } else changes.set(id, { old, next: { ...fresh, kind: old.kind } });
  }
  return changes;
}

describe("placement", () => {
  it("of any entries is a function of them alone: loose ones, cycles and ghosts included", async () => {
    const seen = { loose: 0, ghosts: 0 };
    for (let seed = 0; seed < (isLong ? 5000 : 30); seed++) {
      const random = seeded(seed);
      const maps = createTestMaps({ cacheBytes: 2 ** 26, fanoutBits: 1 });
      let draft = new StateDraft(maps, emptyState);
      const entries = new IdMap<EntryId, Entry>();
      for (let step = 1; step <= 25; step++) {
        const changes = randomChanges(random, entries);
        for (const [id, { next }] of changes) {
          if (next === undefined) entries.delete(id);
          else entries.set(id, next);
        }
        await place(draft, changes);
        const found = await readAll(draft);
        const names = [...entries].map(([id, entry]) => [toBinaryString(id), entry]);
        assert.deepEqual([...found.entries].sort(), names.sort());
        await checkState(draft);
        seen.loose += found.state.loose.size;
        for (const [id, { live }] of entries) {
          if (live.length > 0) continue;
          const name = toBinaryString(id);
          for (const key of found.state.tree.keys()) if (key.endsWith(name)) seen.ghosts++;
        }
        if (random() < 0.5) {
          const opened = await reopen(maps, draft);
          draft = opened.draft;
          await checkState(draft, opened.digest);
        }
      }
    }
    assert.ok(seen.loose > 200 && seen.ghosts > 200);
  });

  it("of one set of entries is one state, whatever the way to it", async () => {
    for (let seed = 0; seed < (isLong ? 1000 : 20); seed++) {
      const random = seeded(seed + 99);
      const maps = createTestMaps({ cacheBytes: 2 ** 26 });
      const draft = new StateDraft(maps, emptyState);
      const entries = new IdMap<EntryId, Entry>();
      for (let step = 1; step <= 20; step++) {
        const changes = randomChanges(random, entries);
        for (const [id, { next }] of changes) {
          if (next === undefined) entries.delete(id);
          else entries.set(id, next);
        }
        await place(draft, changes);
      }
      const atOnce = new StateDraft(maps, emptyState);
      await place(atOnce, byEntry(Array.from(entries.values(), (next) => ({ next }))));
      assert.deepEqual(await atOnce.flush(maps.blocks), await draft.flush(maps.blocks));
    }
  });

  it("refuses an entry that is not what it was when it was read", async () => {
    const maps = createTestMaps();
    const draft = new StateDraft(maps, emptyState);
    const [id] = ids as [EntryId];
    const stamp = { counter: 1, writer: testWriter };
    const made = { ...randomEntry(seeded(1), id, stamp, "file"), parent: rootId, live: [stamp] };
    await place(draft, byEntry([{ next: made }]));
    const stale = { ...made, at: { ...stamp, counter: 9 } };
    const message = /is not what it was when it was read/u;
    await refuses(() => place(draft, byEntry([{ old: stale }])), "unexpected", message);
    const elsewhere = { ...made, name: "elsewhere" };
    await refuses(() => place(draft, byEntry([{ old: elsewhere }])), "unexpected", message);
    const dead = { ...made, live: [] };
    await refuses(() => place(draft, byEntry([{ old: dead }])), "unexpected", message);
    await checkState(draft);
  });

  const folder = (id: EntryId, parent: EntryId, name: string, counter: number): Entry => {
    const at = { counter, writer: testWriter };
    return { id, kind: "folder", parent, name, at, content: [], live: [at] };
  };
  const toRoot = (entry: Entry, counter: number): Entry => ({
    ...entry,
    parent: rootId,
    at: { counter, writer: testWriter },
  });

  it("puts the youngest folder of a cycle at the root, and back when the cycle is broken", async () => {
    const draft = new StateDraft(createTestMaps(), emptyState);
    const [a, b] = ids as [EntryId, EntryId];
    const [inB, inA] = [folder(a, b, "a", 2), folder(b, a, "b", 1)];
    await place(draft, byEntry([{ next: inB }, { next: inA }]));
    const { state } = await readAll(draft);
    assert.deepEqual([...state.loose.keys()], [toBinaryString(b) + toBinaryString(a)]);
    await checkState(draft);
    await place(draft, byEntry([{ old: inA, next: toRoot(inA, 3) }]));
    assert.equal((await readAll(draft)).state.loose.size, 0);
    await checkState(draft);
  });

  it("shows a dead folder once what broke a cycle comes back to stand in it", async () => {
    const draft = new StateDraft(createTestMaps(), emptyState);
    const [a, b, c] = ids as [EntryId, EntryId, EntryId];
    const top = folder(a, b, "top", 9);
    const dead = { ...folder(b, c, "dead", 1), live: [] };
    const last = folder(c, a, "last", 2);
    await place(draft, byEntry([{ next: top }, { next: dead }, { next: last }]));
    assert.equal((await readAll(draft)).state.removed.size, 1);
    await checkState(draft);
    await place(draft, byEntry([{ old: last, next: toRoot(last, 10) }]));
    assert.equal((await readAll(draft)).state.removed.size, 0);
    await checkState(draft);
  });
});
