import assert from "node:assert/strict";
import fc from "fast-check";
import { MapDraft, type MapSealer } from "../../src/node/blocks/map-draft.ts";
import { levelOfKey, maxLevel } from "../../src/node/blocks/map-node.ts";
import {
  floorInMap,
  getFromMap,
  type MapRoot,
  rangeOfMap,
} from "../../src/node/blocks/sealed-map.ts";
import {
  compareBytes,
  equalBytes,
  startsWithBytes,
  toBinaryString,
  toUtf8,
} from "../../src/node/core/bytes.ts";
import { below, isLong, pick, type Random, randomBytes, seeded, shuffled } from "./random.ts";
import { refuses } from "./refuses.ts";
import { createTestMaps, itemsOf, MemoryBlocks, nodesOf, withFreshCache } from "./test-maps.ts";

type Model = Map<string, { key: Uint8Array; value: Uint8Array }>;

/** Keys of few parents and short names, so that random ones meet. */
function randomKey(random: Random): Uint8Array {
  const key = new Uint8Array(17 + below(random, 3));
  key.fill(below(random, 4), 0, 16);
  for (let i = 16; i < key.length; i++) key[i] = 97 + below(random, 6);
  return random() < 0.05 ? randomBytes(random, 1 + below(random, 40)) : key;
}

function sorted(model: Model, prefix = new Uint8Array(0)): [Uint8Array, Uint8Array][] {
  return [...model.values()]
    .filter(({ key }) => startsWithBytes(key, prefix))
    .sort((a, b) => compareBytes(a.key, b.key))
    .map(({ key, value }) => [key, value]);
}

function change(random: Random, draft: MapDraft, model: Model): void {
  const known = [...model.values()];
  const key = known.length > 0 && random() < 0.5 ? pick(random, known).key : randomKey(random);
  if (random() < 0.45) {
    draft.delete(key);
    model.delete(toBinaryString(key));
  } else {
    const value = randomBytes(random, below(random, 40));
    draft.set(key, value);
    model.set(toBinaryString(key), { key, value });
  }
}

async function build(maps: MapSealer & { blocks: MemoryBlocks }, model: Model): Promise<MapRoot> {
  const draft = new MapDraft(maps, undefined);
  for (const { key, value } of model.values()) draft.set(key, value);
  return draft.flush(maps.blocks);
}

async function drain(items: AsyncIterable<readonly [Uint8Array, Uint8Array]>) {
  const found: [Uint8Array, Uint8Array][] = [];
  for await (const [key, value] of items) found.push([key, value]);
  return found;
}

const prefixes = [
  new Uint8Array(0),
  ...[0, 1, 2, 3, 4].map((byte) => new Uint8Array(16).fill(byte)),
  new Uint8Array(3).fill(1),
  new Uint8Array(17).fill(2, 0, 16).fill(98, 16),
];

/** A space of maps is given by what is drawn from one seed. */
for (const fanoutBits of [1, 2, 5]) {
  describe(`a sealed map of fan-out 2^${fanoutBits.toString()}`, () => {
    const histories = isLong ? 200 : fanoutBits === 1 ? 8 : 20;

    it("reads as a plain map does, before and after each flush", async () => {
      for (let seed = 0; seed < histories; seed++) {
        const random = seeded(seed * 31 + fanoutBits);
        const maps = createTestMaps({ fanoutBits, cacheBytes: pick(random, [0, 20_000, 2 ** 30]) });
        const model: Model = new Map();
        let root: MapRoot;
        for (let round = 0; round < 6; round++) {
          const draft = new MapDraft(maps, root);
          const count = pick(random, [0, 1, 2, 10, 100]);
          for (let i = 0; i < count; i++) change(random, draft, model);
          for (const key of [
            ...sorted(model)
              .map(([key]) => key)
              .slice(0, 20),
            randomKey(random),
          ]) {
            assert.deepEqual(await draft.get(key), model.get(toBinaryString(key))?.value);
          }
          for (const prefix of prefixes) {
            assert.deepEqual(await drain(draft.range(prefix)), sorted(model, prefix));
            const from = randomKey(random);
            assert.deepEqual(
              await drain(draft.range(prefix, from)),
              sorted(model, prefix).filter(([key]) => compareBytes(key, from) >= 0),
            );
            assert.equal(await draft.hasPrefix(prefix), sorted(model, prefix).length > 0);
          }
          const before = root;
          root = await draft.flush(maps.blocks);
          assert.equal(draft.dirty, root !== before, "dirty tells whether the map is another one");
          assert.deepEqual(await itemsOf(maps, root), sorted(model));
          assert.deepEqual(await drain(draft.range(new Uint8Array(0))), sorted(model));
          for (const prefix of prefixes) {
            assert.deepEqual(await drain(rangeOfMap(maps, root, prefix)), sorted(model, prefix));
            const from = randomKey(random);
            assert.deepEqual(
              await drain(rangeOfMap(maps, root, prefix, from)),
              sorted(model, prefix).filter(([key]) => compareBytes(key, from) >= 0),
            );
          }
          for (let i = 0; i < 10; i++) {
            const key = random() < 0.5 ? randomKey(random) : randomBytes(random, below(random, 3));
            assert.deepEqual(
              await getFromMap(maps, root, key),
              model.get(toBinaryString(key))?.value,
            );
            const floor = sorted(model)
              .filter(([other]) => compareBytes(other, key) <= 0)
              .at(-1);
            assert.deepEqual(await floorInMap(maps, root, key), floor);
          }
        }
      }
    });

    it("has one root for the same items, whatever the way to them", async () => {
      for (let seed = 0; seed < histories; seed++) {
        const random = seeded(seed * 37 + fanoutBits);
        const maps = createTestMaps({ fanoutBits });
        const model: Model = new Map();
        let root: MapRoot;
        for (let round = 0; round < 8; round++) {
          const draft = new MapDraft(maps, root);
          const count = pick(random, [1, 1, 3, 30, 150]);
          for (let i = 0; i < count; i++) change(random, draft, model);
          root = await draft.flush(maps.blocks);
          const fresh = createTestMaps({ fanoutBits });
          const other = new Map(shuffled(random, [...model]));
          assert.deepEqual(root, await build(fresh, other));
          // Nothing but the map is sealed when it is built at once.
          assert.equal(fresh.blocks.byId.size, (await nodesOf(fresh, root)).size);
        }
      }
    });

    it("seals only what is new and reachable, bounded by the difference times the height", async () => {
      for (let seed = 0; seed < histories; seed++) {
        const random = seeded(seed * 41 + fanoutBits);
        const maps = createTestMaps({ fanoutBits });
        const model: Model = new Map();
        const first = new MapDraft(maps, undefined);
        for (let i = 0; i < 400; i++) change(random, first, model);
        let root = await first.flush(maps.blocks);
        for (let round = 0; round < 10; round++) {
          const before = await nodesOf(maps, root);
          const draft = new MapDraft(maps, root);
          const count = 1 + below(random, 4);
          for (let i = 0; i < count; i++) change(random, draft, model);
          const put = new MemoryBlocks();
          root = await draft.flush(put);
          for (const [id, bytes] of put.byId) maps.blocks.byId.set(id, bytes);
          const after = await nodesOf(maps, root);
          const fresh = [...after].filter(([cid]) => !before.has(cid));
          const reachable = new Set([...after.values()].map(({ link }) => toBinaryString(link.id)));
          for (const id of put.byId.keys()) assert.ok(reachable.has(id), "a block of no use");
          assert.ok(fresh.length <= put.byId.size);
          const height =
            Math.max(...[...before, ...after].map(([, { node }]) => node.level), 0) + 1;
          assert.ok(fresh.length <= count * 2 * height + height);
        }
      }
    });

    it("needs nothing of what it seals before it is done", async () => {
      const random = seeded(5);
      const maps = createTestMaps({ fanoutBits });
      const model: Model = new Map();
      let root: MapRoot;
      for (let round = 0; round < 60; round++) {
        // The putter keeps all back until the flush is over; nothing is cached.
        const put = new MemoryBlocks();
        const draft = new MapDraft(maps, root);
        if (round % 10 === 9) for (const { key } of [...model.values()].slice(2)) draft.delete(key);
        if (round % 10 === 9) for (const name of [...model.keys()].slice(2)) model.delete(name);
        for (let i = 0; i < 20; i++) change(random, draft, model);
        root = await draft.flush(put);
        for (const [id, bytes] of put.byId) maps.blocks.byId.set(id, bytes);
        assert.deepEqual(await itemsOf(maps, root), sorted(model));
      }
    });

    it("grows and shrinks in height, down to nothing", async () => {
      const maps = createTestMaps({ fanoutBits });
      const keys = Array.from({ length: isLong ? 600 : 200 }, (_, i) =>
        toUtf8(`key ${i.toString()}`),
      );
      const heights = new Set<number>();
      let root: MapRoot;
      const model: Model = new Map();
      const reach = (key: Uint8Array): number =>
        levelOfKey(maps.primitives, maps.boundaryKey, key, fanoutBits);
      const check = async (): Promise<void> => {
        assert.deepEqual(root, await build(createTestMaps({ fanoutBits }), model));
        const nodes = [...(await nodesOf(maps, root)).values()];
        const height = Math.max(-1, ...nodes.map(({ node }) => node.level));
        const highest = Math.max(0, ...[...model.values()].map(({ key }) => reach(key)));
        assert.equal(height, model.size === 0 ? -1 : highest);
        heights.add(height);
      };
      const byReach = [...keys].sort((a, b) => reach(a) - reach(b));
      for (const [i, key] of byReach.entries()) {
        const draft = new MapDraft(maps, root);
        draft.set(key, toUtf8("value"));
        model.set(toBinaryString(key), { key, value: toUtf8("value") });
        root = await draft.flush(maps.blocks);
        if (i % 40 === 0 || i > byReach.length - 10) await check();
      }
      // The keys at which nodes begin go first, then all others.
      for (const [i, key] of [...byReach].reverse().entries()) {
        const draft = new MapDraft(maps, root);
        draft.delete(key);
        model.delete(toBinaryString(key));
        root = await draft.flush(maps.blocks);
        if (i % 40 === 0 || i < 10 || i > byReach.length - 3) await check();
      }
      assert.equal(root, undefined);
      assert.ok(heights.size > 2);
    });
  });
}

describe("a sealed map", () => {
  it("is nothing when it is empty", async () => {
    const maps = createTestMaps();
    const draft = new MapDraft(maps, undefined);
    assert.equal(draft.dirty, false);
    assert.equal(await draft.flush(maps.blocks), undefined);
    draft.delete(toUtf8("absent"));
    assert.equal(draft.dirty, true);
    assert.equal(await draft.flush(maps.blocks), undefined);
    draft.set(toUtf8("a"), toUtf8("b"));
    draft.delete(toUtf8("a"));
    assert.equal(await draft.flush(maps.blocks), undefined);
    assert.equal(maps.blocks.byId.size, 0);
    assert.equal(await getFromMap(maps, undefined, toUtf8("a")), undefined);
    assert.deepEqual(await itemsOf(maps, undefined), []);
    assert.equal(await draft.hasPrefix(new Uint8Array(0)), false);
  });

  it("keeps its root when nothing changes in effect", async () => {
    const maps = createTestMaps({ fanoutBits: 1 });
    const draft = new MapDraft(maps, undefined);
    for (let i = 0; i < 50; i++) draft.set(toUtf8(`k${i.toString()}`), toUtf8("v"));
    const root = await draft.flush(maps.blocks);
    draft.set(toUtf8("k7"), toUtf8("v"));
    draft.delete(toUtf8("absent"));
    const put = new MemoryBlocks();
    assert.deepEqual(await draft.flush(put), root);
    assert.equal(put.byId.size, 0);
  });

  it("takes keys of 1 to 512 bytes", async () => {
    const draft = new MapDraft(createTestMaps(), undefined);
    draft.set(new Uint8Array(1), new Uint8Array(0));
    draft.set(new Uint8Array(512), new Uint8Array(0));
    for (const length of [0, 513]) {
      await refuses(
        () => {
          draft.set(new Uint8Array(length), new Uint8Array(0));
        },
        "unexpected",
        new RegExp(`got ${length.toString()}`, "u"),
      );
    }
  });

  it("shows a range as it was when its first item was asked for", async () => {
    const maps = createTestMaps({ fanoutBits: 1 });
    const draft = new MapDraft(maps, undefined);
    for (let i = 10; i < 40; i++) draft.set(toUtf8(`k${i.toString()}`), toUtf8("v"));
    const seen: string[] = [];
    for await (const [key] of draft.range(toUtf8("k"))) {
      const name = new TextDecoder().decode(key);
      seen.push(name);
      draft.delete(key);
      draft.set(toUtf8(`${name}0`), toUtf8("w"));
      if (name === "k20") await draft.flush(maps.blocks);
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 30 }, (_, i) => `k${(i + 10).toString()}`),
    );
  });

  it("finds the same items with and without a cache", async () => {
    const random = seeded(8);
    const blocks = new MemoryBlocks();
    const maps = createTestMaps({ blocks, cacheBytes: 2 ** 20, fanoutBits: 2 });
    const model: Model = new Map();
    const draft = new MapDraft(maps, undefined);
    for (let i = 0; i < 2000; i++) change(random, draft, model);
    const root = await draft.flush(blocks);
    const nodes = (await nodesOf(maps, root)).size;
    const cold = withFreshCache(maps);
    blocks.reads = 0;
    assert.deepEqual(await itemsOf(cold, root), sorted(model));
    assert.equal(blocks.reads, nodes);
    assert.deepEqual(await itemsOf(cold, root), sorted(model));
    assert.equal(blocks.reads, nodes);
    const tiny = withFreshCache(maps, 1000);
    assert.deepEqual(await itemsOf(tiny, root), sorted(model));
  });

  it("reads one node a level to find a key", async () => {
    const maps = createTestMaps({ cacheBytes: 0 });
    const draft = new MapDraft(maps, undefined);
    for (let i = 0; i < 5000; i++) draft.set(toUtf8(`key ${i.toString()}`), toUtf8("v"));
    const root = await draft.flush(maps.blocks);
    const height = Math.max(
      ...[...(await nodesOf(maps, root)).values()].map(({ node }) => node.level),
    );
    maps.blocks.reads = 0;
    assert.ok(
      equalBytes((await getFromMap(maps, root, toUtf8("key 77"))) ?? toUtf8(""), toUtf8("v")),
    );
    assert.equal(maps.blocks.reads, height + 1);
  });

  it("places boundaries by a key that nobody else has, at most 8 levels high", () => {
    const maps = createTestMaps();
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (key) => {
        const hash = maps.primitives.hmacSha256(maps.boundaryKey, key);
        let zeros = 0;
        while (zeros < 256 && (((hash[zeros >> 3] as number) >> (7 - (zeros & 7))) & 1) === 0)
          zeros++;
        for (const bits of [1, 2, 5]) {
          const expected = Math.min(maxLevel, Math.floor(zeros / bits));
          assert.equal(levelOfKey(maps.primitives, maps.boundaryKey, key, bits), expected);
        }
      }),
      { seed: 4, numRuns: isLong ? 20_000 : 500 },
    );
  });
});
