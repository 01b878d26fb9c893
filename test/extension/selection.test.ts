import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { Selection } from "../../src/extension/versions/selection.ts";

describe("what is selected to be compared", () => {
  it("is the last that was, until it is forgotten, and tells the menus", () => {
    const told: boolean[] = [];
    const selection = new Selection<string>((isThere) => told.push(isThere));
    assert.equal(selection.item, undefined);
    selection.select("one");
    selection.select("two");
    assert.equal(selection.item, "two");
    selection.forget();
    assert.equal(selection.item, undefined);
    assert.deepEqual(told, [true, true, false]);
  });
});
