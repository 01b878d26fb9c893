import assert from "node:assert/strict";
import fc from "fast-check";
import { countedFrom } from "../../src/node/history/clock.ts";
import { stateAt } from "../../src/node/history/moment.ts";
import {
  type Dropped,
  keptBy,
  letGo,
  type RetentionPolicy,
} from "../../src/node/history/retention.ts";
import { revise, type Tip } from "../../src/node/history/tip.ts";
import type { Edit } from "../../src/node/tree/edit.ts";
import { find } from "../../src/node/tree/lookup.ts";
import { viewState } from "../../src/node/tree/state-view.ts";
import { itemsOf } from "../blocks/test-maps.ts";
import { createTestSpace, putFile, removeAt, writerOf } from "./test-spaces.ts";

const dayMs = 86_400_000;
const start = Date.UTC(2026, 0, 1, 9);
const policy = { keepAllDays: 7, dailyDays: 90, weeklyWeeks: 52, monthlyMonths: 24 };

/** A space with one writer, whose changes are made at given days. */
function createHistory() {
  const space = createTestSpace();
  let tip: Tip | undefined;
  const change = async (day: number, work: (edit: Edit) => Promise<unknown>): Promise<void> => {
    const author = { writer: writerOf("a"), time: start + day * dayMs };
    tip = await revise(space.sealer, space.blocks, tip, author, async (_, edit) => {
      await work(edit);
    });
  };
  const current = (): Tip => tip ?? assert.fail("nothing was changed");
  return {
    change,
    collect: async (day: number, kept: RetentionPolicy, looks: number[] = []): Promise<Dropped> => {
      const now = start + day * dayMs;
      const before = current();
      let dropped: Dropped | undefined;
      const author = { writer: writerOf("a"), time: now };
      tip = await revise(space.sealer, space.blocks, before, author, async (draft) => {
        dropped = await letGo(draft, space.sealer, before, kept, before.state.vv, now, looks);
      });
      return dropped ?? assert.fail("it was not asked");
    },
    sizes: async () => ({
      removed: (await itemsOf(space.sealer, current().state.removed)).length,
      versions: (await itemsOf(space.sealer, current().revision.versions)).length,
    }),
    stands: async (day: number, path: string): Promise<boolean> => {
      const state = await stateAt(space.sealer, space.blocks, current(), start + day * dayMs);
      return (await find(viewState(space.sealer, state), path)) !== undefined;
    },
  };
}

describe("retention", () => {
  it("keeps what was removed for as long as it reaches, also when the record of the removal is thinned", async () => {
    const history = createHistory();
    await history.change(0, (edit) => putFile(edit, "/f", "1"));
    await history.change(1, (edit) => putFile(edit, "/f", "2"));
    await history.change(2, (edit) => removeAt(edit, "/f"));
    await history.change(2.1, (edit) => putFile(edit, "/other"));
    const before = await history.sizes();
    for (const day of [10, 11, 12, 200]) {
      assert.equal((await history.collect(day, policy)).entries, 0, `day ${day.toString()}`);
    }
    assert.equal((await history.sizes()).removed, before.removed);
    assert.equal((await history.collect(2000, policy)).entries, 0, "the clock leapt");
    for (const day of [2003, 2006]) await history.collect(day, policy);
    assert.equal((await history.collect(2008, policy)).entries, 1);
    assert.deepEqual((await history.sizes()).removed, 0);
  });

  it("keeps what was current in its span, however long ago it was written", async () => {
    const history = createHistory();
    await history.change(0, (edit) => putFile(edit, "/f", "old"));
    await history.change(40, (edit) => putFile(edit, "/f", "new"));
    const month = { keepAllDays: 30, dailyDays: 0, weeklyWeeks: 0, monthlyMonths: 0 };
    const early = await history.collect(40.1, month);
    assert.deepEqual([early.versions, early.revisions, early.entries], [0, 0, 0]);
    assert.equal(await history.stands(39, "/f"), true);
    const steady = Array.from({ length: 6 }, (_, i) => start + (45 + 5 * i) * dayMs);
    const later = await history.collect(75, month, steady);
    assert.deepEqual([later.versions, later.revisions], [1, 2]); // the first collection is one too
    assert.equal((await history.sizes()).versions, 1);
  });

  it("counts back from before a leap of the clock until a week after it, and then from now", () => {
    const days = (...list: number[]) => list.map((day) => day * dayMs);
    const from = (times: number[], now: number) => countedFrom(days(...times), now * dayMs) / dayMs;
    assert.equal(from([], 500), 500);
    assert.equal(from([1, 5, 12], 19), 19);
    assert.equal(from([1, 5, 12], 20), 12, "nobody was there since");
    assert.equal(from([1, 5, 12, 365], 365), 12, "a save under a clock that was a year ahead");
    assert.equal(from([1, 5, 12, 365, 371], 371.9), 12);
    assert.equal(from([1, 5, 12, 365, 371], 372), 372, "a week later it is the time");
    assert.equal(from([1, 5, 12, 365, 374], 374), 365, "used now and then");
    assert.equal(from([1, 50, 100], 100), 50);
    assert.equal(from([1, 5, 12, 400], 13), 13, "what lies in the future says nothing");
    assert.equal(from([400], 13), 13);
  });

  it("tells at the end of each day, week and month that it keeps what stood there", () => {
    const spans = fc.record({
      keepAllDays: fc.nat(40),
      dailyDays: fc.nat(100),
      weeklyWeeks: fc.nat(60),
      monthlyMonths: fc.nat(30),
    });
    const times = fc.array(fc.nat(1500), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(spans, times, fc.nat(200), (kept, hours, idleDays) => {
        const items = [...hours]
          .sort((a, b) => a - b)
          .map((hour, i) => ({ i, time: start + hour * 13 * 3_600_000 }));
        const now = (items.at(-1)?.time ?? 0) + idleDays * dayMs;
        const keptItems = keptBy(items, kept, now);
        const left = items.filter((item) => keptItems.has(item));
        const at = (list: typeof items, time: number) =>
          list.filter((item) => item.time <= time).at(-1)?.i;
        for (let days = 0; days <= Math.max(kept.keepAllDays, kept.dailyDays); days++) {
          const noon = now - days * dayMs;
          const evening = Math.floor(noon / dayMs) * dayMs + dayMs - 1;
          if (days <= kept.keepAllDays && kept.keepAllDays > 0) {
            assert.equal(at(left, noon), at(items, noon), `${days.toString()} days ago`);
          }
          if (days < kept.dailyDays) {
            assert.equal(
              at(left, evening),
              at(items, evening),
              `evening ${days.toString()} days ago`,
            );
          }
        }
      }),
    );
  });
});
