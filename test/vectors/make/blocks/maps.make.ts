import { compareBytes, concatBytes, toHex, toUtf8 } from "../../../../src/node/core/bytes.ts";
import { showCid } from "../../../../src/node/core/cid.ts";
import { isCloudError } from "../../../../src/node/core/cloud-error.ts";
import { type CborValue, encodeCanonical } from "../../../../src/node/blocks/cbor.ts";
import { encodeLink, type Link } from "../../../../src/node/blocks/link.ts";
import { MapDraft, type MapSealer } from "../../../../src/node/blocks/map-draft.ts";
import { defaultFanoutBits, encodeNode, levelOfKey } from "../../../../src/node/blocks/map-node.ts";
import { createNodeCache } from "../../../../src/node/blocks/node-cache.ts";
import { floorInMap, getFromMap, type MapRoot, rangeOfMap } from "../../../../src/node/blocks/sealed-map.ts";
import { sealBlock } from "../../../../src/node/blocks/seal.ts";
import { asEpochKey, epochKeys } from "../../../../src/node/crypto/derive.ts";
import { nodePrimitives } from "../../../../src/node/platform/primitives.ts";
import { itemsOf, MemoryBlocks, nodesOf } from "../../../blocks/test-maps.ts";
import { about, boundaryKey, contentKey, hashOf, keyFields, showLink } from "../common.make.ts";
import type { VectorValue } from "../../vector-file.ts";

/**
 * What seals maps under the keys of the vectors.
 * @param cacheBytes - 0: every node is read again.
 */
export function vectorMaps(cacheBytes = 0): MapSealer & { readonly blocks: MemoryBlocks } {
  return {
    primitives: nodePrimitives,
    blocks: new MemoryBlocks(),
    cache: createNodeCache(cacheBytes),
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

/** What a change of the map of 3,000 comes to. */
async function makeChange(
  name: string,
  deleted: readonly number[],
  set: readonly number[],
): Promise<VectorValue> {
  const kept = indexes.filter((i) => deleted.length >= many.length / 2 && !deleted.includes(i));
  const maps = vectorMaps();
  const draft = new MapDraft(maps, undefined);
  for (const item of many) draft.set(...item);
  const from = await draft.flush(maps.blocks);
  for (const i of deleted) draft.delete(itemOfRule(i)[0]);
  for (const i of set) draft.set(...itemOfRule(i));
  const put = new MemoryBlocks();
  const to = await draft.flush(put);
  for (const [id, bytes] of put.byId) maps.blocks.byId.set(id, bytes);
  return {
    name,
    from: showRoot(from),
    deleted: deleted.length < many.length / 2 ? deleted : { allBut: kept },
    set,
    to: showRoot(to),
    items: (await itemsOf(maps, to)).length,
    newNodes: put.byId.size,
  };
}

const indexes = many.map((_, i) => i);
/** Items whose key begins a node, of the level above the leaves too. */
const starts = indexes.filter((i) => reach(itemOfRule(i)[0]) > 0);
const highStarts = indexes.filter((i) => reach(itemOfRule(i)[0]) > 1);
const inOrder = (some: readonly number[]): number[] =>
  [...some].sort((a, b) => compareBytes(itemOfRule(a)[0], itemOfRule(b)[0]));

async function makeChanges(): Promise<VectorValue[]> {
  const few = indexes.filter((i) => i % 300 === 0);
  const added = few.map((_, i) => i + many.length);
  const [first = 0, second = 0] = inOrder(starts);
  const sorted = inOrder(indexes);
  return [
    await makeChange("items come and go", few, added),
    await makeChange("a key that begins a leaf goes", [first], []),
    await makeChange("two that begin leaves side by side go", [first, second], []),
    await makeChange("a key that begins a higher node goes", highStarts.slice(0, 1), []),
    await makeChange("all that begin higher nodes go: the map gets lower", highStarts, []),
    await makeChange("all keys that begin nodes go", starts, []),
    await makeChange("a whole leaf goes", sorted.slice(sorted.indexOf(first), sorted.indexOf(second)), []),
    await makeChange("a key goes and comes back", [], [first]),
    await makeChange("all but the last go", sorted.slice(0, -1), []),
    await makeChange("all go", indexes, []),
  ];
}

const k = toUtf8;

/** Nodes made by hand: sealed one by one, whatever they hold. */
class Workshop {
  readonly maps = vectorMaps();
  readonly blocks: Record<string, string> = {};

  seal(payload: Uint8Array, key = contentKey): Link {
    const { link, block } = sealBlock(nodePrimitives, key, "mapNode", payload, false);
    this.maps.blocks.put(block);
    this.blocks[showCid(link.id)] = toHex(block.bytes);
    return link;
  }

  readonly node = (value: CborValue): Link => this.seal(encodeCanonical(value));

  readonly leaf = (...keys: string[]): Link =>
    this.node([1, 0, keys.flatMap((key) => [k(key), k(`${key}!`)])]);

  readonly inner = (level: number, ...children: [string, Link][]): Link =>
    this.node([1, level, children.flatMap(([key, link]) => [k(key), encodeLink(link)])]);
}

/** Maps that read well and that §9.1 would give another shape. */
async function makeOdd(workshop: Workshop): Promise<VectorValue> {
  const { maps, leaf, inner, node } = workshop;
  const [a, m] = [leaf("a"), leaf("m")];
  let [left, right] = [inner(1, ["", a]), inner(1, ["m", m])];
  for (let level = 2; level < 8; level++) {
    [left, right] = [inner(level, ["", left]), inner(level, ["m", right])];
  }
  const later = epochKeys(nodePrimitives, asEpochKey(hashOf("a later epoch key"))).contentKey;
  const list: [string, Link][] = [
    ["a root of level 8", inner(8, ["", left], ["m", right])],
    ["a key of 512 bytes", node([1, 0, [new Uint8Array(512).fill(1), k("v")]])],
    ["a value of no bytes", node([1, 0, [k("a"), k("")]])],
    ["an empty leftmost leaf", inner(1, ["", leaf()], ["m", m])],
    [
      "nodes of two epochs",
      inner(1, ["", workshop.seal(encodeCanonical([1, 0, [k("a"), k("a!")]]), later)], ["m", m]),
    ],
  ];
  const shown: VectorValue[] = [];
  for (const [name, root] of list) {
    const items = await itemsOf(maps, root);
    const given = items.map((item) => item.map(toHex));
    shown.push({ name, root: toHex(encodeLink(root)), items: given });
  }
  return shown;
}

/** What is found in a map, by a key, at or below one, and by what keys begin with. */
async function makeLookups(workshop: Workshop): Promise<VectorValue> {
  const { maps, leaf, inner } = workshop;
  const root = inner(
    2,
    ["", inner(1, ["", leaf("a", "b")], ["c", leaf("c", "ca", "cb", "d")])],
    ["m", inner(1, ["m", leaf("m", "ma")], ["n", leaf("n", "o")])],
  );
  const hex = (bytes: Uint8Array | undefined): string | null =>
    bytes === undefined ? null : toHex(bytes);
  const keys = ["0", "a", "aa", "b", "bz", "c", "cb", "cc", "d", "e", "l", "m", "mz", "n", "o", "p"];
  const gets: VectorValue[] = [];
  for (const key of keys) {
    const value = await getFromMap(maps, root, k(key));
    const floor = await floorInMap(maps, root, k(key));
    gets.push({ key: toHex(k(key)), value: hex(value), floor: hex(floor?.[0]) });
  }
  const asked: [string, string?][] = [
    [""],
    ["a"],
    ["b"],
    ["c"],
    ["ca"],
    ["m"],
    ["n"],
    ["x"],
    ["0"],
    ["c", "a"],
    ["c", "c"],
    ["c", "ca"],
    ["c", "cz"],
    ["c", "d"],
    ["", "a"],
    ["", "bz"],
    ["", "m"],
    ["", "p"],
  ];
  const ranges: VectorValue[] = [];
  for (const [prefix, from] of asked) {
    const found: string[] = [];
    const args = from === undefined ? ([] as const) : ([k(from)] as const);
    const before = maps.blocks.reads;
    for await (const [key] of rangeOfMap(maps, root, k(prefix), ...args)) found.push(toHex(key));
    ranges.push({
      prefix: toHex(k(prefix)),
      ...(from === undefined ? {} : { from: toHex(k(from)) }),
      keys: found,
      nodes: maps.blocks.reads - before,
    });
  }
  return { root: toHex(encodeLink(root)), gets, ranges };
}

async function makeRefused(workshop: Workshop): Promise<VectorValue> {
  const { maps, leaf, inner, node } = workshop;
  const seal = (payload: Uint8Array): Link => workshop.seal(payload);
  const [a, m, z] = [leaf("a"), leaf("m"), leaf("z")];
  const link = encodeLink(a);
  const newerSuite = concatBytes(Uint8Array.of(2), link.subarray(1));
  const under = (start: string, bad: Link): [Link, Link] => [inner(1, ["", a], [start, bad]), bad];
  const alone = (bad: Link): [Link, Link] => [bad, bad];
  const deep = new Uint8Array(1001).fill(0x81);
  deep[1000] = 0x80;
  const wide = leaf("b", "p");
  const reaching = leaf("b", "m");
  const hollow = node([1, 1, []]);
  const far = leaf("c", "x");
  const beyond = inner(2, ["", inner(1, ["", a], ["c", far])], ["m", inner(1, ["m", m])]);
  const leftmostLeaf = (bad: Link): [Link, Link] => [inner(1, ["", bad], ["m", m]), bad];
  const skewed = inner(1, ["a", a], ["m", m]);
  const jump = inner(2, ["", inner(1, ["", a], ["m", m])], ["z", z]);
  const list: [string, [Link, Link]][] = [
    ["keys out of order", alone(node([1, 0, [k("b"), k("v"), k("a"), k("v")]]))],
    ["a key twice", alone(node([1, 0, [k("a"), k("v"), k("a"), k("w")]]))],
    ["an empty key in a leaf", alone(node([1, 0, [k(""), k("v")]]))],
    ["a key of 513 bytes", alone(node([1, 0, [new Uint8Array(513), k("v")]]))],
    ["a value of text", alone(node([1, 0, [k("a"), "v"]]))],
    ["a value of null", alone(node([1, 0, [k("a"), null]]))],
    ["no list of items", under("m", node([1, 0, new Uint8Array(0)]))],
    ["no list of items in the leftmost leaf", leftmostLeaf(node([1, 0, new Uint8Array(0)]))],
    ["a map of items in the leftmost leaf", leftmostLeaf(node([1, 0, {}]))],
    ["level -1", alone(node([1, -1, [k("a"), k("v"), k("b"), k("v")]]))],
    ["a level in text", alone(node([1, "0", [k("a"), k("v")]]))],
    ["null", alone(node(null))],
    ["bytes", alone(node(Uint8Array.of(1, 0, 0)))],
    ["nothing in the list", alone(node([]))],
    ["a later version in text", alone(node(["2", 0, [k("a"), k("v")]]))],
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
    ["a root above the leaves that begins with a key", alone(skewed)],
    ["a leftmost inner node that begins with a key", [inner(2, ["", skewed], ["z", inner(1, ["z", z])]), skewed]],
    ["an inner node without items", [inner(2, ["", inner(1, ["", a])], ["m", hollow]), hollow]],
    ["a node that reaches beyond what its grandparent says", [beyond, far]],
    ["a node that holds the key of the next", [inner(1, ["", reaching], ["m", m]), reaching]],
    ["a node in two places", [inner(1, ["", a], ["m", m], ["n", m]), m]],
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
  return refused;
}

async function codeOfWalk(maps: MapSealer, root: Link): Promise<string> {
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
  const workshop = new Workshop();
  return {
    about: about("§9, sealed maps", [
      "Item i of a map that is given by a count n, for i from 0 to n - 1: the key is the first 20",
      'bytes of SHA-256("key " ‖ i in decimal), the value "value " ‖ i in decimal.',
      "`nodes`: those above before those below, from the left; `start` is the key under which a",
      "parent holds the node. `changes` of the map of 3,000: items by the same rule.",
      "`read`: maps that read well though §9.1 gives them another shape. `lookups`: `value` of a key,",
      "and at `floor` the last key that is not above it; the keys of `ranges` begin with `prefix` and",
      "are not below `from`; so many `nodes` need be opened for them. `refused`: reading all items of `root` fails at the node `damaged`. The",
      "nodes of these three are in `blocks`, by CID.",
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
    changes: await makeChanges(),
    read: await makeOdd(workshop),
    lookups: await makeLookups(workshop),
    refused: await makeRefused(workshop),
    blocks: workshop.blocks,
  };
}
