import assert from "node:assert/strict";
import { fuzzyScore, letterMask, parseFuzzy } from "../../../src/node/space/find/fuzzy-score.ts";

const score = (typed: string, path: string): number => {
  const cut = path.lastIndexOf("/") + 1;
  return fuzzyScore(parseFuzzy(typed), path.slice(0, cut), path.slice(cut));
};

/** The paths that fit, the best first. */
const ranked = (typed: string, ...paths: string[]): string[] =>
  paths.filter((path) => score(typed, path) > 0).sort((a, b) => score(typed, b) - score(typed, a));

describe("how well a path fits what was typed", () => {
  it("needs all letters in order, whatever their case", () => {
    assert.ok(score("drvprov", "/src/drive-provider.ts") > 0);
    assert.ok(score("DP", "/src/drive-provider.ts") > 0);
    assert.equal(score("prvdrv", "/src/drive-provider.ts"), 0);
    assert.equal(score("drive-providerz", "/src/drive-provider.ts"), 0);
    assert.ok(score("ÜBER", "/src/über uns.md") > 0);
  });

  it("puts names before folders, and what stands as typed before what is strewn", () => {
    const paths = ["/main/x.ts", "/a/m_a_i_n.ts", "/a/domain.ts", "/a/my-main.ts", "/a/main.ts"];
    assert.deepEqual(ranked("main", ...paths), [
      "/a/main.ts",
      "/a/my-main.ts",
      "/a/domain.ts",
      "/a/m_a_i_n.ts",
      "/main/x.ts",
    ]);
  });

  it("puts the beginnings of words before the midst of them", () => {
    const paths = ["/x/adabap.ts", "/x/drive-big-plan.ts", "/x/DriveBigPlan.ts"];
    assert.equal(ranked("dbp", ...paths).at(-1), "/x/adabap.ts");
    assert.equal(ranked("readme", "/a/readme-old.md", "/a/readme")[0], "/a/readme");
  });

  it("finds a piece with a slash in the path, and each of several pieces", () => {
    assert.deepEqual(ranked("src/ind", "/src/index.ts", "/lib/src-index.ts", "/index.ts"), [
      "/src/index.ts",
    ]);
    assert.deepEqual(ranked("index prov", "/provider/index.ts", "/space/index.ts"), [
      "/provider/index.ts",
    ]);
  });

  it("takes anything for nothing typed", () => {
    assert.ok(score("  ", "/a") > 0);
  });
});

describe("the letters of a text", () => {
  it("never leave out what fits", () => {
    const query = parseFuzzy("a9-Ü_z");
    assert.equal(letterMask("/xx/a9-ü_z.txt") & query.mask, query.mask);
    assert.notEqual(letterMask("/xx/a9-ü_.txt") & query.mask, query.mask);
  });
});
