import assert from "node:assert/strict";
import { type MapChange, SortedChanges } from "../../src/node/blocks/sorted-changes.ts";
import { compareBytes, toBinaryString } from "../../src/node/core/bytes.ts";
import { below, isLong, pick, randomBytes, seeded } from "./random.ts";

describe("sorted changes", () => {
  it("are one for each key, in order, whatever the order in which they were set", () => {
    for (let seed = 0; seed < (isLong ? 50 : 3); seed++) {
      const random = seeded(seed);
      const changes = new SortedChanges();
      const model = new Map<string, MapChange>();
      const rising = random() < 0.3;
      for (let i = 0; i < 6000; i++) {
        const key = rising
          ? Uint8Array.of(i >> 8, i & 255)
          : randomBytes(random, 1 + below(random, 3));
        const change = { key, value: random() < 0.3 ? undefined : randomBytes(random, 2) };
        changes.set(change);
        model.set(toBinaryString(key), change);
      }
      const sorted = [...model.values()].sort((a, b) => compareBytes(a.key, b.key));
      assert.deepEqual(changes.all(), sorted);
      for (let i = 0; i < 300; i++) {
        const key =
          random() < 0.5 ? pick(random, sorted).key : randomBytes(random, below(random, 4));
        assert.equal(changes.get(key), model.get(toBinaryString(key)));
        const first = sorted.findIndex((change) => compareBytes(change.key, key) >= 0);
        const expected = first < 0 ? [] : sorted.slice(first, first + 5);
        const found: MapChange[] = [];
        for (const change of changes.from(key)) {
          if (found.length === expected.length) break;
          found.push(change);
        }
        assert.deepEqual(found, expected);
      }
    }
  });

  it("begin as none", () => {
    const changes = new SortedChanges();
    assert.ok(changes.isEmpty);
    assert.equal(changes.get(Uint8Array.of(1)), undefined);
    assert.deepEqual([...changes.from(new Uint8Array(0))], []);
    changes.set({ key: Uint8Array.of(1), value: undefined });
    assert.ok(!changes.isEmpty);
  });
});
