import assert from "node:assert/strict";
import { purgeHistory } from "../../src/node/history/purge.ts";
import { letGo } from "../../src/node/history/retention.ts";
import { findEver, findRemoved } from "../../src/node/history/timeline.ts";
import type { Tip } from "../../src/node/history/tip.ts";
import { checkState } from "../../src/node/tree/check-state.ts";
import { decodeEntry, type Entry, isHusk } from "../../src/node/tree/entry.ts";
import { find, resolveTarget } from "../../src/node/tree/lookup.ts";
import { move } from "../../src/node/tree/move.ts";
import { viewState } from "../../src/node/tree/state-view.ts";
import { itemsOf } from "../blocks/test-maps.ts";
import { fingerprint } from "./simulation/snapshot.ts";
import {
  changeAs,
  createTestSpace,
  entryAt,
  joined,
  putFile,
  receiveAs,
  type TestSpace,
} from "./test-spaces.ts";

const everythingKept = { keepAllDays: 1e6, dailyDays: 0, weeklyWeeks: 0, monthlyMonths: 0 };

describe("a file that two purged, each what the other had of it", () => {
  let space: TestSpace;
  /** Who purged what c had put, and who purged what b had put. */
  let [own, other]: [Tip, Tip] = [undefined as never, undefined as never];

  const purge = (tip: Tip, letter: string, path: string): Promise<Tip> =>
    changeAs(space, tip, letter, async (edit, draft) => {
      const { entry } = await resolveTarget(edit.draft, path);
      const entries = [entry ?? assert.fail(`nothing at ${path}`)];
      await purgeHistory(space.sealer, space.blocks, tip, draft, edit, { entries });
    });
  const taking = async (tip: Tip, received: Tip, letter: string): Promise<Tip> => {
    const result = await receiveAs(space, tip, received, letter);
    assert.ok("tip" in result, result.outcome);
    return result.tip;
  };
  const moved = (tip: Tip, letter: string): Promise<Tip> =>
    changeAs(space, tip, letter, async (edit) => {
      const { entry } = await resolveTarget(edit.draft, "/file");
      assert.ok(entry !== undefined);
      await move(edit, entry, await resolveTarget(edit.draft, "/moved"), false);
    });
  const removedOf = async (tip: Tip): Promise<Entry[]> =>
    (await itemsOf(space.sealer, tip.state.removed)).map(([key, value]) =>
      decodeEntry(key, value, "removed"),
    );

  beforeEach(async () => {
    space = createTestSpace();
    const base = await changeAs(space, undefined, "a", (edit) => putFile(edit, "/file", "first"));
    const byB = await changeAs(space, base, "b", (edit) => putFile(edit, "/file", "by b"));
    const byC = await changeAs(space, base, "c", (edit) => putFile(edit, "/file", "by c"));
    own = await taking(await purge(byC, "c", "/file"), byB, "c");
    other = await taking(await purge(byB, "d", "/file"), byC, "d");
    for (const tip of [own, other]) assert.ok(await entryAt(space, tip, "/file"), "it has one yet");
  });

  for (const isMoved of [false, true]) {
    it(`is dead for everybody${isMoved ? ", though one had moved it meanwhile" : ""}`, async () => {
      if (isMoved) other = await moved(other, "d");
      const both = await joined(space, own, other);
      assert.equal(fingerprint(await joined(space, other, own)), fingerprint(both));
      const [husk, ...more] = await removedOf(both);
      assert.ok(husk !== undefined && isHusk(husk) && more.length === 0);
      assert.equal(husk.live.length, isMoved ? 1 : 0);
      const view = viewState(space.sealer, both.state);
      const path = isMoved ? "/moved" : "/file";
      assert.equal((await find(view, path))?.entry, undefined);
      assert.deepEqual(await findRemoved(view, path), [], "there is nothing to bring back");
      assert.equal(await findEver(view, path), undefined);
      for await (const problem of checkState(space.sealer.primitives, view, both.state.digest)) {
        assert.fail(problem);
      }
    });
  }

  it("lives again with a content that neither had seen", async () => {
    const both = await joined(space, own, other);
    const byE = await changeAs(space, own, "e", (edit) => putFile(edit, "/file", "by e"));
    const later = await joined(space, both, byE);
    assert.equal((await entryAt(space, later, "/file"))?.content.length, 1);
    const otherWay = await joined(space, own, await joined(space, byE, other));
    assert.equal(fingerprint(otherWay), fingerprint(later));
  });

  it("is let go of as soon as everybody has seen that", async () => {
    const both = await joined(space, own, other);
    const gone = await changeAs(space, both, "c", (_, draft) =>
      letGo(draft, space.sealer, both, everythingKept, both.state.vv, 1e9),
    );
    assert.deepEqual(await removedOf(gone), []);
  });

  it("gives its place to a file that is put there", async () => {
    const both = await joined(space, own, other);
    const again = await changeAs(space, both, "c", (edit) => putFile(edit, "/file", "again"));
    assert.equal((await entryAt(space, again, "/file"))?.content.length, 1);
    assert.deepEqual(await removedOf(again), []);
  });
});
