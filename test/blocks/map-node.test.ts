import assert from "node:assert/strict";
import { type CborValue, encodeCanonical } from "../../src/node/blocks/cbor.ts";
import { encodeLink, type Link } from "../../src/node/blocks/link.ts";
import { diffMaps } from "../../src/node/blocks/map-diff.ts";
import { MapDraft } from "../../src/node/blocks/map-draft.ts";
import { decodeNode, encodeNode, leftmost } from "../../src/node/blocks/map-node.ts";
import { sealBlock } from "../../src/node/blocks/seal.ts";
import { getFromMap } from "../../src/node/blocks/sealed-map.ts";
import { concatBytes, toUtf8 } from "../../src/node/core/bytes.ts";
import { showCid } from "../../src/node/core/cid.ts";
import type { CloudErrorCode } from "../../src/node/core/cloud-error.ts";
import { refuses } from "./refuses.ts";
import { createTestMaps, itemsOf } from "./test-maps.ts";

const maps = createTestMaps();

function sealPayload(payload: Uint8Array): Link {
  const { primitives, contentKey } = maps;
  const { link, block } = sealBlock(primitives, contentKey, "mapNode", payload, false);
  maps.blocks.put(block);
  return link;
}

const sealNode = (value: CborValue): Link => sealPayload(encodeCanonical(value));
const k = (text: string): Uint8Array => toUtf8(text);
const leaf = (...keys: string[]): Link =>
  sealNode([1, 0, keys.flatMap((key) => [k(key), k("value")])]);
const inner = (level: number, ...children: [string, Link][]): Link =>
  sealNode([1, level, children.flatMap(([key, link]) => [k(key), encodeLink(link)])]);

/** Every way through the map comes to the bad node and refuses it by its name. */
async function isRefused(
  root: Link,
  bad: Link,
  message: RegExp,
  code: CloudErrorCode = "damaged",
): Promise<void> {
  const named = new RegExp(`${showCid(bad.id)}.*${message.source}`, "u");
  await refuses(() => itemsOf(maps, root), code, named);
  await refuses(
    async () => {
      for (const key of ["a", "b", "m", "n", "z"]) await getFromMap(maps, root, k(key));
    },
    code,
    named,
  );
  await refuses(
    async () => {
      for await (const difference of diffMaps(maps, root, leaf("q"))) assert.ok(difference);
    },
    code,
    named,
  );
  await refuses(
    async () => {
      const draft = new MapDraft(maps, root);
      for (const key of ["a", "b", "m", "n", "z"]) draft.delete(k(key));
      await draft.flush(maps.blocks);
    },
    code,
    named,
  );
}

describe("a node of a sealed map", () => {
  it("is a version, a level and its keys, each with its value", () => {
    const payload = encodeNode({ level: 0, keys: [k("a"), k("b")], values: [k("1"), k("2")] });
    assert.deepEqual(payload, encodeCanonical([1, 0, [k("a"), k("1"), k("b"), k("2")]]));
    assert.deepEqual(decodeNode(payload), {
      level: 0,
      keys: [k("a"), k("b")],
      values: [k("1"), k("2")],
    });
  });

  const [a, b, link] = [k("a"), k("b"), encodeLink(leaf("a"))];
  const malformed: [string, CborValue, RegExp, CloudErrorCode?][] = [
    ["of a later version", [2, 0, [a, a], "more"], /needs a newer IPCloud/u, "newer"],
    ["of version 0", [0, 0, [a, a]], /version 1/u],
    ["with a part too many", [1, 0, [a, a], 0], /a list of 3/u],
    ["that is no list", { version: 1 }, /a list/u],
    ["with keys out of order", [1, 0, [b, b, a, a]], /keys in order/u],
    ["with a key twice", [1, 0, [a, a, a, b]], /keys in order/u],
    ["with an empty key in a leaf", [1, 0, [leftmost, a]], /keys that are not empty/u],
    ["with a key of 513 bytes", [1, 0, [new Uint8Array(513), a]], /at most 512 bytes/u],
    ["with a key that has no value", [1, 0, [a, a, b]], /expected bytes/u],
    ["with text for a key", [1, 0, ["a", a]], /bytes/u],
    ["with a number for a value", [1, 0, [a, 1]], /bytes/u],
    ["of level 9", [1, 9, [leftmost, link, a, link]], /from 0 to 8/u],
    ["of level -1", [1, -1, [a, a]], /from 0 to 8/u],
    ["without a link above the leaves", [1, 1, []], /2 items at least/u],
    ["with a value that is no link above the leaves", [1, 1, [leftmost, a, b, link]], /links/u],
  ];
  for (const [name, value, message, code] of malformed) {
    it(`${name} is refused by its name`, async () => {
      const bad = sealNode(value);
      await isRefused(bad, bad, message, code);
      const below = inner(1, ["", leaf("a")], ["b", bad]);
      if (code === undefined) await isRefused(below, bad, /./u);
    });
  }

  it("that is not canonical is refused by its name", async () => {
    const good = encodeCanonical([1, 0, [a, a]]);
    const long = concatBytes(Uint8Array.of(0x98, 0x03), good.subarray(1));
    for (const payload of [long, concatBytes(good, Uint8Array.of(0)), good.subarray(0, -1)]) {
      const bad = sealPayload(payload);
      await isRefused(bad, bad, /not canonical/u);
    }
  });

  it("that nests 100,000 deep is refused by its name", async () => {
    const deep = new Uint8Array(100_001).fill(0x81);
    deep[100_000] = 0x80;
    const bad = sealPayload(deep);
    await isRefused(bad, bad, /nested too deep/u);
  });

  it("that has another level than its place is refused", async () => {
    const low = inner(1, ["", leaf("a")], ["m", leaf("m")]);
    const jump = leaf("z");
    await isRefused(inner(2, ["", low], ["z", jump]), jump, /level 1/u);
    const same = inner(2, ["", low], ["n", low]);
    await isRefused(inner(2, ["", same], ["z", low]), same, /level 1/u);
  });

  it("that begins with another key than its parent has for it is refused", async () => {
    const late = leaf("n", "o");
    await isRefused(inner(1, ["", leaf("a")], ["m", late]), late, /begin with the key/u);
    const early = leaf("l", "m");
    await isRefused(inner(1, ["", leaf("a")], ["m", early]), early, /begin with the key/u);
    const empty = leaf();
    await isRefused(inner(1, ["", leaf("a")], ["m", empty]), empty, /begin with the key/u);
    const skewed = inner(1, ["a", leaf("a")], ["m", leaf("m")]);
    await isRefused(skewed, skewed, /begin with the key/u);
  });

  it("that reaches into the next node is refused", async () => {
    const wide = leaf("a", "m");
    await isRefused(inner(1, ["", wide], ["m", leaf("m")]), wide, /below those of the next/u);
    const last = leaf("b", "p");
    const root = inner(
      2,
      ["", inner(1, ["", leaf("a")], ["b", last])],
      ["n", inner(1, ["n", leaf("n")], ["q", leaf("q")])],
    );
    await isRefused(root, last, /below those of the next/u);
  });

  it("is no root where it holds nothing, or only one other node", async () => {
    const empty = leaf();
    await isRefused(empty, empty, /1 items at least at the root/u);
    const lone = inner(1, ["", leaf("a")]);
    await isRefused(lone, lone, /2 items at least at the root/u);
  });

  it("may be the leftmost leaf and hold nothing", async () => {
    const root = inner(1, ["", leaf()], ["m", leaf("m")]);
    assert.deepEqual(await itemsOf(maps, root), [[k("m"), k("value")]]);
    assert.equal(await getFromMap(maps, root, k("a")), undefined);
  });

  it("that nobody has is missed by its id, not taken for an empty one", async () => {
    const { block, link: absent } = sealBlock(
      maps.primitives,
      maps.contentKey,
      "mapNode",
      encodeCanonical([1, 0, [k("m"), k("gone")]]),
      false,
    );
    assert.ok(block.bytes.length > 0);
    const root = inner(1, ["", leaf("a")], ["m", absent]);
    await refuses(() => itemsOf(maps, root), "not-found");
    await refuses(() => getFromMap(maps, root, k("n")), "not-found");
    const draft = new MapDraft(maps, root);
    draft.delete(k("m"));
    await refuses(() => draft.flush(maps.blocks), "not-found");
    maps.blocks.put(block);
    assert.deepEqual(await itemsOf(maps, await draft.flush(maps.blocks)), [[k("a"), k("value")]]);
  });
});
