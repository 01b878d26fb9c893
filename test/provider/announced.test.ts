import assert from "node:assert/strict";
import { beforeEach, describe, it } from "mocha";
import { Announced } from "../../src/provider/patience/announced.ts";

let now: number;
let announced: Announced;

beforeEach(() => {
  now = 0;
  announced = new Announced(() => now);
});

describe("what was announced", () => {
  it("tells why there are calls for a file and the folders above it, and for nothing else", () => {
    announced.add("/d/a", "auto-save");
    for (const path of ["/d/a", "/d", "/"]) assert.equal(announced.need(path), "auto-save");
    for (const path of ["/d/b", "/d/a/c", "/e"]) assert.equal(announced.need(path), "look");
  });

  it("tells of a person's work before an automatic save", () => {
    announced.add("/d/a", "work");
    announced.add("/d/b", "auto-save");
    assert.equal(announced.need("/d"), "work");
  });

  it("tells nothing any more once it is done, or was not done for long", () => {
    announced.add("/a", "work");
    announced.delete("/a");
    assert.equal(announced.need("/a"), "look");
    announced.add("/a", "work");
    now = 10_001;
    assert.equal(announced.need("/a"), "look");
  });
});
