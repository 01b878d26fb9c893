import assert from "node:assert/strict";
import { fromUtf8, toUtf8 } from "../../src/node/core/bytes.ts";
import { makeTestDrive, quietCall, type TestDrive } from "../support/open-drive.ts";

const hour = 3_600_000;

describe("a drive whose clock is wrong", () => {
  let test: TestDrive;
  beforeEach(async () => {
    test = await makeTestDrive();
  });
  afterEach(() => test.remove());

  const write = (text: string) => test.drive.write({ path: "/a" }, toUtf8(text));

  /** Checks that all that has a time is in the order in which it was made. */
  async function checkOrder(texts: readonly string[]): Promise<void> {
    const { drive } = test;
    const versions = await drive.log("/a", 100, true);
    const found: (string | undefined)[] = [];
    for (const { version } of versions) found.push(fromUtf8(await drive.read("/a", { version })));
    assert.deepEqual(found.reverse(), texts);
    const times = versions.map(({ time }) => time);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => b - a),
      "versions, newest first",
    );
    const revisions = await drive.revisions(100);
    const ends = revisions.map(({ time }) => time);
    assert.deepEqual(
      ends,
      ends.toSorted((a, b) => b - a),
      "revisions, newest first",
    );
    const counters = revisions.map(({ revision }) => Number(revision.split("-")[0]));
    assert.deepEqual(
      counters,
      counters.toSorted((a, b) => b - a),
    );
    // Each moment shows what was there, and time never shows less than before.
    let before = 0;
    for (const { time } of revisions.toReversed()) {
      const text = fromUtf8(await drive.read("/a", { at: new Date(time).toISOString() }));
      const place = texts.indexOf(text ?? "");
      assert.ok(place >= before, `${text ?? ""} at ${time.toString()}`);
      before = place;
    }
    assert.equal((await drive.verify(quietCall)).ok, true);
  }

  it("keeps versions, times and moments in order when it is turned back, also over a restart", async () => {
    const texts = ["one", "two", "three", "four", "five", "six"];
    const mtimes: number[] = [];
    for (const [i, step] of [0, hour, -50 * hour, -hour, 2 * hour, 90 * hour].entries()) {
      test.clock.now += step;
      if (i === 3) test = await test.reopen();
      mtimes.push((await write(texts[i] ?? "")).mtime);
    }
    assert.deepEqual(
      mtimes,
      mtimes.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(mtimes).size, mtimes.length, "each is later than the one before");
    await checkOrder(texts);
  });

  it("groups saves by the time that counts, and loses none of them", async () => {
    await write("one");
    test.clock.now -= 10 * hour;
    for (const text of ["two", "three"]) await write(text);
    test.clock.now += 11 * hour;
    await write("four");
    const grouped = await test.drive.log("/a", 10, false);
    assert.deepEqual(
      grouped.map(({ saves }) => saves),
      [1, 3],
    );
    await checkOrder(["one", "two", "three", "four"]);
  });

  it("lets go of nothing that is not old when garbage is collected by a clock turned back", async () => {
    for (const text of ["one", "two"]) await write(text);
    test.clock.now -= 365 * 24 * hour;
    await write("three");
    const { droppedVersions } = await test.drive.collectGarbage(quietCall);
    assert.equal(droppedVersions, 0);
    await checkOrder(["one", "two", "three"]);
  });

  it("takes any time that a file may bear, and goes on from it", async () => {
    for (const mtime of [-1e300, -1, -8.64e15, 8.64e15, Number.MAX_SAFE_INTEGER, 1e300]) {
      await test.drive.write({ path: "/b", mtime }, toUtf8(mtime.toString()));
      await test.drive.setMeta("/b", { mtime, mode: 0o7777 });
      const { mtime: shown } = await test.drive.stat("/b");
      assert.ok(Number.isFinite(shown));
    }
    test = await test.reopen();
    const before = await test.drive.stat("/b");
    const after = await test.drive.write({ path: "/b" }, toUtf8("once more"));
    assert.ok(after.mtime > before.mtime);
    assert.equal(fromUtf8(await test.drive.read("/b", {})), "once more");
    assert.equal((await test.drive.verify(quietCall)).ok, true);
  });
});
