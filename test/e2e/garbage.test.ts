import assert from "node:assert/strict";
import { seededBytes } from "../store/blocks.ts";
import { makeTestDrive, quietCall, type TestDrive } from "../support/open-drive.ts";

describe("garbage of a drive", () => {
  let test: TestDrive;
  beforeEach(async () => {
    test = await makeTestDrive();
    test.settings = {
      ...test.settings,
      retention: { keepAllDays: 1, dailyDays: 0, weeklyWeeks: 0, monthlyMonths: 0 },
    };
    for (let i = 0; i < 5; i++) {
      await test.drive.write({ path: "/a" }, seededBytes(i, 50_000));
      test.clock.now += 60_000;
    }
    await test.drive.write({ path: "/gone" }, seededBytes(9, 30_000));
    await test.drive.remove("/gone", false);
    test.clock.now += 3 * 86_400_000;
  });
  afterEach(() => test.remove());

  it("is counted by a dry run, which changes nothing", async () => {
    const before = [test.drive.revision, test.store.usage()];
    const counted = await test.drive.measureGarbage(quietCall);
    assert.deepEqual([test.drive.revision, test.store.usage()], before);
    assert.equal((await test.drive.log("/a", 10, true)).length, 5);
    const { freedBlocks, freedBytes, ...dropped } = await test.drive.collectGarbage(quietCall);
    assert.deepEqual(counted, { freedBlocks, freedBytes, ...dropped });
    assert.ok(freedBytes > 4 * 50_000 && dropped.droppedVersions >= 4);
    // What was the latest revision then is one of the past now.
    await test.drive.collectGarbage(quietCall);
    const again = await test.drive.measureGarbage(quietCall);
    assert.deepEqual(again, {
      freedBlocks: 0,
      freedBytes: 0,
      droppedVersions: 0,
      droppedRevisions: 0,
      thinnedStates: 0,
    });
  });

  it("is collected by many at once, one after the other, beside writes", async () => {
    const writes = Array.from({ length: 20 }, (_, i) =>
      test.drive.write({ path: `/new-${i.toString()}` }, seededBytes(100 + i, 20_000)),
    );
    const work = [
      test.drive.collectGarbage(quietCall),
      test.drive.purge("/a", quietCall),
      test.drive.collectGarbage(quietCall),
      test.drive.measureGarbage(quietCall),
    ];
    await Promise.all([...writes, ...work]);
    assert.equal((await test.drive.verify(quietCall)).ok, true);
    test = await test.reopen();
    assert.equal((await test.drive.list("/")).length, 20);
    for (let i = 0; i < 20; i++) {
      const found = await test.drive.read(`/new-${i.toString()}`, {});
      assert.deepEqual(found, seededBytes(100 + i, 20_000));
    }
  });
});
