import assert from "node:assert/strict";
import { currentEpoch } from "../../src/node/account/epochs.ts";
import { isLong } from "../blocks/random.ts";
import { epochFlaws, flawedEpoch, lookAtEpochs } from "./search/epochs.ts";

describe("the rule of the current epoch", function () {
  this.timeout(isLong ? 3_600_000 : 120_000);

  it("gives no key that one who was taken out could know, and none of his words spoils a key", () => {
    const found = lookAtEpochs(currentEpoch, isLong ? 4 : 3);
    process.stdout.write(`    ${found.seen.toString()} lists of epochs judged\n`);
    assert.ok(found.seen > 50_000);
    assert.equal(found.known, 0, found.example);
    assert.equal(found.spoilt, 0);
  });

  for (const flaw of epochFlaws) {
    it(`is found wrong where ${flaw.name}`, async () => {
      const { known, spoilt } = lookAtEpochs(await flawedEpoch(flaw), 3);
      assert.ok(known + spoilt > 0);
    });
  }
});
