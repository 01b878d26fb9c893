import assert from "node:assert/strict";
import { asRecordLink } from "../../src/node/blocks/link.ts";
import type { OpenSpace } from "../../src/node/space/open-space.ts";
import { type CachedItem, ImportCache } from "../../src/node/transfer/import/import-cache.ts";
import { makeTestDrive, openTestSpace, type TestDrive } from "../support/open-drive.ts";
import { fakeLink, testId } from "../tree/test-trees.ts";

const top = testId("top");
const inner = testId("inner");

function item(name: string, size = name.length): CachedItem {
  const link = asRecordLink(fakeLink(name), "a link of the tests");
  return { name, size, mtimeMs: 1, ctimeMs: 2, inode: 3, id: testId(name), link };
}

/** `from` to `to`, each before the next as the walk goes. */
function numbered(from: number, to: number): CachedItem[] {
  return Array.from({ length: to - from }, (_, i) => item((100_000 + from + i).toString()));
}

describe("what is remembered of an import", () => {
  let test: TestDrive;
  let space: OpenSpace;

  beforeEach(async () => {
    test = await makeTestDrive();
    space = openTestSpace(test.store, test.contents);
  });

  afterEach(() => test.remove());

  function open(): ImportCache {
    return new ImportCache(space, "/source", "/dest");
  }

  /** A large folder, one inside of it, and one beside that. */
  async function remember(): Promise<void> {
    const cache = open();
    await cache.add({ below: "", folder: top, items: numbered(0, 1500) });
    await cache.add({ below: "", folder: top, items: numbered(1500, 6000) });
    await cache.add({ below: "a", folder: inner, items: [item("x"), item("y")] });
    await cache.add({ below: "a/b", folder: inner, items: [item("z")] });
    await cache.add({ below: "a!", folder: inner, items: [item("w")] });
    await cache.finish(undefined);
  }

  it("is found by names in the order of the walk, whatever else was there", async () => {
    await remember();
    const cache = open();
    const folder = cache.folder("");
    assert.deepEqual(folder?.id, top);
    for (const wanted of [0, 1, 999, 1000, 1001, 1499, 1500, 4999, 5999]) {
      assert.deepEqual(folder.find((100_000 + wanted).toString()), numbered(wanted, wanted + 1)[0]);
      assert.equal(folder.find(`${(100_000 + wanted).toString()}-new`), undefined);
    }
    assert.equal(folder.find("2"), undefined);
    assert.equal(folder.find("3"), undefined);
    assert.deepEqual(cache.folder("a")?.find("y"), item("y"));
    assert.equal(cache.folder("a/a"), undefined);
    assert.deepEqual(cache.folder("a/b")?.find("z"), item("z"));
    assert.deepEqual(cache.folder("a!")?.find("w"), item("w"));
    assert.equal(cache.folder("b"), undefined);
  });

  it("is found where folders before were passed over, or not to their ends", async () => {
    await remember();
    const cache = open();
    assert.deepEqual(cache.folder("")?.find("100001"), item("100001"));
    assert.deepEqual(cache.folder("a!")?.find("w"), item("w"));
  });

  it("is kept up to the place from which on it is written anew", async () => {
    for (const [below, name, left] of [
      ["", "103456", 3456],
      ["", "101000", 1000],
      ["", "0", 0],
    ] as const) {
      await remember();
      const cache = open();
      await cache.keepBefore(below, name);
      await cache.add({ below, folder: top, items: [item(name, 77)] });
      await cache.finish(undefined);
      const folder = open().folder("");
      for (const kept of numbered(0, left)) assert.deepEqual(folder?.find(kept.name), kept);
      const found = folder?.find(name);
      assert.equal(found?.size, 77);
      assert.equal(folder?.find("105999"), undefined);
      assert.equal(open().folder("a"), undefined);
    }
    await remember();
    const cache = open();
    await cache.keepBefore("a/b", "z");
    await cache.finish(undefined);
    const kept = open();
    assert.deepEqual(kept.folder("")?.find("105999"), item("105999"));
    assert.deepEqual(kept.folder("a")?.find("y"), item("y"));
    assert.equal(kept.folder("a/b"), undefined);
  });
});
