import assert from "node:assert/strict";
import { describe, it } from "mocha";
describe("x", () => {
  it("y", () => {
    assert.ok(true);
  });
});
