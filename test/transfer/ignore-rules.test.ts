import assert from "node:assert/strict";
import { isIgnored, withRules } from "../../src/node/transfer/import/ignore-rules.ts";
import { refuses } from "../blocks/refuses.ts";

/** A rule that passes over folders at so many places. */
const rule = (places: number): string => `${"a/**/".repeat(places)}b`;

/** Processor time in milliseconds. */
function timeOf(run: () => void): number {
  const began = process.cpuUsage();
  run();
  return process.cpuUsage(began).user / 1000;
}

describe("the rules of .ipcloudignore", () => {
  it("hold as git has them where they pass over folders", () => {
    const rules = withRules(
      undefined,
      "**/a/**/b/**\n/x/**/y/**/z\n!**/keep\n\\*\\*/**/q/*/**\n",
      "",
    );
    const leftOut = (path: string): boolean => isIgnored(rules, path, false);
    assert.deepEqual(["c/a/d/e/b/f", "a/b/f", "x/y/z", "x/1/y/2/3/z"].map(leftOut), [
      true,
      true,
      true,
      true,
    ]);
    assert.deepEqual(["a/b", "b/f", "y/z", "x/z", "c/a/d/b/keep"].map(leftOut), [
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  it("are refused where one passes over folders at more than two places, which takes too long", async () => {
    for (const text of [
      rule(3),
      `!${rule(3)}`,
      `**/${rule(2)}`,
      `ok\n***/a/****/b/**/c`,
      `${rule(8)}/**`,
    ]) {
      await refuses(() => withRules(undefined, text, ""), "usage", /"\*\*" .*at most 2/u);
    }
    withRules(undefined, `${rule(2)}/**`, "");
  });

  it("are refused where many do at two, with those of the folders above", async () => {
    const above = withRules(undefined, `${rule(2)}\n`.repeat(60), "");
    withRules(above, `${rule(2)}\n`.repeat(4), "a");
    await refuses(() => withRules(above, `${rule(2)}\n`.repeat(5), "a"), "usage", /at most 64/u);
  });

  it("that pass over folders at two places take little time, however deep they are asked", () => {
    const rules = withRules(undefined, `${rule(2)}\n`.repeat(64), "");
    const path = `${"a/".repeat(100)}a`;
    const took = timeOf(() => {
      assert.equal(isIgnored(rules, path, false), false);
    });
    assert.ok(took < 2000, `${took.toString()} ms`);
  });
});
