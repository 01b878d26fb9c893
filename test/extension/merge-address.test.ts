import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { mergeParts, readMerge } from "../../src/extension/conflicts/merge-address.ts";

describe("the address of a merge", () => {
  it("is read back, whatever the names", () => {
    const merge = { path: '/a "b"/ü?.md', target: "/real/ü?.md", theirs: "12-a1b2c3d4" };
    assert.deepEqual(readMerge(mergeParts(merge)), merge);
  });

  it("is refused where it names none", () => {
    for (const query of ["", "{}", '{"target":"/a"}', '{"target":1,"theirs":"1-a"}', "null", "["])
      assert.throws(() => readMerge({ path: "/a", query }), { code: "not-found" });
  });
});
