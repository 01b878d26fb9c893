import assert from "node:assert/strict";
import { fromUtf8, toUtf8 } from "../../src/node/core/bytes.ts";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import { parseTime } from "../../src/node/core/parse-time.ts";
import { makeTestDrive, type TestDrive } from "../support/open-drive.ts";

const now = Date.UTC(2026, 5, 15, 12, 30, 15, 500);
const local = (...parts: [number, number, number, number?, number?, number?, number?]): number =>
  new Date(...parts).getTime();

describe("a moment", () => {
  it("of a zone is that of the zone, to the end of what it names", () => {
    const cases: [string, number][] = [
      ["2026-01-31T12:00:05.123Z", Date.UTC(2026, 0, 31, 12, 0, 5, 123)],
      ["2026-01-31T12:00:05.1Z", Date.UTC(2026, 0, 31, 12, 0, 5, 100)],
      ["2026-01-31T12:00:05.123456Z", Date.UTC(2026, 0, 31, 12, 0, 5, 123)],
      ["2026-01-31T12:00:05Z", Date.UTC(2026, 0, 31, 12, 0, 5, 999)],
      ["2026-01-31t12:00z", Date.UTC(2026, 0, 31, 12, 0, 59, 999)],
      ["2026-01-31 12:00:05+02:00", Date.UTC(2026, 0, 31, 10, 0, 5, 999)],
      ["2026-01-31 12:00:05-0530", Date.UTC(2026, 0, 31, 17, 30, 5, 999)],
      ["2026-01-31 12:00+02", Date.UTC(2026, 0, 31, 10, 0, 59, 999)],
    ];
    for (const [text, time] of cases) assert.equal(parseTime(text, now), time, text);
  });

  it("without a zone is local, and a date is the end of that day", () => {
    const cases: [string, number][] = [
      ["2026-01-31", local(2026, 0, 31, 23, 59, 59, 999)],
      [" 2026-01-31 ", local(2026, 0, 31, 23, 59, 59, 999)],
      ["2024-02-29", local(2024, 1, 29, 23, 59, 59, 999)],
      ["2026-01-31T12:00", local(2026, 0, 31, 12, 0, 59, 999)],
      ["2026-01-31 12:00:05", local(2026, 0, 31, 12, 0, 5, 999)],
      ["2026-01-31 12:00:05.250", local(2026, 0, 31, 12, 0, 5, 250)],
      ["yesterday", new Date(now).setHours(0, 0, 0, 0) - 1],
    ];
    for (const [text, time] of cases) assert.equal(parseTime(text, now), time, text);
  });

  it("is counted back from now", () => {
    const hour = 3_600_000;
    assert.equal(parseTime("now", now), now);
    assert.equal(parseTime("2 days ago", now), now - 48 * hour);
    assert.equal(parseTime("an hour ago", now), now - hour);
    assert.equal(parseTime("A Week Ago", now), now - 7 * 24 * hour);
    assert.equal(parseTime("0 seconds ago", now), now);
  });

  it("is none where no calendar or clock has it", () => {
    for (const text of [
      "",
      "2026",
      "2026-13-01",
      "2026-02-29",
      "2026-04-31",
      "2026-00-10",
      "2026-01-01T24:00",
      "2026-01-01T10:60",
      "2026-01-01T10",
      "2026-01-01Z",
      "in 2 days",
      "2 fortnights ago",
      "last tuesday",
      "0026-11-21",
      "2026-01-01T10:00+24",
      "2026-01-01T10:00+02:60",
      `${"9".repeat(12)} days ago`,
      `${"9".repeat(400)} seconds ago`,
    ]) {
      assert.equal(parseTime(text, now), undefined, text);
    }
  });

  it("is told of the first and the last years in the zone of this process as elsewhere", () => {
    assert.equal(parseTime("0100-01-01T00:00Z", now), Date.UTC(100, 0, 1, 0, 0, 59, 999));
    assert.equal(parseTime("9999-12-31T23:59Z", now), Date.UTC(9999, 11, 31, 23, 59, 59, 999));
  });
});

describe("a drive at a moment", () => {
  let test: TestDrive;

  beforeEach(async () => {
    test = await makeTestDrive();
  });

  afterEach(async () => {
    await test.remove();
  });

  const write = (text: string) => test.drive.write({ path: "/a" }, toUtf8(text));
  const text = async (at: string) => fromUtf8(await test.drive.read("/a", { at }));

  it("holds what was saved within the second that a log shows", async () => {
    test.clock.now = Date.UTC(2026, 0, 31, 12, 0, 5, 600);
    await write("that second");
    test.clock.now = Date.UTC(2026, 0, 31, 12, 0, 6, 0);
    await write("the next");
    assert.equal(await text("2026-01-31T12:00:05Z"), "that second");
    assert.equal(await text("2026-01-31T12:00Z"), "the next");
    assert.equal(
      await text(new Date(Date.UTC(2026, 0, 31, 12, 0, 5, 600)).toISOString()),
      "that second",
    );
  });

  it("is empty before the first change and as it is now in the future", async () => {
    await write("one");
    const after = new Date(test.clock.now + 86_400_000).toISOString();
    assert.deepEqual(await test.drive.list("/", "1999-12-31"), []);
    assert.deepEqual(await test.drive.list("/", "0"), []);
    await assert.rejects(test.drive.stat("/a", "1999-12-31"), (error) =>
      isCloudError(error, "not-found"),
    );
    assert.equal(await text(after), "one");
    assert.equal(await text("now"), "one");
  });

  it("is named by a tag, which can't take the name of a time or revision", async () => {
    await write("one");
    await test.drive.tag("release 2026-01-31", undefined);
    await write("two");
    assert.equal(await text("release 2026-01-31"), "one");
    for (const name of ["2026-01-31", "2026-01-31 12:00", "yesterday", "2 days ago", "0", "now"]) {
      await assert.rejects(
        test.drive.tag(name, undefined),
        (error) => isCloudError(error, "usage"),
        name,
      );
    }
    await assert.rejects(test.drive.tag(test.drive.revision, undefined), (error) =>
      isCloudError(error, "usage"),
    );
  });

  it("is followed by `yesterday` and `ago` as the clock goes on", async () => {
    test.clock.now = Date.UTC(2026, 0, 10, 12);
    await write("one");
    test.clock.now = Date.UTC(2026, 0, 12, 12);
    await write("two");
    assert.equal(await text("yesterday"), "one");
    assert.equal(await text("1 day ago"), "one");
    test.clock.now = Date.UTC(2026, 0, 14, 12);
    assert.equal(await text("yesterday"), "two");
    assert.equal(await text("1 day ago"), "two");
  });

  it("is told plainly when the text means nothing", async () => {
    await write("one");
    await assert.rejects(text("2026-02-30"), /is no tag of this drive/u);
    await assert.rejects(text("99-aaaaaaaa"), (error) => isCloudError(error, "not-found"));
  });
});
