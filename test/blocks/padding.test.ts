import assert from "node:assert/strict";
import { padme } from "../../src/node/blocks/padding.ts";
import { isLong } from "./random.ts";
import { referencePadme } from "./reference-seal.ts";

const limit = isLong ? 2 ** 21 : 2 ** 16;

describe("padme", () => {
  it("is what the paper defines", () => {
    for (let length = 0; length <= limit; length++) {
      assert.equal(padme(length), referencePadme(length));
    }
    for (let bits = 2; bits < 31; bits++) {
      for (const length of [2 ** bits - 1, 2 ** bits, 2 ** bits + 1]) {
        assert.equal(padme(length), referencePadme(length));
      }
    }
  });

  it("never shrinks, never falls, and adds at most 12 %", () => {
    let last = 0;
    for (let length = 1; length <= limit; length++) {
      const padded = padme(length);
      assert.ok(padded >= length && padded >= last && padded <= length * 1.12);
      last = padded;
    }
  });

  it("leaves a padded length as it is", () => {
    for (let length = 1; length <= limit; length++) {
      assert.equal(padme(padme(length)), padme(length));
    }
  });

  it("leaves few lengths to tell apart", () => {
    const lengths = new Set<number>();
    for (let length = 1; length <= 2 ** 16; length++) lengths.add(padme(length));
    assert.ok(lengths.size < 200);
  });
});
