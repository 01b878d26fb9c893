import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { passphraseStrength } from "../../src/extension/account/passphrase-strength.ts";
import { journalLines } from "../../src/extension/tasks/journal-lines.ts";
import type { LinkedLine } from "../../src/extension/tasks/linked-line.ts";
import {
  groupByDay,
  summarize,
  withPrevious,
} from "../../src/extension/timeline/timeline-groups.ts";
import {
  count,
  fileMoment,
  type Reader,
  showClocks,
  showDay,
  showMoment,
  showMoments,
} from "../../src/extension/words.ts";

const berlin: Reader = {
  now: Date.parse("2026-11-21T10:00:00Z"),
  locale: "en-GB",
  timeZone: "Europe/Berlin",
};

const at = (text: string): number => Date.parse(text);

describe("times in words", () => {
  it("name the days of the last week and date the others", () => {
    const days = [
      ["2026-11-21T00:30:00Z", "Today"],
      ["2026-11-20T23:30:00Z", "Today"],
      ["2026-11-20T22:30:00Z", "Yesterday"],
      ["2026-11-16T12:00:00Z", "Monday"],
      ["2026-11-15T12:00:00Z", "Sunday"],
      ["2026-11-14T12:00:00Z", "14 November"],
      ["2025-11-14T12:00:00Z", "14 November 2025"],
    ] as const;
    for (const [time, day] of days) assert.equal(showDay(at(time), berlin), day, time);
  });

  it("name yesterday across a change of the clock", () => {
    const now = at("2026-10-25T23:30:00Z");
    assert.equal(showDay(at("2026-10-24T22:30:00Z"), { ...berlin, now }), "Yesterday");
  });

  it("count the seconds where two stand in one minute", () => {
    const times = ["10:03:01", "09:02:40", "09:02:07"].map((t) => at(`2026-11-21T${t}Z`));
    assert.deepEqual(showClocks(times, berlin), ["11:03", "10:02:40", "10:02:07"]);
    const day = showMoment(times[0] ?? 0, berlin).replace(" 11:03", "");
    assert.deepEqual(showMoments(times, berlin), [
      `${day} 11:03`,
      `${day} 10:02:40`,
      `${day} 10:02:07`,
    ]);
  });

  it("stand in sentences and in names of files", () => {
    assert.equal(showMoment(at("2026-11-21T09:02:00Z"), berlin), "today 10:02");
    assert.equal(fileMoment(at("2026-11-21T09:02:07Z"), berlin), "2026-11-21 10.02.07");
  });
});

describe("numbers in words", () => {
  it("say no, one and many", () => {
    assert.deepEqual(
      [0, 1, 4000].map((n) => count(n, "file")),
      ["no files", "1 file", "4,000 files"],
    );
    assert.equal(count(2, "copy", "copies"), "2 copies");
  });
});

describe("the versions of a file", () => {
  const version = (text: string, id: string) => ({
    version: id,
    time: at(text),
    device: "laptop",
    size: 1,
    path: "/a",
    current: false,
    saves: 1,
  });
  const versions = [
    version("2026-11-21T09:00:00Z", "3"),
    version("2026-11-21T08:00:00Z", "2"),
    version("2026-11-20T08:00:00Z", "1"),
  ];

  it("stand below their days", () => {
    assert.deepEqual(
      groupByDay(versions, berlin).map(({ day, items }) => [day, items.map((v) => v.version)]),
      [
        ["Today", ["3", "2"]],
        ["Yesterday", ["1"]],
      ],
    );
  });

  it("know the version before them", () => {
    const before = (limit: number) =>
      withPrevious(versions, limit).map(({ previous }) => previous?.version);
    assert.deepEqual(before(3), ["2", "1", undefined]);
    assert.deepEqual(before(2), ["2", "1"]);
  });

  it("of a folder tell what was done in it", () => {
    const added = { type: "added", kind: "file", path: "/src/a" } as const;
    const removed = { type: "removed", kind: "file", path: "/src/b" } as const;
    assert.equal(summarize({ changes: [added], more: false }, berlin), "added a");
    assert.equal(
      summarize({ changes: [added, removed, added], more: true }, berlin),
      "2 added, 1 removed and more",
    );
  });
});

describe("the journal as a text", () => {
  const texts = (lines: readonly LinkedLine[]): string[] => lines.map(({ text }) => text);

  it("links its paths, and says what came back", () => {
    const item = {
      revision: "3-00000000",
      time: at("2026-11-21T09:02:40Z"),
      device: "laptop",
      tags: [],
      changes: [
        { type: "moved", kind: "file", path: "/c", from: "/b" },
        {
          type: "changed",
          kind: "file",
          path: "/a → x",
          restoredFrom: at("2026-11-20T09:02:40Z"),
        },
      ],
      more: false,
    } as const;
    const lines = journalLines([item], berlin);
    assert.deepEqual(texts(lines).slice(2, 4), [
      "  10:02  laptop  moved    /b → /c",
      "                 restored /a → x from yesterday 10:02",
    ]);
    const linked = lines.flatMap(({ text, links }) =>
      links.map(({ at: from, path }) => [text.slice(from, from + path.length), path]),
    );
    assert.deepEqual(linked, [
      ["/b", "/b"],
      ["/c", "/c"],
      ["/a → x", "/a → x"],
    ]);
  });

  it("tells time, device and changes below their days", () => {
    const items = [
      {
        revision: "2-00000000",
        time: at("2026-11-21T09:02:40Z"),
        device: "laptop",
        tags: ["v1"],
        changes: [
          { type: "added", kind: "file", path: "/a" },
          { type: "moved", kind: "file", path: "/c", from: "/b" },
        ],
        more: true,
      },
      {
        revision: "1-00000000",
        time: at("2026-11-20T09:02:40Z"),
        device: "desk",
        tags: [],
        changes: [{ type: "removed", kind: "file", path: "/d" }],
        more: false,
      },
    ] as const;
    assert.deepEqual(texts(journalLines(items, berlin)), [
      "Today",
      "",
      "  10:02  laptop  #v1",
      "                 added    /a",
      "                 moved    /b → /c",
      "                 and more",
      "",
      "Yesterday",
      "",
      "  10:02  desk  removed  /d",
      "",
    ]);
    assert.deepEqual(texts(journalLines([], berlin)), ["Nothing has happened yet."]);
  });
});

describe("the hint about a passphrase", () => {
  it("refuses the short and tells the regular from the random", () => {
    assert.equal(passphraseStrength("short").enough, false);
    for (const weak of [
      "aaaaaaaaaaaaaaaaaaaa",
      "abcdefghijklmnop",
      "1234567890",
      "qqwwqqwwqqwwqqww",
    ])
      assert.match(passphraseStrength(weak).words, /^Weak/, weak);
    assert.match(passphraseStrength("horse battery staple correct").words, /^Strong/);
  });
});
