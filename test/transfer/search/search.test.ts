import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { toHex } from "../../../src/node/core/bytes.ts";
import { isCloudError } from "../../../src/node/core/cloud-error.ts";
import type { Search } from "../../../src/node/transfer/search/search.ts";
import type { SearchItem } from "../../../src/node/transfer/search/search-items.ts";
import type { SearchOptions } from "../../../src/node/transfer/search/search-results.ts";
import type { TextQuery } from "../../../src/node/transfer/search/text-query.ts";
import { refuses } from "../../blocks/refuses.ts";
import { damageBlock } from "../../store/damage.ts";
import { writeTree } from "../../support/local-tree.ts";
import { openTestDrive } from "../../support/open-drive.ts";
import { TestTransfer } from "../../support/test-transfer.ts";

const usual: TextQuery = {
  patterns: [],
  isRegExp: false,
  ignoreCase: false,
  word: false,
  wants: "lines",
  linesEach: 0,
  previewLength: 250,
  context: [0, 0],
  binary: false,
};
const everywhere: SearchOptions = {
  path: "/",
  include: [],
  exclude: [],
  names: [],
  foldNames: false,
};
const { signal } = new AbortController();

const chunk = 256 * 1024;

describe("a search", () => {
  let here: TestTransfer;

  beforeEach(async () => {
    here = await TestTransfer.make();
  });

  afterEach(() => here.remove());

  const begin = (more: Partial<SearchOptions>, limit = Infinity, at?: string): Promise<Search> =>
    here.drive.search({ ...everywhere, ...more }, at, limit);
  const all = async (search: Search): Promise<SearchItem[]> => {
    const items: SearchItem[] = [];
    for (;;) {
      const page = await search.next(signal);
      items.push(...page.items);
      if (page.isDone) return items;
    }
  };
  const grep = async (
    pattern: string,
    text: Partial<TextQuery> = {},
    more: Partial<SearchOptions> = {},
  ): Promise<SearchItem[]> =>
    all(await begin({ ...more, text: { ...usual, patterns: [pattern], ...text } }));
  /** `path:line:text`. */
  const lines = (items: readonly SearchItem[]): string[] =>
    items.flatMap((item) =>
      item.type === "file"
        ? item.lines.map(({ line, text }) => `${item.path}:${line.toString()}:${text}`)
        : [`${item.type} ${item.path}`],
    );

  it("finds lines in files of every size, in the order of listings", async () => {
    const filler = "nothing here\n";
    writeTree(here.source, {
      "a/small.txt": "one needle\ntwo\n",
      "a/two-chunks.txt": `${filler.repeat(Math.ceil(chunk / filler.length))}needle at the end`,
      "b/empty": "",
      "c.bin": Uint8Array.of(110, 0, 1, 2),
      "d.txt": "\ufeffneedle behind a mark\n",
      link: { link: "d.txt" },
    });
    await here.take();
    const last = Math.ceil(chunk / filler.length) + 1;
    assert.deepEqual(lines(await grep("needle")), [
      "binary /c.bin",
      "/d.txt:1:needle behind a mark",
      "/a/small.txt:1:one needle",
      `/a/two-chunks.txt:${last.toString()}:needle at the end`,
    ]);
  });

  it("looks into a large file as if it were one text", async () => {
    const count = 400_000;
    const long = "x".repeat(3 * chunk);
    const rows = Array.from({ length: count }, (_, i) =>
      i === 200_000
        ? `${long} row`
        : `row ${i.toString()} ${i % 5000 === 0 ? "needle" : "hay"} ${"z".repeat(40)}`,
    );
    await here.write("/large.txt", rows.join("\n"));
    const found = lines(await grep("needle"));
    const expected = rows.flatMap((row, i) =>
      row.includes("needle") ? [`/large.txt:${(i + 1).toString()}:${row}`] : [],
    );
    assert.ok(Buffer.byteLength(rows.join("\n")) > 2 * 32 * chunk);
    assert.deepEqual(found, expected);
    const [counted] = await grep("row", { wants: "count" });
    assert.ok(counted?.type === "file");
    assert.equal(counted.count, count);
    const some = await grep("needle", { linesEach: 3 });
    assert.deepEqual(lines(some), expected.slice(0, 3));
  });

  it("keeps to the folder, the patterns and the moment that are asked for", async () => {
    for (const path of ["/a/x.ts", "/a/x.md", "/a/deep/y.ts", "/b/x.ts", "/b/skip/z.ts"]) {
      await here.write(path, `needle in ${path}`);
    }
    await here.drive.tag("before", undefined);
    await here.write("/b/x.ts", "gone");
    const paths = async (more: Partial<SearchOptions>, at?: string): Promise<string[]> =>
      (await all(await begin({ ...more, text: { ...usual, patterns: ["needle"] } }, Infinity, at)))
        .map(({ path }) => path)
        .sort();
    assert.deepEqual(await paths({ path: "/a" }), ["/a/deep/y.ts", "/a/x.md", "/a/x.ts"]);
    assert.deepEqual(await paths({ path: "/a/x.md" }), ["/a/x.md"]);
    assert.deepEqual(await paths({ include: ["*.ts"] }), [
      "/a/deep/y.ts",
      "/a/x.ts",
      "/b/skip/z.ts",
    ]);
    assert.deepEqual(await paths({ include: ["/a"], exclude: ["deep", "*.md"] }), ["/a/x.ts"]);
    assert.deepEqual(await paths({ path: "/b" }, "before"), ["/b/skip/z.ts", "/b/x.ts"]);
    await refuses(() => paths({ path: "/nowhere" }), "not-found", /nowhere/);
  });

  it("finds names, of one kind or all, without a text", async () => {
    for (const path of ["/a/x.ts", "/a.ts/y.md", "/b/x.ts"]) await here.write(path, "");
    const named = async (more: Partial<SearchOptions>): Promise<string[]> =>
      (await all(await begin(more))).map(({ path }) => path);
    assert.deepEqual(await named({ names: ["*.ts"] }), ["/a.ts", "/a/x.ts", "/b/x.ts"]);
    assert.deepEqual(await named({ names: ["*.ts"], kind: "file" }), ["/a/x.ts", "/b/x.ts"]);
    assert.deepEqual(await named({ path: "/a" }), ["/a/x.ts"]);
    assert.deepEqual(await named({ names: ["*.TS"], foldNames: true, kind: "folder" }), ["/a.ts"]);
  });

  it("names what can't be read, and goes on", async () => {
    const large = (text: string): string => `${text}\n${randomBytes(300_000).toString("hex")}`;
    await here.write("/a.txt", large("needle a"));
    const before = new Set([...here.test.store.ids()].map(toHex));
    await here.write("/b.txt", large("needle b"));
    const added = [...here.test.store.ids()].filter((id) => !before.has(toHex(id)));
    const sizes = await Promise.all(
      added.map(async (id) => (await here.test.store.get(id)).length),
    );
    await here.write("/c.txt", "needle c");
    await here.test.close();
    const [chunkId] = added.slice(sizes.indexOf(Math.max(...sizes)));
    assert.ok(chunkId !== undefined);
    await damageBlock(here.test.folder, chunkId, (bytes) => bytes.fill(0, 40, 60));
    here.test = await openTestDrive(here.test.folder, here.test.contents, here.test.clock);
    const items = await grep("needle");
    const failed = items.filter((item) => item.type === "failed");
    assert.deepEqual(
      failed.map(({ path }) => path),
      ["/b.txt"],
    );
    assert.deepEqual(lines(items.filter((item) => item.type === "file")), [
      "/a.txt:1:needle a",
      "/c.txt:1:needle c",
    ]);
  });

  it("passes over a file with which an expression takes for ever, and holds up nobody", async () => {
    await here.write("/a.txt", "aa");
    await here.write("/b.txt", `${"a".repeat(60)}!`);
    await here.write("/c.txt", "aaa");
    let longest = 0;
    let last = performance.now();
    const watch = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    try {
      const items = await grep("^(?:a+)+$", { isRegExp: true });
      assert.deepEqual(lines(items), ["/a.txt:1:aa", "failed /b.txt", "/c.txt:1:aaa"]);
    } finally {
      clearInterval(watch);
    }
    assert.ok(longest < 1000, `the event loop stood still for ${longest.toFixed(0)} ms`);
  }).timeout(20_000);

  it("gives up an expression that takes for ever with file after file", async () => {
    for (let i = 0; i < 8; i++)
      await here.write(`/${i.toString()}.txt`, `${"a".repeat(60)}!${i.toString()}`);
    await refuses(() => grep("^(?:a+)+$", { isRegExp: true }), "usage", /more than 2 s/);
  }).timeout(60_000);

  it("is done at its limit, and says that there may be more", async () => {
    for (let i = 0; i < 40; i++) await here.write(`/${i.toString()}.txt`, "needle\nneedle\n");
    const search = await begin({ text: { ...usual, patterns: ["needle"] } }, 25);
    let count = 0;
    let page = await search.next(signal);
    for (; ; page = await search.next(signal)) {
      for (const item of page.items) if (item.type === "file") count += item.lines.length;
      if (page.isDone) break;
    }
    assert.equal(count, 25);
    assert.ok(page.more);
  });

  it("ends when it is withdrawn, and with the drive", async () => {
    writeTree(
      here.source,
      Object.fromEntries(
        Array.from({ length: 3000 }, (_, i) => [
          `${i.toString()}.txt`,
          `needle ${"x".repeat(2000)} ${i.toString()}`,
        ]),
      ),
    );
    await here.take();
    const query = { ...usual, patterns: ["needle"], previewLength: 5000 };
    const first = await begin({ text: query });
    const leaving = new AbortController();
    const page = first.next(leaving.signal);
    leaving.abort(new Error("left"));
    await assert.rejects(page, /left/);
    await first.ended;
    const second = await begin({ text: query });
    await second.next(signal);
    await here.drive.close();
    await second.ended;
    await assert.rejects(
      async () => {
        for (;;) if ((await second.next(signal)).isDone) return;
      },
      (error) => isCloudError(error, "locked", "unavailable", "cancelled"),
    );
  });
});
