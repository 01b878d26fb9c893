import assert from "node:assert/strict";
import { keepFrom } from "../../src/node/space/heads/seen-heads.ts";

/** Heads of one writer: those with one counter differ by merges alone. */
const chain = [
  { seq: 5, counter: 10 },
  { seq: 6, counter: 12 },
  { seq: 7, counter: 12 },
  { seq: 9, counter: 20 },
];

describe("of a writer's chain of heads stays", () => {
  it("the newest alone, where there is no other device", () => {
    assert.equal(keepFrom(10, chain, []), 10);
    assert.equal(keepFrom(1, [], []), 1);
  });

  it("all that is not older than what every other device has seen, and the one before", () => {
    assert.equal(keepFrom(10, chain, [20]), 7);
    assert.equal(keepFrom(10, chain, [30, 20]), 7);
    assert.equal(keepFrom(10, chain, [19]), 7);
    assert.equal(keepFrom(10, chain, [12, 20]), 5);
    assert.equal(keepFrom(10, chain, [21]), 9);
  });

  it("everything, while one of them has seen nothing that is known", () => {
    assert.equal(keepFrom(10, chain, [30, 0]), 0);
    assert.equal(keepFrom(10, chain, [10]), 0);
    assert.equal(keepFrom(10, [], [3]), 0);
  });
});
