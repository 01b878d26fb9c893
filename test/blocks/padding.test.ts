import assert from "node:assert/strict";
import { paddedLength } from "../../src/node/blocks/padding.ts";
import { isLong } from "./random.ts";
import { referencePadded } from "./reference-seal.ts";

const limit = isLong ? 2 ** 21 : 2 ** 16;

describe("the padded length", () => {
  it("is the next of those that FORMAT §6.2 names", () => {
    for (let length = 0; length <= limit; length++) {
      assert.equal(paddedLength(length), referencePadded(length));
    }
    for (let bits = 2; bits < 31; bits++) {
      for (const length of [2 ** bits - 1, 2 ** bits, 2 ** bits + 1]) {
        assert.equal(paddedLength(length), referencePadded(length));
      }
    }
  });

  it("never falls, and adds a quarter at most", () => {
    let last = 0;
    for (let length = 0; length <= limit; length++) {
      const padded = paddedLength(length);
      assert.ok(padded >= length && padded >= last);
      assert.ok(padded <= Math.max(256, length * 1.25));
      last = padded;
    }
  });

  it("leaves a padded length as it is, and a full chunk too", () => {
    for (let length = 0; length <= limit; length++) {
      assert.equal(paddedLength(paddedLength(length)), paddedLength(length));
    }
    assert.equal(paddedLength(262_144), 262_144);
  });

  it("leaves 41 lengths for content and records to tell apart", () => {
    const lengths = new Set<number>();
    for (let length = 0; length <= 262_144; length++) lengths.add(paddedLength(length));
    assert.equal(lengths.size, 41);
  });
});
