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

  it("lets go of an id", () => {
    const map = new IdMap([[entry(1), "one"]]);
    assert.deepEqual([map.delete(entry(1)), map.delete(entry(1)), map.size], [true, false, 0]);
  });

  it("is copied from another, and is then its own", () => {
    const map = new IdMap([[entry(1), "one"]]);
    const copy = new IdMap(map).set(entry(2), "two");
    assert.deepEqual([...copy.keys()], [entry(1), entry(2)]);
    assert.equal(map.size, 1);
  });

  it("equals another just if both hold the same", () => {
    const map = new IdMap([[entry(1), "one"]]);
    assert.deepEqual(map, new IdMap([[entry(1), "one"]]));
    assert.notDeepEqual(map, new IdMap([[entry(1), "two"]]));
    assert.notDeepEqual(map, new IdMap([[entry(2), "one"]]));
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

  it("takes all of a list or of another set, and lets go of one", () => {
    const set = new IdSet([entry(3)]);
    set.addAll([entry(4)]);
    set.addAll(new IdSet([entry(4), entry(5)]));
    assert.deepEqual([...set], [entry(3), entry(4), entry(5)]);
    assert.deepEqual([set.delete(entry(4)), set.delete(entry(4)), set.size], [true, false, 2]);
  });

  it("equals another just if both hold the same", () => {
    assert.deepEqual(new IdSet([entry(3)]), new IdSet([entry(3)]));
    assert.notDeepEqual(new IdSet([entry(3)]), new IdSet([entry(4)]));
  });
});
