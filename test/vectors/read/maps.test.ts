import assert from "node:assert/strict";
import { toHex } from "../../../src/node/core/bytes.ts";
import { isCloudError, type CloudErrorCode } from "../../../src/node/core/cloud-error.ts";
import { asBlockId } from "../../../src/node/core/ids.ts";
import { decodeLink } from "../../../src/node/blocks/link.ts";
import { sealBlock } from "../../../src/node/blocks/seal.ts";
import { nodePrimitives } from "../../../src/node/platform/primitives.ts";
import { floorInMap, getFromMap, rangeOfMap } from "../../../src/node/blocks/sealed-map.ts";
import { itemsOf } from "../../blocks/test-maps.ts";
import { bytesOf, contentKey } from "../make/common.make.ts";
import { itemOfRule, makeMaps, vectorMaps } from "../make/blocks/maps.make.ts";
import { readVectors } from "../vector-file.ts";

interface Node {
  readonly link: string;
  readonly payload?: string;
}

describe("vectors of sealed maps", () => {
  const file = readVectors("maps") as {
    readonly maps: readonly {
      readonly name: string;
      readonly items: number | readonly (readonly [string, string])[];
      readonly root: { readonly link: string } | null;
      readonly nodes: readonly Node[];
    }[];
    readonly read: readonly {
      readonly name: string;
      readonly root: string;
      readonly items: readonly (readonly [string, string])[];
    }[];
    readonly lookups: {
      readonly root: string;
      readonly gets: readonly { readonly key: string; value: string | null; floor: string | null }[];
      readonly ranges: readonly { prefix: string; from?: string; keys: string[]; nodes: number }[];
    };
    readonly blocks: Readonly<Record<string, string>>;
    readonly refused: readonly {
      readonly name: string;
      readonly root: string;
      readonly damaged: string;
      readonly code: CloudErrorCode;
    }[];
  };

  it("are what is written today", async () => {
    assert.deepEqual(file, await makeMaps());
  });

  for (const { name, items, root, nodes } of file.maps) {
    if (nodes.some(({ payload }) => payload === undefined)) continue;
    it(`are read: ${name}`, async () => {
      const maps = vectorMaps();
      for (const { link, payload } of nodes) {
        const sealed = sealBlock(nodePrimitives, contentKey, "mapNode", bytesOf(payload ?? ""), false);
        assert.deepEqual(sealed.link, decodeLink(bytesOf(link)));
        maps.blocks.put(sealed.block);
      }
      const read = await itemsOf(maps, root === null ? undefined : decodeLink(bytesOf(root.link)));
      const given =
        typeof items === "number"
          ? Array.from({ length: items }, (_, i) => itemOfRule(i).map(toHex))
          : items;
      const found = read.map(([key, value]) => [toHex(key), toHex(value)]);
      assert.deepEqual(found, [...given].sort());
    });
  }

  /** The nodes that were made by hand. */
  function workshop(cacheBytes: number) {
    const maps = vectorMaps(cacheBytes);
    for (const block of Object.values(file.blocks)) {
      const bytes = bytesOf(block);
      maps.blocks.put({ id: asBlockId(nodePrimitives.sha256(bytes)), bytes });
    }
    return maps;
  }

  for (const { name, root, items } of file.read) {
    it(`are read: ${name}`, async () => {
      const read = await itemsOf(workshop(0), decodeLink(bytesOf(root)));
      assert.deepEqual(read.map((item) => item.map(toHex)), items);
    });
  }

  for (const [how, cacheBytes] of [["from blocks", 0], ["from memory", 2 ** 20]] as const) {
    it(`are looked up in ${how}`, async () => {
      const maps = workshop(cacheBytes);
      const root = decodeLink(bytesOf(file.lookups.root));
      await itemsOf(maps, root);
      const hex = (bytes: Uint8Array | undefined) => (bytes === undefined ? null : toHex(bytes));
      for (const { key, value, floor } of file.lookups.gets) {
        assert.equal(hex(await getFromMap(maps, root, bytesOf(key))), value);
        const found = await floorInMap(maps, root, bytesOf(key));
        assert.equal(found === undefined ? null : toHex(found[0]), floor);
        assert.equal(await getFromMap(maps, undefined, bytesOf(key)), undefined);
        assert.equal(await floorInMap(maps, undefined, bytesOf(key)), undefined);
      }
      for (const { prefix, from, keys, nodes } of file.lookups.ranges) {
        const found: string[] = [];
        const before = maps.blocks.reads;
        const start = from === undefined ? ([] as const) : ([bytesOf(from)] as const);
        for await (const [key] of rangeOfMap(maps, root, bytesOf(prefix), ...start)) {
          found.push(toHex(key));
        }
        assert.deepEqual(found, keys, `${prefix} ${from ?? ""}`);
        assert.equal(maps.blocks.reads - before, cacheBytes === 0 ? nodes : 0);
      }
    });
  }

  for (const { name, root, damaged, code } of file.refused) {
    it(`are refused: ${name}`, async () => {
      // Read again from memory they are refused alike.
      const maps = workshop(2 ** 20);
      for (let i = 0; i < 2; i++) {
        await assert.rejects(itemsOf(maps, decodeLink(bytesOf(root))), (error) => {
          assert.ok(isCloudError(error, code), String(error));
          if (code === "damaged") assert.ok(error.message.includes(damaged), error.message);
          return true;
        });
      }
    });
  }
});
