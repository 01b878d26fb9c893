import assert from "node:assert/strict";
import { mock } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { toUtf8 } from "../../src/node/core/bytes.ts";
import { inTemporaryFolder, seededBytes } from "../store/blocks.ts";
import { withDatabase } from "../store/damage.ts";
import { type OpenedVault, openVault } from "./open-vault.ts";

const minute = 60_000;
const start = Date.UTC(2026, 5, 1, 9);

/** A vault with a clock that a test sets, in which a text was saved every second. */
async function inWork(
  run: (open: OpenedVault, clock: { now: number }, home: string) => Promise<void>,
  saves = 250,
): Promise<void> {
  await inTemporaryFolder(async (home) => {
    const clock = { now: start };
    const open = await openVault(home, { now: () => clock.now });
    try {
      for (let i = 0; i < 200; i++) {
        await open.vault.drive.write({ path: `/${i.toString()}` }, toUtf8("a"));
      }
      clock.now += 24 * 60 * minute;
      for (let i = 0; i < saves; i++) {
        clock.now += 1000;
        await open.vault.drive.write({ path: "/text" }, seededBytes(i, 3000));
      }
      await run(open, clock, home);
    } finally {
      await open.close();
    }
  });
}

/** Lets minutes pass without anybody, until nothing is under way. */
async function idle({ vault }: OpenedVault, minutes: number): Promise<void> {
  mock.timers.tick(minutes * minute);
  const done = performance.now() + 10_000;
  await nextTurn();
  while (vault.isKeepingHouse && performance.now() < done) await nextTurn();
}

describe("the house", () => {
  beforeEach(() => {
    mock.timers.enable({ apis: ["setTimeout"] });
  });
  afterEach(() => {
    mock.timers.reset();
  });

  it("is kept when nobody has come for two minutes, and nothing is lost by it", async () => {
    await inWork(async (open, clock) => {
      const { vault, store } = open;
      const before = store.usage();
      const { last, wouldFreeBytes = 0 } = vault.housekeeping ?? {};
      assert.equal(last, undefined);
      assert.ok(wouldFreeBytes > 4 * 1024 * 1024, wouldFreeBytes.toString());
      clock.now += 2 * minute;
      await idle(open, 2);
      const after = store.usage();
      assert.ok(after.blockBytes < before.blockBytes / 2);
      assert.ok(after.diskBytes < before.diskBytes / 2);
      const kept = vault.housekeeping;
      assert.equal(kept?.last?.time, clock.now);
      // The revision that lets go takes some space itself.
      assert.ok(kept.last.freedBytes >= before.blockBytes - after.blockBytes);
      assert.equal(kept.wouldFreeBytes, 0);
      assert.equal((await vault.drive.log("/text", 1000, true)).length, 250);
      assert.equal((await vault.drive.list("/")).length, 201);
      const { ok } = await vault.verify({
        signal: new AbortController().signal,
        progress: () => undefined,
      });
      assert.equal(ok, true);
    });
  });

  it("is left to who comes, and what was done so far stays sound", async () => {
    await inWork(async (open, clock) => {
      const { vault } = open;
      clock.now += 2 * minute;
      for (const turns of [0, 1, 3, 10, 30, 100]) {
        mock.timers.tick(2 * minute);
        if (turns < 10) assert.equal(vault.isKeepingHouse, true);
        for (let i = 0; i < turns; i++) await nextTurn();
        const path = `/came after ${turns.toString()}`;
        await vault.use(() => vault.drive.write({ path }, toUtf8("hello")));
        const call = { signal: new AbortController().signal, progress: () => undefined };
        const { ok, problems } = await vault.use(() => vault.verify(call));
        assert.deepEqual([ok, problems], [true, []]);
      }
    }, 120);
  });

  it("is not kept while the drive is damaged, nor while it is locked, nor if it is off", async () => {
    await inWork(async (open, clock, home) => {
      const { vault, store } = open;
      const { blocks } = store.usage();
      clock.now += 2 * minute;
      await vault.setSettings({ housekeepingMinutes: 0 });
      await idle(open, 1000);
      assert.equal(store.usage().blocks, blocks);
      await vault.setSettings({ housekeepingMinutes: 5 });
      const [first] = store.ids();
      assert.ok(first !== undefined);
      await open.close();
      withDatabase(home, (database) => {
        database.prepare("UPDATE block SET bytes = zeroblob(length) WHERE hash = ?").run(first);
      });
      const damaged = await openVault(home, { now: () => clock.now });
      try {
        await assert.rejects(damaged.store.get(first));
        const there = damaged.store.usage();
        await idle(damaged, 5);
        assert.equal(damaged.store.usage().blocks, there.blocks);
        assert.equal(damaged.vault.housekeeping?.last, undefined);
      } finally {
        await damaged.close();
      }
    });
  });

  it("lets go of nothing of the past under a clock that shows less than the last change", async () => {
    await inWork(async (open, clock) => {
      const { vault } = open;
      const before = (await vault.drive.revisions(1000)).length;
      clock.now -= 60 * minute;
      await idle(open, 2);
      assert.equal((await vault.drive.revisions(1000)).length, before);
      assert.ok(vault.housekeeping?.last !== undefined);
    });
  });
});
