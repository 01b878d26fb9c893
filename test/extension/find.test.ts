import assert from "node:assert/strict";
import { describe, it } from "mocha";
import {
  asSearch,
  describeQuery,
  emptyQuery,
  splitPatterns,
} from "../../src/extension/find/find-query.ts";
import { FindResults, placeOf, shownLine } from "../../src/extension/find/find-results.ts";
import { parseTypedFile } from "../../src/extension/find/typed-file.ts";
import type { FoundLine, SearchItem } from "../../src/node/rpc/contract.ts";

const line = (number: number, text = "a needle"): FoundLine => ({
  line: number,
  text,
  ranges: [2, 8],
});
const file = (path: string, ...lines: FoundLine[]): SearchItem => ({
  type: "file",
  path,
  count: lines.length,
  lines,
});

describe("what is typed to go to a file", () => {
  it("is a name, and from 1 on a line and a column", () => {
    assert.deepEqual(parseTypedFile("main.ts"), { query: "main.ts" });
    assert.deepEqual(parseTypedFile(" main.ts:12"), { query: "main.ts", line: 11, column: 0 });
    assert.deepEqual(parseTypedFile("main:12:5"), { query: "main", line: 11, column: 4 });
    assert.deepEqual(parseTypedFile("main:0"), { query: "main", line: 0, column: 0 });
    assert.deepEqual(parseTypedFile("main:"), { query: "main" });
    assert.deepEqual(parseTypedFile("a:b"), { query: "a:b" });
  });
});

describe("what is looked for in the drive", () => {
  it("has patterns with commas between, but not within braces", () => {
    assert.deepEqual(splitPatterns("*.{ts,js}, src/** ,,notes"), ["*.{ts,js}", "src/**", "notes"]);
    assert.deepEqual(splitPatterns(" "), []);
  });

  it("is sent as it was asked for, and said in words", () => {
    const query = { ...emptyQuery, text: "x", matchCase: true, include: "*.md", exclude: "old" };
    const { include, exclude, text } = asSearch(query);
    assert.deepEqual([include, exclude, text?.ignoreCase], [["*.md"], ["old"], false]);
    assert.equal(describeQuery(query), "match case, in *.md, not in old");
    assert.equal(describeQuery(emptyQuery), "");
  });
});

describe("what was found in the drive", () => {
  it("is gathered by files, a large one that comes in several items too", () => {
    const results = new FindResults();
    const page = { searched: 5, isDone: false, more: false };
    results.take({ ...page, items: [file("/a", line(1)), file("/b", line(1))] });
    results.take({ ...page, items: [file("/b", line(900)), { type: "binary", path: "/c" }] });
    assert.deepEqual(
      results.files.map(({ path, lines }) => [path, lines.length]),
      [
        ["/a", 1],
        ["/b", 2],
      ],
    );
    assert.deepEqual([results.lines, results.binary, results.searched], [3, 1, 5]);
  });

  it("is gone through line by line, round and round", () => {
    const results = new FindResults();
    const items = [file("/a", line(1), line(2)), file("/b", line(1))];
    results.take({ items, searched: 2, isDone: true, more: false });
    const [a, b, c] = results.files.flatMap(({ lines }) => lines);
    assert.deepEqual(
      [results.beside(undefined, 1), results.beside(a, 1), results.beside(b, 1)],
      [a, b, c],
    );
    assert.deepEqual([results.beside(c, 1), results.beside(a, -1)], [a, c]);
    assert.equal(new FindResults().beside(undefined, 1), undefined);
  });

  it("is shown without the space before it, and placed with it", () => {
    const found: FoundLine = { line: 3, text: "  \tfind me", ranges: [3, 7] };
    assert.deepEqual(shownLine(found), { label: "find me", highlights: [[0, 4]] });
    assert.deepEqual(placeOf(found), [3, 7]);
    const cut: FoundLine = { line: 3, text: " find", cut: 100, ranges: [1, 5] };
    assert.deepEqual(shownLine(cut), { label: "… find", highlights: [[2, 6]] });
    assert.deepEqual(placeOf(cut), [101, 105]);
  });
});
