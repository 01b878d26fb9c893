import assert from "node:assert/strict";
import { toHex } from "../../src/node/core/bytes.ts";
import { isCloudError, type CloudErrorCode } from "../../src/node/core/cloud-error.ts";
import { asBlockId } from "../../src/node/core/ids.ts";
import { decodeLink } from "../../src/node/blocks/link.ts";
import { sealBlock } from "../../src/node/blocks/seal.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { itemsOf } from "../blocks/test-maps.ts";
import { bytesOf, contentKey } from "./common.make.ts";
import { itemOfRule, makeMaps, vectorMaps } from "./maps.make.ts";
import { readVectors } from "./vector-file.ts";

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
    readonly refusedBlocks: Readonly<Record<string, string>>;
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

  for (const { name, root, damaged, code } of file.refused) {
    it(`are refused: ${name}`, async () => {
      const maps = vectorMaps();
      for (const block of Object.values(file.refusedBlocks)) {
        const bytes = bytesOf(block);
        maps.blocks.put({ id: asBlockId(nodePrimitives.sha256(bytes)), bytes });
      }
      await assert.rejects(itemsOf(maps, decodeLink(bytesOf(root))), (error) => {
        assert.ok(isCloudError(error, code));
        if (code === "damaged") assert.ok(error.message.includes(damaged), error.message);
        return true;
      });
    });
  }
});
