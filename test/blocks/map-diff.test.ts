import assert from "node:assert/strict";
import { diffMaps, type MapDifference } from "../../src/node/blocks/map-diff.ts";
import { MapDraft, type MapSealer } from "../../src/node/blocks/map-draft.ts";
import type { MapReader, MapRoot } from "../../src/node/blocks/sealed-map.ts";
import {
  compareBytes,
  equalBytes,
  toBinaryString,
  uint64Bytes,
} from "../../src/node/core/bytes.ts";
import { below, isLong, pick, randomBytes, seeded } from "./random.ts";
import {
  createTestMaps,
  itemsOf,
  type MemoryBlocks,
  nodesOf,
  withFreshCache,
} from "./test-maps.ts";

async function differencesOf(maps: MapReader, a: MapRoot, b: MapRoot): Promise<MapDifference[]> {
  const found: MapDifference[] = [];
  for await (const difference of diffMaps(maps, a, b)) found.push(difference);
  return found;
}

/** The same by reading both maps whole. */
async function plainDifferences(maps: MapReader, a: MapRoot, b: MapRoot): Promise<MapDifference[]> {
  const both = new Map<string, MapDifference>();
  for (const [key, value] of await itemsOf(maps, a)) {
    both.set(toBinaryString(key), { key, a: value, b: undefined });
  }
  for (const [key, value] of await itemsOf(maps, b)) {
    const name = toBinaryString(key);
    both.set(name, { key, a: both.get(name)?.a, b: value });
  }
  return [...both.values()]
    .filter(({ a, b }) => a === undefined || b === undefined || !equalBytes(a, b))
    .sort((x, y) => compareBytes(x.key, y.key));
}

type Maps = MapSealer & { readonly blocks: MemoryBlocks };

async function edit(maps: Maps, root: MapRoot, body: (draft: MapDraft) => void): Promise<MapRoot> {
  const draft = new MapDraft(maps, root);
  body(draft);
  return draft.flush(maps.blocks);
}

describe("the difference of two sealed maps", () => {
  for (const fanoutBits of [1, 2, 5]) {
    it(`is that of their items, at a fan-out of 2^${fanoutBits.toString()}`, async () => {
      const random = seeded(fanoutBits);
      const maps = createTestMaps({ fanoutBits, cacheBytes: 2 ** 26 });
      const roots: MapRoot[] = [undefined];
      for (let i = 0; i < (isLong ? 400 : 20); i++) {
        const base = pick(random, roots.slice(-6));
        const count = pick(random, [1, 2, 20, 200]);
        const drop = random();
        const root = await edit(maps, base, (draft) => {
          for (let j = 0; j < count; j++) {
            const key = Uint8Array.of(below(random, 3), below(random, 200), below(random, 3));
            if (random() < drop) draft.delete(key);
            else draft.set(key, randomBytes(random, 2));
          }
        });
        roots.push(root);
        for (const other of [base, pick(random, roots), pick(random, roots), undefined]) {
          assert.deepEqual(
            await differencesOf(maps, root, other),
            await plainDifferences(maps, root, other),
          );
          assert.deepEqual(
            await differencesOf(maps, other, root),
            await plainDifferences(maps, other, root),
          );
        }
      }
    });
  }

  it("of a map with itself is nothing, and reads nothing", async () => {
    const maps = createTestMaps({ fanoutBits: 1 });
    const root = await edit(maps, undefined, (draft) => {
      for (let i = 0; i < 100; i++) draft.set(uint64Bytes(i), uint64Bytes(i));
    });
    maps.blocks.reads = 0;
    assert.deepEqual(await differencesOf(maps, root, root), []);
    assert.equal(maps.blocks.reads, 0);
    assert.deepEqual(await differencesOf(maps, undefined, undefined), []);
  });

  const cases: [string, (draft: MapDraft, count: number) => void, number][] = [
    [
      "one value",
      (draft) => {
        draft.set(uint64Bytes(501), uint64Bytes(1));
      },
      1,
    ],
    [
      "10 keys all over",
      (draft, count) => {
        for (let i = 0; i < 10; i++) {
          draft.delete(uint64Bytes(Math.floor((i * count) / 10) + 7));
        }
      },
      10,
    ],
    [
      "100 keys in a row",
      (draft) => {
        for (let i = 0; i < 100; i++) draft.delete(uint64Bytes(300 + i));
      },
      100,
    ],
    [
      "500 new keys in one place",
      (draft) => {
        for (let i = 0; i < 500; i++) draft.set(randomKeyBelow(i), uint64Bytes(i));
      },
      500,
    ],
  ];
  const sizes = isLong ? [1000, 10_000, 100_000] : [1000, 10_000];
  const randomOfRun = seeded(77);
  const randomKeys = Array.from({ length: 500 }, () => randomBytes(randomOfRun, 6));
  /** Keys between two of the map. */
  function randomKeyBelow(i: number): Uint8Array {
    const key = new Uint8Array(14);
    key.set(uint64Bytes(600));
    key.set(randomKeys[i] as Uint8Array, 8);
    return key;
  }
  for (const [name, change, size] of cases) {
    it(`of ${name} costs reads by the difference and the height, not by the maps`, async () => {
      for (const count of sizes) {
        const maps = createTestMaps({ cacheBytes: 2 ** 28 });
        const root = await edit(maps, undefined, (draft) => {
          for (let i = 0; i < count; i++) draft.set(uint64Bytes(i), uint64Bytes(i));
        });
        const other = await edit(maps, root, (draft) => {
          change(draft, count);
        });
        const before = await nodesOf(maps, root);
        const after = await nodesOf(maps, other);
        const differing =
          [...after.keys()].filter((cid) => !before.has(cid)).length +
          [...before.keys()].filter((cid) => !after.has(cid)).length;
        const cold = withFreshCache(maps);
        maps.blocks.reads = 0;
        assert.equal((await differencesOf(cold, root, other)).length, size);
        // Every node that differs is read once, and little else.
        assert.ok(maps.blocks.reads >= differing);
        assert.ok(maps.blocks.reads <= differing + 4, `${maps.blocks.reads.toString()} reads`);
        const height = Math.max(...[...after.values()].map(({ node }) => node.level)) + 1;
        const places = name === "10 keys all over" ? 10 : 1;
        assert.ok(differing <= 2 * (places * height * 2 + size / 4 + 4));
      }
    });
  }
});
