import assert from "node:assert/strict";
import { fuzz } from "./fuzz.ts";
import { parsers } from "./parsers/all.ts";

/** Inputs of a parser whose share is 1; none is given fewer than the second number. */
const inputs = 900;
const fewest = 20;

describe("whatever a parser is given", () => {
  for (const parser of parsers) {
    it(`as ${parser.name}, it takes what is canonical and refuses the rest in good order`, async () => {
      const count = Math.max(fewest, Math.round(inputs * parser.share));
      const tally = await fuzz(parser, 1, count);
      assert.deepEqual(tally.failures, []);
      assert.equal(tally.accepted + tally.refused, count);
    });
  }

  it("is the same in every run of one seed", async () => {
    const [parser] = parsers.filter(({ name }) => name === "a state");
    assert.ok(parser !== undefined);
    assert.deepEqual(await fuzz(parser, 7, 200), await fuzz(parser, 7, 200));
    assert.notDeepEqual(await fuzz(parser, 7, 200), await fuzz(parser, 8, 200));
  });
});
