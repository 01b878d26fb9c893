import assert from "node:assert/strict";
import { decodeHead, lastSeq } from "../../src/node/account/heads.ts";
import { equalBytes, fromUtf8, toUtf8 } from "../../src/node/core/bytes.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
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

describe("a drive after one save under a clock that was a year ahead", () => {
  const year = 365 * 24 * hour;
  const day = 24 * hour;
  let test: TestDrive;

  const write = (path: string, text: string) => test.drive.write({ path }, toUtf8(text));
  const read = async (path: string, at?: string) =>
    fromUtf8(await test.drive.read(path, at === undefined ? {} : { at }));
  const names = async (at?: string) =>
    (await test.drive.list("/", at)).map(({ name }) => name).sort();

  beforeEach(async () => {
    test = await makeTestDrive();
    for (const text of ["january", "february", "march"]) {
      await write("/a", text);
      test.clock.now += 6 * day;
    }
    test.clock.now += year;
    await write("/ahead", "under the wrong clock");
  });
  afterEach(() => test.remove());

  it("shows now what is there now, once something was saved under the right clock", async () => {
    test.clock.now -= year - hour;
    await write("/a", "april");
    test.clock.now += hour;
    assert.equal(await read("/a", "now"), "april");
    assert.deepEqual(await names("now"), ["a", "ahead"]);
    assert.equal(await read("/a", "90 minutes ago"), "march");
    await write("/a", "may");
    assert.equal(await read("/a", "30 minutes ago"), "april");
    await test.drive.restore("/a", { at: "30 minutes ago" });
    assert.equal(await read("/a"), "april");
    assert.deepEqual(await names(), ["a", "ahead"]);
    assert.equal((await test.drive.verify(quietCall)).ok, true);
  });

  it("goes on with right times also after it was opened again", async () => {
    test.clock.now -= year - hour;
    test = await test.reopen();
    await write("/a", "april");
    const { revision } = test.drive;
    test.clock.now += hour;
    test = await test.reopen();
    assert.equal(test.drive.revision, revision);
    await write("/b", "after");
    const [latest, before, ahead] = await test.drive.revisions(3);
    assert.ok(latest !== undefined);
    assert.equal(latest.time, test.clock.now);
    assert.equal(before?.time, test.clock.now - hour);
    assert.ok((ahead?.time ?? 0) > test.clock.now, "what was done under it stands below");
    assert.equal(latest.revision, test.drive.revision);
    const [newest] = await test.drive.journal({ limit: 1, changesEach: 10 });
    assert.deepEqual(
      newest?.changes.map(({ path }) => path),
      ["/b"],
    );
  });

  it("lets go of nothing, neither under that clock nor afterwards", async () => {
    test.settings = {
      ...test.settings,
      retention: { keepAllDays: 30, dailyDays: 0, weeklyWeeks: 0, monthlyMonths: 0 },
    };
    const { droppedVersions, droppedRevisions } = await test.drive.collectGarbage(quietCall);
    assert.deepEqual([droppedVersions, droppedRevisions], [0, 0]);
    test.clock.now -= year - hour;
    await write("/a", "april");
    assert.equal((await test.drive.collectGarbage(quietCall)).droppedVersions, 0);
    test.clock.now += 6 * day;
    assert.equal((await test.drive.log("/a", 10, true)).length, 4);
  });

  it("says so, and that a moment named by a time leaves the last changes out", async () => {
    assert.deepEqual(test.drive.notices, []);
    assert.equal(await test.drive.passedOver("now"), undefined);
    const ahead = test.clock.now;
    test.clock.now -= year - hour;
    assert.match(test.drive.notices.join(), /shows 2026-01-19T01:00:00Z, 365 days before the last/);
    assert.equal(await test.drive.passedOver("now"), ahead);
    assert.equal(await test.drive.passedOver("1 hour ago"), ahead);
    assert.equal(await test.drive.passedOver("2027-06-01"), undefined);
    assert.equal(await test.drive.passedOver(test.drive.revision), undefined);
    await write("/a", "april");
    assert.match(test.drive.notices.join(), /was ahead: .* 2027-01-19T00:00:00Z; .* a new writer/);
    assert.equal(await test.drive.passedOver("now"), undefined);
    test = await test.reopen();
    assert.deepEqual(test.drive.notices, []);
  });

  it("is no new writer for a clock that goes back by a minute, or by years without need", async () => {
    const { revision: before } = test.drive;
    const writer = before.split("-")[1];
    test.clock.now -= 100_000;
    await write("/b", "a little back");
    assert.equal(test.drive.revision.split("-")[1], writer);
    test.clock.now = Date.UTC(2001, 0, 1);
    await write("/c", "the battery is flat");
    assert.equal(test.drive.revision.split("-")[1], writer);
    assert.match(test.drive.notices.join(), /shows 2001-01-01T00:00:00Z/);
    const [latest] = await test.drive.revisions(1);
    assert.ok((latest?.time ?? 0) > Date.UTC(2027, 0, 1));
  });

  it("is no new writer either if more was done since than there was time for", async () => {
    test.clock.now -= year;
    await write("/b", "right again");
    for (let i = 0; i < 10; i++) {
      test.clock.now += day;
      await write("/b", `day ${i.toString()}`);
    }
    const { revision: before } = test.drive;
    test.clock.now -= 10 * day - hour;
    await write("/b", "the clock is behind");
    assert.notEqual(test.drive.revision, before);
    assert.equal(test.drive.revision.split("-")[1], before.split("-")[1]);
  });

  it("has a last head of the writer before, which nobody needs to wait for", async () => {
    const { store, contents } = test;
    test.clock.now -= year - hour;
    await write("/a", "april");
    await write("/a", "may");
    const heads = store
      .heads(contents.drive)
      .map(({ bytes }) => decodeHead(nodePrimitives, bytes))
      .sort((a, b) => a.seq - b.seq);
    assert.deepEqual(
      heads.map(({ seq }) => seq),
      [2, lastSeq],
    );
    assert.ok(equalBytes(heads[1]?.certificate.writer as Uint8Array, contents.writer.id));
    assert.equal((await test.drive.verify(quietCall)).ok, true);
    await test.drive.collectGarbage(quietCall);
    test = await test.reopen();
    assert.equal(await read("/a"), "may");
  });

  it("goes on as yet another one from a writer that wrote its last, if the store forgot that", async () => {
    test.clock.now -= year - hour;
    await write("/a", "april");
    const { contents, store } = test;
    const settings = [{ space: contents.drive, name: "next-writer", value: undefined }];
    await store.begin().commit({ settings });
    test = await test.reopen();
    assert.equal(await read("/a"), "april");
    await write("/a", "may");
    test = await test.reopen();
    assert.equal(await read("/a"), "may");
    assert.equal((await test.drive.verify(quietCall)).ok, true);
  });

  it("lets go of what is old a week after a long absence, though nothing is changed", async () => {
    test.clock.now -= year - hour;
    test.settings = {
      ...test.settings,
      retention: { keepAllDays: 30, dailyDays: 0, weeklyWeeks: 0, monthlyMonths: 0 },
    };
    await write("/a", "april");
    await write("/a", "may");
    test.clock.now += 40 * day;
    const found: number[] = [];
    for (let i = 0; i < 9; i++) {
      const { countedFrom, droppedVersions } = await test.drive.collectGarbage(quietCall);
      assert.equal(countedFrom !== undefined, i < 7, `day ${i.toString()}`);
      found.push(droppedVersions);
      test.clock.now += day;
    }
    assert.deepEqual(found, [0, 0, 0, 0, 0, 0, 0, 4, 0]);
  });
});
