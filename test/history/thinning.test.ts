import assert from "node:assert/strict";
import { findFork, isForked } from "../../src/node/history/fork.ts";
import { leftOutAt, stateAt } from "../../src/node/history/moment.ts";
import { letGo } from "../../src/node/history/retention.ts";
import {
  decodeLogItem,
  encodeLogItem,
  parseLogKey,
  tagKey,
} from "../../src/node/history/revision.ts";
import { thin } from "../../src/node/history/thinning.ts";
import { type RevisionDraft, revise, type Tip } from "../../src/node/history/tip.ts";
import type { Edit } from "../../src/node/tree/edit.ts";
import { find, resolveTarget } from "../../src/node/tree/lookup.ts";
import { move } from "../../src/node/tree/move.ts";
import { viewState } from "../../src/node/tree/state-view.ts";
import { itemsOf } from "../blocks/test-maps.ts";
import { createTestSpace, joined, putFile, putFolder, removeAt, writerOf } from "./test-spaces.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const start = Date.UTC(2026, 0, 1, 9);

type Body = (edit: Edit, draft: RevisionDraft) => Promise<unknown>;

/** A space whose writers change it at given seconds from the start. */
function createWork() {
  const space = createTestSpace();
  const { sealer, blocks } = space;
  const change = (base: Tip | undefined, by: string, seconds: number, body: Body): Promise<Tip> =>
    revise(
      sealer,
      blocks,
      base,
      { writer: writerOf(by), time: start + seconds * 1000 },
      async (draft, edit) => {
        await body(edit, draft);
      },
    );
  return {
    space,
    change,
    /** Saves a file at each of some seconds. */
    save: async (base: Tip | undefined, by: string, ...seconds: number[]): Promise<Tip> => {
      let tip = base;
      for (const second of seconds) {
        tip = await change(tip, by, second, (edit) => putFile(edit, "/f", second.toString()));
      }
      return tip ?? assert.fail("nothing is saved");
    },
    thinned: (tip: Tip, by: string, now: number): Promise<Tip> =>
      revise(sealer, blocks, tip, { writer: writerOf(by), time: now }, async (draft, { stamp }) => {
        const step = (): Promise<void> => Promise.resolve();
        await thin(draft, sealer, tip, { writer: writerOf(by), stamp, now, step });
      }),
    /** The seconds of the states that are kept. */
    kept: async (tip: Tip): Promise<number[]> => {
      const items = await itemsOf(sealer, tip.revision.log);
      return items
        .map(([, value]) => decodeLogItem(value))
        .filter(({ state }) => state !== undefined)
        .map(({ time }) => (time - start) / 1000)
        .sort((a, b) => a - b);
    },
  };
}

const soon = start + 30 * minuteMs;
const late = start + 3 * hourMs;

describe("thinning", () => {
  it("keeps the last state of each minute of the last hour, of each ten minutes before, and all versions", async () => {
    const { space, save, thinned, kept } = createWork();
    const tip = await save(undefined, "a", 0, 1, 2, 59, 60, 61, 125, 700, 710, 1300);
    const before = await itemsOf(space.sealer, tip.revision.versions);
    const minutes = await thinned(tip, "a", soon);
    assert.deepEqual(await kept(minutes), [0, 59, 61, 125, 710, 1300, 1800]);
    const tens = await thinned(minutes, "a", late);
    assert.deepEqual(await kept(tens), [0, 125, 710, 1300, 1800, 10_800]);
    assert.deepEqual(await itemsOf(space.sealer, tens.revision.versions), before);
    assert.equal((await itemsOf(space.sealer, tens.revision.log)).length, 12);
  });

  it("leaves a window alone that is not over", async () => {
    const { save, thinned, kept } = createWork();
    const tip = await save(undefined, "a", 0, 1, 2, 3);
    assert.deepEqual(await kept(await thinned(tip, "a", start + 59_999)), [0, 1, 2, 3, 59.999]);
  });

  const landmarks: readonly [what: string, Body][] = [
    ["a removal", (edit) => removeAt(edit, "/g")],
    [
      "a move",
      async (edit) => {
        const { entry } = await resolveTarget(edit.draft, "/g");
        assert.ok(entry !== undefined);
        await move(edit, entry, await resolveTarget(edit.draft, "/h"), false);
      },
    ],
    ["a restore", (edit) => putFile(edit, "/g", "first")],
    [
      "very many changes",
      async (edit) => {
        for (let i = 0; i < 101; i++) await putFile(edit, `/many ${i.toString()}`);
      },
    ],
  ];
  for (const [what, body] of landmarks) {
    it(`keeps the states before and after ${what} for 30 days`, async () => {
      const { change, save, thinned, kept } = createWork();
      let tip = await change(undefined, "a", 0, (edit) => putFile(edit, "/g", "first"));
      tip = await change(tip, "a", 1, (edit) => putFile(edit, "/g", "second"));
      tip = await save(tip, "a", 2, 3);
      tip = await change(tip, "a", 4, body);
      tip = await save(tip, "a", 5, 6);
      const then = await thinned(tip, "a", late);
      assert.deepEqual(await kept(then), [0, 3, 4, 6, 10_800]);
      const later = await thinned(then, "a", start + 31 * dayMs);
      assert.deepEqual(await kept(later), [0, 6, 10_800, 31 * 86_400]);
    });
  }

  it("takes a new folder with a file in it for a save", async () => {
    const { change, save, thinned, kept } = createWork();
    let tip = await save(undefined, "a", 0, 1);
    tip = await change(tip, "a", 2, async (edit) => {
      await putFolder(edit, "/new");
      await putFile(edit, "/new/file");
    });
    tip = await save(tip, "a", 3);
    assert.deepEqual(await kept(await thinned(tip, "a", late)), [0, 3, 10_800]);
  });

  it("keeps the states around an arrival, and those that a moment of another writer shows", async () => {
    const { space, change, save, thinned, kept } = createWork();
    const base = await save(undefined, "a", 0, 1);
    const other = await change(base, "b", 3, (edit) => putFile(edit, "/by b"));
    const own = await save(base, "a", 2, 4, 5, 6);
    const tip = await save(await joined(space, own, other), "a", 7, 8, 9);
    const then = await thinned(tip, "a", late);
    assert.deepEqual(await kept(then), [0, 2, 3, 6, 7, 9, 10_800]);
    const month = await thinned(then, "a", start + 31 * dayMs);
    assert.deepEqual(await kept(month), [0, 2, 3, 9, 10_800, 31 * 86_400]);
  });

  it("keeps a state that has a tag, and the change that set it", async () => {
    const { change, save, thinned, kept } = createWork();
    let tip = await save(undefined, "a", 0, 1, 2);
    const { state } = tip.revision;
    tip = await save(tip, "a", 3, 4);
    tip = await change(tip, "a", 5, (edit, draft) => {
      draft.tags.set(tagKey("two", edit.stamp), encodeLogItem({ time: start, state }));
      return Promise.resolve();
    });
    tip = await save(tip, "a", 6, 7);
    assert.deepEqual(await kept(await thinned(tip, "a", late)), [0, 2, 5, 7, 10_800]);
  });

  it("shows at a moment within a window the last state that is kept, and tells which", async () => {
    const { space, save, thinned } = createWork();
    const { sealer, blocks } = space;
    const tip = await thinned(await save(undefined, "a", 0, 1, 2, 3, 61), "a", late);
    const shownAt = async (seconds: number): Promise<number | undefined> => {
      const state = await stateAt(sealer, blocks, tip, start + seconds * 1000);
      const entry = await find(viewState(sealer, state), "/f");
      return entry?.entry?.content[0]?.stamp.counter;
    };
    assert.deepEqual([await shownAt(0), await shownAt(2.5), await shownAt(61)], [1, 1, 5]);
    const [leftOut, ...more] = await leftOutAt(sealer, tip, start + 2500);
    assert.equal(more.length, 0);
    assert.equal(leftOut?.last.stamp.counter, 3);
    assert.equal(leftOut.shown?.stamp.counter, 1);
    assert.deepEqual(await leftOutAt(sealer, tip, start + 61_000), []);
  });

  it("leaves enough of the log for a copy to find that it is one, and since when", async () => {
    const { space, save, thinned } = createWork();
    const { sealer } = space;
    const shared = await save(undefined, "a", 0, 1, 2, 3);
    const copy = await save(shared, "a", 4, 5, 6, 7);
    const thinnedCopy = await thinned(copy, "a", late);
    const original = await thinned(await save(shared, "a", 4.5, 5.5), "a", late);
    const before = await save(shared, "a", 4.5);
    for (const [own, other] of [
      [thinnedCopy, original],
      [original, thinnedCopy],
      [thinnedCopy, before],
    ] as const) {
      assert.equal(await isForked(sealer, own, other, writerOf("a")), true);
      const fork = await findFork(sealer, own.revision, other.revision, writerOf("a"));
      assert.equal(fork.after, 4);
    }
  });

  it("keeps no state that shows the same as the one before, save the last", async () => {
    const { change, save, thinned, kept } = createWork();
    const nothing: Body = (_, draft) => {
      draft.tags.delete(Uint8Array.of(1));
      return Promise.resolve();
    };
    let tip = await save(undefined, "a", 0, 610, 620);
    for (const seconds of [630, 2000, 3000]) tip = await change(tip, "a", seconds, nothing);
    tip = await save(tip, "a", 4000);
    tip = await change(tip, "a", 5000, nothing);
    tip = await thinned(tip, "a", late);
    assert.deepEqual(await kept(tip), [0, 620, 4000, 5000, 10_800]);
    tip = await thinned(tip, "a", late + hourMs);
    assert.deepEqual(await kept(tip), [0, 620, 4000, 10_800, 14_400]);
  });

  it("is forgotten after 30 days, the change with it", async () => {
    const { space, save, thinned } = createWork();
    const { sealer, blocks } = space;
    const tip = await thinned(await save(undefined, "a", 0, 1, 2, 3), "a", late);
    const policy = { keepAllDays: 90, dailyDays: 0, weeklyWeeks: 0, monthlyMonths: 0 };
    /** A clock that went on steadily. */
    const eachDay = (now: number): number[] =>
      Array.from({ length: 31 }, (_, i) => now - (31 - i) * dayMs);
    const after = async (now: number): Promise<number[]> => {
      const as = { writer: writerOf("a"), time: now };
      const result = await revise(sealer, blocks, tip, as, async (draft) => {
        await letGo(draft, sealer, tip, policy, draft.state.vv, now, eachDay(now));
      });
      const items = await itemsOf(sealer, result.revision.log);
      return items.map(([key]) => parseLogKey(key).counter);
    };
    assert.deepEqual(await after(start + 29 * dayMs), [1, 2, 3, 4, 5, 6]);
    assert.deepEqual(await after(start + 31 * dayMs), [1, 4, 5, 6]);
  });
});
