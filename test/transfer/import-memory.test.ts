import assert from "node:assert/strict";
import { asRecordLink } from "../../src/node/blocks/link.ts";
import type { OpenSpace } from "../../src/node/space/open-space.ts";
import { ImportCache } from "../../src/node/transfer/import/import-cache.ts";
import type { MatchedFolder, SameItem } from "../../src/node/transfer/import/import-item.ts";
import { ImportMemory } from "../../src/node/transfer/import/import-memory.ts";
import { makeTestDrive, openTestSpace, type TestDrive } from "../support/open-drive.ts";
import { fakeLink, testId } from "../tree/test-trees.ts";

const folder: MatchedFolder = { path: "/source", below: "", depth: 0, id: testId("top") };
const restingSince = 1000;

function same(name: string, inode = 1, mtimeMs = 1): SameItem {
  const link = asRecordLink(fakeLink(name), "a link of the tests");
  const seen = {
    folder,
    name,
    kind: "file",
    size: 1,
    mtimeMs,
    ctimeMs: 1,
    inode,
    mode: 0,
    owner: 0,
  } as const;
  return { outcome: "same", seen, inner: undefined, id: testId(name), link };
}

describe("what an import remembers", () => {
  let test: TestDrive;
  let space: OpenSpace;

  beforeEach(async () => {
    test = await makeTestDrive();
    space = openTestSpace(test.store, test.contents);
  });

  afterEach(() => test.remove());

  /** Remembers slices. @param hits - of each slice, how many were as they were remembered. */
  async function remember(slices: readonly SameItem[][], hits: readonly number[]): Promise<void> {
    const cache = new ImportCache(space, "/source", "/dest");
    const memory = new ImportMemory(cache, new WeakMap(), restingSince);
    for (const [i, slice] of slices.entries()) await memory.add(slice, hits[i] ?? 0);
    await memory.finish(undefined);
  }

  function inodes(): (number | undefined)[] {
    const found = new ImportCache(space, "/source", "/dest").folder("");
    return ["a", "b", "c", "d", "e", "f"].map((name) => found?.find(name)?.inode);
  }

  const first = [
    [same("a"), same("b")],
    [same("c"), same("d")],
    [same("e"), same("f")],
  ];

  it("is all that it found, whichever slices differ from what was remembered", async () => {
    for (let differing = 0; differing < 8; differing++) {
      await remember(first, [0, 0, 0]);
      assert.deepEqual(inodes(), [1, 1, 1, 1, 1, 1]);
      const slices = first.map((slice, i) =>
        slice.map(({ seen: { name } }, j) =>
          same(name, j === 1 && (differing >> i) % 2 > 0 ? 2 : 1),
        ),
      );
      const hits = first.map((_, i) => ((differing >> i) % 2 > 0 ? 1 : 2));
      await remember(slices, hits);
      assert.deepEqual(
        inodes(),
        slices.flat().map(({ seen }) => seen.inode),
        differing.toString(),
      );
    }
  });

  it("is nothing that changed a moment ago", async () => {
    await remember([[same("a"), same("b", 1, restingSince + 1)]], [0]);
    assert.deepEqual(inodes(), [1, undefined, undefined, undefined, undefined, undefined]);
  });
});
