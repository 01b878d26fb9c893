import assert from "node:assert/strict";
import { judge } from "../../src/node/account/lists/judge.ts";
import { isLong } from "../blocks/random.ts";
import { sets } from "./search/enumerate.ts";
import { flawedJudge, judgeFlaws } from "./search/flaws.ts";
import { look, lookAt, lookForFlaw } from "./search/look.ts";
import { randomSets } from "./search/random.ts";

const wide = { most: 4, plainAdditions: true, byRoot: 9, checkpoints: 2 };
const deep = isLong
  ? { most: 6, plainAdditions: false, byRoot: 1, checkpoints: 1 }
  : { most: 5, plainAdditions: false, byRoot: 9, checkpoints: 1 };

describe("the rule of who is in", function () {
  this.timeout(isLong ? 3_600_000 : 180_000);
  let seen = 0;

  for (const [name, reach] of Object.entries({ wide, deep })) {
    it(`lets nobody take over and takes no denial back (every set: ${name})`, () => {
      const found = look(judge, reach);
      seen += found.seen;
      assert.equal(found.faulty, 0, found.example);
      assert.equal(found.differing, 0);
    });
  }

  it("does so where anybody signs anything on any past", () => {
    const found = lookAt(judge, randomSets(1, isLong ? 1_000_000 : 10_000, 8));
    seen += found.seen;
    assert.equal(found.faulty, 0, found.example);
    assert.equal(found.differing, 0);
  });

  it("was looked at over at least 250,000 sets", () => {
    process.stdout.write(`    ${seen.toString()} sets of statements judged\n`);
    assert.ok(seen >= 250_000);
  });

  for (const flaw of judgeFlaws) {
    it(`is found wrong where ${flaw.name}`, async () => {
      const flawed = await flawedJudge(flaw);
      const tried = function* () {
        yield* sets(wide);
        yield* randomSets(2, 30_000, 7);
      };
      const { faulty, differing } = lookForFlaw(flawed, tried());
      assert.ok(faulty > 0, "no property fails");
      // Only the properties see what is forgotten: the verdict on the whole set is the same.
      if (!flaw.isOfMemory) assert.ok(differing > 0, "the oracle says the same");
    });
  }
});
