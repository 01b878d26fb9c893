import assert from "node:assert/strict";
import {
  childOf,
  isWithin,
  movedPath,
  nameOf,
  parentOf,
  resolvePath,
} from "../../src/node/core/path.ts";

describe("paths of the drive", () => {
  it("are parted and put together, the root too", () => {
    for (const [path, folder, name] of [
      ["/a", "/", "a"],
      ["/a/b", "/a", "b"],
      ["/a/b.c", "/a", "b.c"],
    ] as const) {
      assert.deepEqual([parentOf(path), nameOf(path)], [folder, name]);
      assert.equal(childOf(folder, name), path);
    }
    assert.deepEqual([parentOf("/"), nameOf("/")], ["/", ""]);
  });

  it("stand within a folder by whole names", () => {
    assert.ok(isWithin("/a", "/a") && isWithin("/a/b", "/a") && isWithin("/a", "/"));
    assert.ok(!isWithin("/ab", "/a") && !isWithin("/", "/a"));
  });

  it("move with the folder they stand in, also to the root", () => {
    assert.equal(movedPath("/a", "/a", "/b"), "/b");
    assert.equal(movedPath("/a/x/y", "/a", "/b/c"), "/b/c/x/y");
    assert.equal(movedPath("/a/x", "/a", "/"), "/x");
    assert.equal(movedPath("/x", "/", "/b"), "/b/x");
  });

  it("are resolved from a folder, and never above the root", () => {
    for (const [folder, path, meant] of [
      ["/a/b", "c", "/a/b/c"],
      ["/a/b", "./c/", "/a/b/c"],
      ["/a/b", "../c", "/a/c"],
      ["/a/b", "../../../c", "/c"],
      ["/a/b", "/c//d", "/c/d"],
      ["/a/b", "/../c", "/c"],
      ["/a/b", "", "/a/b"],
      ["/", "..", "/"],
      ["/", "...", "/..."],
    ] as const) {
      assert.equal(resolvePath(folder, path), meant, `${path} in ${folder}`);
    }
  });
});
