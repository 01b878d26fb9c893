import assert from "node:assert/strict";
import fc from "fast-check";
import { matchText } from "../../../src/node/transfer/search/match-text.ts";
import {
  compileQuery,
  longestLiteral,
  type TextQuery,
} from "../../../src/node/transfer/search/text-query.ts";
import { refuses } from "../../blocks/refuses.ts";

const usual: TextQuery = {
  patterns: [],
  isRegExp: true,
  ignoreCase: false,
  word: false,
  wants: "lines",
  linesEach: 0,
  previewLength: 1000,
  context: [0, 0],
  binary: false,
};

function find(text: string | Buffer, pattern: string | string[], more: Partial<TextQuery> = {}) {
  const query = { ...usual, patterns: [pattern].flat(), ...more };
  return matchText(compileQuery(query), query, Buffer.from(text));
}

const shown = (...found: Parameters<typeof find>): string[] =>
  find(...found).lines.map(
    ({ line, text, ranges }) => `${line.toString()}:${text}:${ranges.join()}`,
  );

/** What is found by asking each line, as slowly as can be. */
function byLines(text: string, pattern: string): number[] {
  const lines = text.endsWith("\n") ? text.slice(0, -1).split("\n") : text.split("\n");
  if (text === "") return [];
  return lines.flatMap((line, i) =>
    new RegExp(pattern, "u").test(line.replace(/\r$/, "")) ? [i + 1] : [],
  );
}

describe("a text in lines", () => {
  it("is found with its number and where it stands in the line", () => {
    assert.deepEqual(shown("one\ntwo two\r\nthree\ntwo", "two"), [
      "2:two two:0,3,4,7",
      "4:two:0,3",
    ]);
    assert.deepEqual(shown("äöü find\n", "find"), ["1:äöü find:4,8"]);
    assert.deepEqual(shown("\u{1f600} x", "x"), ["1:\u{1f600} x:3,4"]);
    assert.deepEqual(shown("", "a"), []);
  });

  it("is found as it stands, by an expression, as a word and in any case", () => {
    assert.deepEqual(shown("a.b\naxb", "a.b", { isRegExp: false }), ["1:a.b:0,3"]);
    assert.deepEqual(shown("a.b\naxb", "a.b"), ["1:a.b:0,3", "2:axb:0,3"]);
    assert.deepEqual(shown("cat\nconcat\ncat_\ncät cat", "cat", { word: true }), [
      "1:cat:0,3",
      "4:cät cat:4,7",
    ]);
    assert.deepEqual(shown("écat", "cat", { word: true }), []);
    assert.deepEqual(shown("Straße\nSTRASSE", "stra", { ignoreCase: true }).length, 2);
    assert.deepEqual(shown("a\nb\nc", ["c", "a"]), ["1:a:0,1", "3:c:0,1"]);
    assert.deepEqual(shown("a(b", "a(b", { isRegExp: false }), ["1:a(b:0,3"]);
  });

  it("never spans lines, whatever takes the end of one", () => {
    assert.deepEqual(shown("foo\nbar", "foo\\s+bar"), []);
    assert.deepEqual(shown("ax\nyc a c", "a[^b]*c"), ["2:yc a c:3,6"]);
    assert.deepEqual(shown("foo\n bar", "foo(?!\\s)"), ["1:foo:0,3"]);
    assert.deepEqual(shown("a\nb", "^b$"), ["2:b:0,1"]);
    assert.deepEqual(shown("a\r\nb\r\n", "a$"), ["1:a:0,1"]);
  });

  it("may be nothing at all, which every line has", () => {
    assert.equal(find("a\n\nb\n", "^").count, 3);
    assert.equal(find("a\n\nb\n", "x*").count, 3);
    assert.equal(find("a\n\nb\n", "^$").count, 1);
  });

  it("is told with the lines around it, each once", () => {
    const text = Array.from({ length: 10 }, (_, i) => `line${(i + 1).toString()}`).join("\n");
    const lines = (before: number, after: number, pattern: string): number[] =>
      find(text, pattern, { context: [before, after] }).lines.map(({ line }) => line);
    assert.deepEqual(lines(1, 2, "line5"), [4, 5, 6, 7]);
    assert.deepEqual(lines(2, 2, "line(1|4|10)$"), [1, 2, 3, 4, 5, 6, 8, 9, 10]);
    assert.equal(find(text, "line5", { context: [1, 1] }).count, 1);
  });

  it("is told in part where the line is long, around what was found first", () => {
    const [line] = find(`${"x".repeat(5000)}needle${"y".repeat(5000)}needle`, "needle", {
      previewLength: 100,
    }).lines;
    assert.equal(line?.text.length, 100);
    const [from = 0, to = 0] = line.ranges;
    assert.equal(line.text.slice(from, to), "needle");
    assert.equal((line.cut ?? 0) + from, 5000);
    assert.equal(line.ranges.length, 2);
  });

  it("is counted, or found once, where no more is wanted", () => {
    assert.deepEqual(find("a\na\na", "a", { wants: "count" }), { count: 3, lines: [] });
    assert.deepEqual(find("a\na\na", "a", { wants: "file" }), { count: 1, lines: [] });
    assert.equal(find("a\na\na", "a", { linesEach: 2 }).lines.length, 2);
  });

  it("is found where asking each line finds it", () => {
    const piece = fc.constantFrom("a", "b", "ab", "\n", "\r\n", " ", "é", "-", "7", "\n\n");
    const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(""));
    const patterns = [
      "a",
      "ab",
      "a+b",
      "a|b",
      "[^b]+7",
      "\\s",
      "a\\s*b",
      "\\W7",
      "(?:ab)+",
      "b?a",
      "^a",
      "b$",
      "é",
      "\\bab\\b",
      "(?<=a)b",
      "a(?!b)",
      "[\\s\\S]b",
      ".b.",
      "ab{2}",
      "a{1,2}b",
      "\\D",
    ];
    fc.assert(
      fc.property(text, fc.constantFrom(...patterns), (lines, pattern) => {
        const found = find(lines, pattern).lines.map(({ line }) => line);
        assert.deepEqual(found, byLines(lines, pattern));
      }),
      { seed: 7, numRuns: 4000 },
    );
  });
});

describe("what is looked for", () => {
  it("is refused if it is no expression, is empty or spans lines", async () => {
    await refuses(() => find("", "a(b"), "usage", /is no regular expression/);
    await refuses(() => find("", ""), "usage", /empty/);
    await refuses(() => find("", "a\nb"), "usage", /line breaks/);
    await refuses(() => find("", []), "usage", /nothing to look for/);
    await refuses(() => find("", "a".repeat(20_000)), "usage", /characters/);
  });

  it("has in it the longest text that whatever it finds must hold", () => {
    const literals: readonly (readonly [string, string])[] = [
      ["abc", "abc"],
      ["a.bcd?e", "bc"],
      ["ab+cde", "cde"],
      ["(abc)de", "de"],
      ["abc|d", ""],
      ["a(b|c)def", "def"],
      ["x\\.y\\bz", "x.y"],
      ["\\w+foo\\(", "foo("],
      ["a{2}bcd", ""],
      ["[abc]xyz*", "xy"],
      ["\u{1f600}ab", "\u{1f600}ab"],
      ["(?:a{2})bc", "bc"],
    ];
    for (const [source, literal] of literals) assert.equal(longestLiteral(source), literal, source);
  });
});
