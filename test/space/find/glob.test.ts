import assert from "node:assert/strict";
import { isGlob, parseGlob } from "../../../src/node/space/find/glob.ts";
import { refuses } from "../../blocks/refuses.ts";

const fits = (pattern: string, path: string, ignoreCase = false): boolean =>
  parseGlob(pattern, ignoreCase).matches(path.split("/").filter((name) => name !== ""));

describe("a pattern of names", () => {
  const cases: readonly (readonly [pattern: string, fits: string[], not: string[]])[] = [
    ["*.ts", ["/a.ts", "/deep/er/a.ts", "/.ts"], ["/a.tsx", "/a.ts/b"]],
    ["read?e", ["/readme", "/x/read\u{1f600}e"], ["/reade", "/readmee"]],
    ["/src", ["/src"], ["/a/src", "/src/a"]],
    ["src/*.ts", ["/src/a.ts", "/x/src/a.ts"], ["/src/x/a.ts", "/a.ts"]],
    ["src/**/*.ts", ["/src/a.ts", "/src/x/y/a.ts"], ["/a.ts", "/srcs/a.ts"]],
    ["/**/b/**/d", ["/b/d", "/a/b/c/c/d", "/b/b/d/d"], ["/d/b", "/b"]],
    ["*.{ts,js}", ["/a.ts", "/a.js"], ["/a.json", "/a.{ts,js}"]],
    ["{a,b{c,d}}.x", ["/a.x", "/bc.x", "/bd.x"], ["/b.x"]],
    ["[a-c]?[!0-9]", ["/bxx", "/c1_"], ["/dxx", "/bx1"]],
    ["[]x]", ["/]", "/x"], ["/[]x]"]],
    ["a\\*b", ["/a*b"], ["/axb"]],
    ["a[b", ["/a[b"], ["/ab"]],
    ["{one}", ["/{one}"], ["/one"]],
    ["caf?", ["/café"], []],
  ];
  for (const [pattern, taken, left] of cases) {
    it(`${pattern} is about just what it says`, () => {
      for (const path of taken) assert.ok(fits(pattern, path), path);
      for (const path of left) assert.ok(!fits(pattern, path), path);
    });
  }

  it("tells capitals from small letters unless it is asked not to", () => {
    assert.ok(!fits("*.MD", "/a.md"));
    assert.ok(fits("*.MD", "/a.md", true));
    assert.ok(fits("*.md", "/A.MD", true));
  });

  it("takes no time that grows with the power of its stars", () => {
    const stars = `${"*a".repeat(60)}*b`;
    const folders = `${"**/a/".repeat(60)}b`;
    const began = performance.now();
    assert.ok(!fits(stars, `/${"a".repeat(255)}`));
    assert.ok(!fits(folders, "/a".repeat(1000)));
    assert.ok(performance.now() - began < 1000);
  });

  it("is refused if it names nothing or stands for too much", async () => {
    await refuses(() => parseGlob("/"), "usage", /names nothing/);
    await refuses(() => parseGlob("{a,b}".repeat(20)), "usage", /too many braces/);
    await refuses(() => parseGlob("a".repeat(5000)), "usage", /too long/);
  });

  it("is told from a name by its wildcards", () => {
    assert.ok(["*", "a?", "[a]", "{a,b}"].every(isGlob));
    assert.ok(!isGlob("read me (1).md"));
  });
});
