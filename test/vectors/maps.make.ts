import { concatBytes, toHex, toUtf8 } from "../../src/node/core/bytes.ts";
import { showCid } from "../../src/node/core/cid.ts";
import { isCloudError } from "../../src/node/core/cloud-error.ts";
import { type CborValue, encodeCanonical } from "../../src/node/blocks/cbor.ts";
import { encodeLink, type Link } from "../../src/node/blocks/link.ts";
import { MapDraft, type MapWriter } from "../../src/node/blocks/map-draft.ts";
import { defaultFanoutBits, encodeNode, levelOfKey } from "../../src/node/blocks/map-node.ts";
import { createNodeCache } from "../../src/node/blocks/node-cache.ts";
import type { MapRoot } from "../../src/node/blocks/sealed-map.ts";
import { sealBlock } from "../../src/node/blocks/seal.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";
import { itemsOf, MemoryBlocks, nodesOf } from "../blocks/test-maps.ts";
import { about, boundaryKey, contentKey, hashOf, keyFields, showLink } from "./common.make.ts";
import type { VectorValue } from "./vector-file.ts";

/** A writer of maps under the keys of the vectors. */
export function vectorMaps(): MapWriter & { readonly blocks: MemoryBlocks } {
  return {
    primitives: nodePrimitives,
    blocks: new MemoryBlocks(),
    cache: createNodeCache(0),
    contentKey,
    boundaryKey,
    fanoutBits: defaultFanoutBits,
  };
}

/** Item i of the maps that are given by a count. */
export function itemOfRule(i: number): [Uint8Array, Uint8Array] {
  const key = hashOf(`key ${i.toString()}`).subarray(0, 20);
  return [key, toUtf8(`value ${i.toString()}`)];
}

type Items = readonly (readonly [Uint8Array, Uint8Array])[];

const reach = (key: Uint8Array): number =>
  levelOfKey(nodePrimitives, boundaryKey, key, defaultFanoutBits);

const many = Array.from({ length: 3000 }, (_, i) => itemOfRule(i));
const low = many.filter(([key]) => reach(key) === 0);
const high = many.filter(([key]) => reach(key) > 0);
const higher = many.filter(([key]) => reach(key) > 1);

/** The root of a map, or null. */
export function showRoot(root: MapRoot): VectorValue {
  return root === undefined ? null : showLink(root);
}

async function makeMap(
  name: string,
  items: Items,
  rule: number | undefined,
  showPayloads: boolean,
): Promise<VectorValue> {
  const maps = vectorMaps();
  const draft = new MapDraft(maps, undefined);
  for (const [key, value] of items) draft.set(key, value);
  const root = await draft.flush(maps.blocks);
  const nodes = [...(await nodesOf(maps, root)).values()].map(({ link, node, start }) => ({
    level: node.level,
    start: toHex(start),
    items: node.keys.length,
    ...showLink(link),
    ...(showPayloads ? { payload: toHex(encodeNode(node)) } : {}),
  }));
  const given = rule ?? items.map(([key, value]) => [toHex(key), toHex(value)]);
  return { name, items: given, root: showRoot(root), nodes };
}

/** What a change of the map of 1,000 comes to. */
async function makeChange(): Promise<VectorValue> {
  const maps = vectorMaps();
  const draft = new MapDraft(maps, undefined);
  for (let i = 0; i < 1000; i++) draft.set(...itemOfRule(i));
  const from = await draft.flush(maps.blocks);
  for (let i = 0; i < 1000; i += 100) draft.delete(itemOfRule(i)[0]);
  for (let i = 1000; i < 1010; i++) draft.set(...itemOfRule(i));
  const put = new MemoryBlocks();
  const to = await draft.flush(put);
  for (const [id, bytes] of put.byId) maps.blocks.byId.set(id, bytes);
  return {
    from: showRoot(from),
    deleted: Array.from({ length: 10 }, (_, i) => i * 100),
    set: Array.from({ length: 10 }, (_, i) => i + 1000),
    to: showRoot(to),
    items: (await itemsOf(maps, to)).length,
    newNodes: put.byId.size,
  };
}

async function makeRefused(): Promise<{ blocks: VectorValue; maps: VectorValue }> {
  const maps = vectorMaps();
  const sealed: Record<string, string> = {};
  const seal = (payload: Uint8Array): Link => {
    const { link, block } = sealBlock(nodePrimitives, contentKey, "mapNode", payload, false);
    maps.blocks.put(block);
    sealed[showCid(link.id)] = toHex(block.bytes);
    return link;
  };
  const node = (value: CborValue): Link => seal(encodeCanonical(value));
  const k = toUtf8;
  const leaf = (...keys: string[]): Link => node([1, 0, keys.flatMap((key) => [k(key), k("v")])]);
  const inner = (level: number, ...children: [string, Link][]): Link =>
    node([1, level, children.flatMap(([key, link]) => [k(key), encodeLink(link)])]);
  const [a, m, z] = [leaf("a"), leaf("m"), leaf("z")];
  const link = encodeLink(a);
  const newerSuite = concatBytes(Uint8Array.of(2), link.subarray(1));
  const under = (start: string, bad: Link): [Link, Link] => [inner(1, ["", a], [start, bad]), bad];
  const alone = (bad: Link): [Link, Link] => [bad, bad];
  const deep = new Uint8Array(1001).fill(0x81);
  deep[1000] = 0x80;
  const wide = leaf("b", "p");
  const skewed = inner(1, ["a", a], ["m", m]);
  const jump = inner(2, ["", inner(1, ["", a], ["m", m])], ["z", z]);
  const list: [string, [Link, Link]][] = [
    ["keys out of order", alone(node([1, 0, [k("b"), k("v"), k("a"), k("v")]]))],
    ["a key twice", alone(node([1, 0, [k("a"), k("v"), k("a"), k("w")]]))],
    ["an empty key in a leaf", alone(node([1, 0, [k(""), k("v")]]))],
    ["a key of 513 bytes", alone(node([1, 0, [new Uint8Array(513), k("v")]]))],
    ["a key without a value", alone(node([1, 0, [k("a"), k("v"), k("b")]]))],
    ["text for a key", alone(node([1, 0, ["a", k("v")]]))],
    ["level 9", alone(node([1, 9, [k(""), link, k("m"), link]]))],
    ["no item above the leaves", alone(node([1, 1, []]))],
    ["a value of 64 bytes above the leaves", alone(node([1, 1, [k(""), link.subarray(1), k("m"), link]]))],
    ["a link of a later suite", alone(node([1, 1, [k(""), newerSuite, k("m"), link]]))],
    ["a part too many", alone(node([1, 0, [k("a"), k("v")], 0]))],
    ["version 0", alone(node([0, 0, [k("a"), k("v")]]))],
    ["a later version", alone(node([2, "whatever it holds then"]))],
    ["a list of indefinite length", alone(seal(Uint8Array.of(0x83, 1, 0, 0x9f, 0xff)))],
    ["a byte follows", alone(seal(concatBytes(encodeCanonical([1, 0, [k("a"), k("v")]]), k("x"))))],
    ["lists 1,000 deep", alone(seal(deep))],
    ["an empty root", alone(leaf())],
    ["a root with one child", alone(inner(1, ["", a]))],
    ["a leftmost inner node that begins with a key", alone(skewed)],
    ["a node that begins later than its parent says", under("m", leaf("n"))],
    ["a node that begins earlier than its parent says", under("m", leaf("l", "m"))],
    ["an empty leaf that is not the leftmost", under("m", leaf())],
    ["a node that reaches into the next", [inner(1, ["", wide], ["m", m]), wide]],
    ["a leaf two levels below its parent", [jump, z]],
    ["a node of the same level as its parent", [inner(1, ["", skewed], ["m", m]), skewed]],
  ];
  const refused: VectorValue[] = [];
  for (const [name, [root, bad]] of list) {
    const code = await codeOfWalk(maps, root);
    refused.push({ name, root: toHex(encodeLink(root)), damaged: showCid(bad.id), code });
  }
  return { blocks: sealed, maps: refused };
}

async function codeOfWalk(maps: MapWriter, root: Link): Promise<string> {
  try {
    await itemsOf(maps, root);
  } catch (error) {
    if (isCloudError(error)) return error.code;
    throw error;
  }
  throw new Error("it was not refused");
}

/** Sealed maps small and large, and maps that must not be read. */
export async function makeMaps(): Promise<VectorValue> {
  const { blocks, maps } = await makeRefused();
  return {
    about: about("§7, sealed maps", [
      "Item i of a map that is given by a count n, for i from 0 to n - 1: the key is the first 20",
      'bytes of SHA-256("key " ‖ i in decimal), the value "value " ‖ i in decimal.',
      "`nodes`: those above before those below, from the left; `start` is the key under which a",
      "parent holds the node. `change`: items by the same rule. `refused`: reading all items of",
      "`root` from `refusedBlocks` (by CID) fails at the node `damaged`.",
    ]),
    ...keyFields,
    levels: [...low.slice(0, 3), ...high.slice(0, 3), ...higher.slice(0, 2)].map(([key]) => ({
      key: toHex(key),
      hmac: toHex(nodePrimitives.hmacSha256(boundaryKey, key)),
      level: reach(key),
    })),
    maps: [
      await makeMap("empty", [], undefined, true),
      await makeMap("one item", low.slice(0, 1), undefined, true),
      await makeMap("one item, before which a leaf begins", high.slice(0, 1), undefined, true),
      await makeMap(
        "three levels of few items",
        [...low.slice(0, 5), ...high.slice(0, 3), ...higher.slice(0, 2)],
        undefined,
        true,
      ),
      await makeMap("10 items", many.slice(0, 10), 10, true),
      await makeMap("1,000 items", many.slice(0, 1000), 1000, false),
    ],
    change: await makeChange(),
    refusedBlocks: blocks,
    refused: maps,
  };
}
