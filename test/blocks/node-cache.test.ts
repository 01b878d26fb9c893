import assert from "node:assert/strict";
import type { BlockKey, Link } from "../../src/node/blocks/link.ts";
import type { MapNode } from "../../src/node/blocks/map-node.ts";
import { createNodeCache } from "../../src/node/blocks/node-cache.ts";
import { asBlockId } from "../../src/node/core/ids.ts";
import { testKey } from "./test-maps.ts";

const link = (word: string): Link => ({
  suite: 1,
  id: asBlockId(testKey(word)),
  key: testKey(`key of ${word}`) as BlockKey,
});
const node: MapNode = { level: 0, keys: [], values: [] };

describe("a cache of nodes", () => {
  it("gives a node to whoever has its key, and to nobody else", () => {
    const cache = createNodeCache(1000);
    cache.set(link("a"), node, 10);
    assert.equal(cache.get(link("a")), node);
    assert.equal(cache.get(link("b")), undefined);
    assert.equal(cache.get({ ...link("a"), key: link("b").key }), undefined);
  });

  it("keeps what is used and stays within its bound", () => {
    const cache = createNodeCache(1000);
    for (let i = 0; i < 500; i++) {
      cache.set(link(i.toString()), node, 10);
      assert.equal(cache.get(link("0")), node);
    }
    const held = Array.from({ length: 500 }, (_, i) => cache.get(link(i.toString()))).filter(
      (found) => found !== undefined,
    );
    assert.ok(held.length <= 100 && held.length >= 50);
  });

  it("does not take what would fill it alone", () => {
    const cache = createNodeCache(1000);
    cache.set(link("small"), node, 10);
    cache.set(link("large"), node, 600);
    assert.equal(cache.get(link("large")), undefined);
    assert.equal(cache.get(link("small")), node);
    createNodeCache(0).set(link("a"), node, 1);
  });
});
