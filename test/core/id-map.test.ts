import assert from "node:assert/strict";
import { IdMap, IdSet } from "../../src/node/core/id-map.ts";
import { asBlockId, asEntryId, type BlockId, type EntryId } from "../../src/node/core/ids.ts";

const entry = (byte: number): EntryId => asEntryId(new Uint8Array(16).fill(byte));

describe("a map by ids", () => {
  it("finds by the bytes, whichever array they stand in", () => {
    const map = new IdMap([[entry(1), "one"]]);
    map.set(entry(255), "last").set(entry(1), "first");
    assert.equal(map.get(entry(1)), "first");
    assert.ok(map.has(entry(255)) && !map.has(entry(2)));
    assert.equal(map.get(entry(2)), undefined);
    assert.deepEqual(
      [...map],
      [
        [entry(1), "first"],
        [entry(255), "last"],
      ],
    );
    assert.deepEqual([...map.keys()], [entry(1), entry(255)]);
    assert.deepEqual([[...map.values()], map.size], [["first", "last"], 2]);
  });

  it("keeps an id as it was when it was set", () => {
    const id = entry(7);
    const map = new IdMap<EntryId, number>().set(id, 1);
    id.fill(8);
    assert.deepEqual([...map.keys()], [entry(7)]);
  });

  it("takes no other kind of id", () => {
    const map = new IdMap<BlockId, number>();
    // @ts-expect-error an entry's id names no block
    assert.equal(map.get(entry(1)), undefined);
    // @ts-expect-error bytes of no kind name nothing
    assert.equal(map.has(new Uint8Array(32)), false);
    assert.equal(map.get(asBlockId(new Uint8Array(32))), undefined);
  });
});

describe("a set of ids", () => {
  it("says which are new to it", () => {
    const set = new IdSet([entry(3)]);
    assert.deepEqual(
      [set.add(entry(3)), set.add(entry(4)), set.add(entry(4))],
      [false, true, false],
    );
    assert.ok(set.has(entry(4)) && !set.has(entry(5)));
    assert.deepEqual([[...set], set.size], [[entry(3), entry(4)], 2]);
  });
});
