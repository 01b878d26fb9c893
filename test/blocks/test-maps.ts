// Blocks in memory, keys that are the same in every run, and what reading and writing maps takes.

import type { MapSealer } from "../../src/node/blocks/map-draft.ts";
import { defaultFanoutBits } from "../../src/node/blocks/map-node.ts";
import { createNodeCache } from "../../src/node/blocks/node-cache.ts";
import type { BlockGetter, BlockPutter, SealedBlock } from "../../src/node/blocks/ports.ts";
import {
  childPlace,
  type MapItem,
  type MapReader,
  type MapRoot,
  type NodePlace,
  type PlacedNode,
  rangeOfMap,
  readNode,
  rootPlace,
} from "../../src/node/blocks/sealed-map.ts";
import { toBinaryString, toUtf8 } from "../../src/node/core/bytes.ts";
import { showCid } from "../../src/node/core/cid.ts";
import { CloudError } from "../../src/node/core/cloud-error.ts";
import { asBoundaryKey, asEpochKey, epochKeys } from "../../src/node/crypto/derive.ts";
import { nodePrimitives } from "../../src/node/platform/primitives.ts";

/** Sealed blocks in memory; counts how often one is read. */
export class MemoryBlocks implements BlockGetter, BlockPutter {
  readonly byId = new Map<string, Uint8Array>();
  reads = 0;

  get(id: Uint8Array): Promise<Uint8Array> {
    this.reads++;
    const bytes = this.byId.get(toBinaryString(id));
    if (bytes !== undefined) return Promise.resolve(bytes);
    return Promise.reject(new CloudError("not-found", "no such block"));
  }

  put(block: SealedBlock): void {
    this.byId.set(toBinaryString(block.id), block.bytes);
  }
}

/** 32 bytes that a word stands for. */
export function testKey(word: string): Uint8Array {
  return nodePrimitives.sha256(toUtf8(word));
}

/** A content key for tests. */
export const testContentKey = epochKeys(
  nodePrimitives,
  asEpochKey(testKey("an epoch of the tests")),
).contentKey;

/** A boundary key for tests. */
export const testBoundaryKey = asBoundaryKey(testKey("a boundary key of the tests"));

/** What seals maps over memory. With a cache of 0 bytes every node is read again. */
export function createTestMaps(
  options: { fanoutBits?: number; cacheBytes?: number; blocks?: MemoryBlocks } = {},
): MapSealer & { readonly blocks: MemoryBlocks } {
  return {
    primitives: nodePrimitives,
    blocks: options.blocks ?? new MemoryBlocks(),
    cache: createNodeCache(options.cacheBytes ?? 0),
    contentKey: testContentKey,
    boundaryKey: testBoundaryKey,
    fanoutBits: options.fanoutBits ?? defaultFanoutBits,
  };
}

/** The same blocks and keys behind an empty cache, so that reads can be counted. */
export function withFreshCache<Maps extends MapSealer>(maps: Maps, cacheBytes = 2 ** 30): Maps {
  return { ...maps, cache: createNodeCache(cacheBytes) };
}

/** All items of a map. */
export async function itemsOf(maps: MapReader, root: MapRoot): Promise<MapItem[]> {
  const items: MapItem[] = [];
  for await (const item of rangeOfMap(maps, root, new Uint8Array(0))) items.push(item);
  return items;
}

/** The nodes of a map by CID, those above before those below; each checked against its place. */
export async function nodesOf(maps: MapReader, root: MapRoot): Promise<Map<string, PlacedNode>> {
  const found = new Map<string, PlacedNode>();
  const walk = async (place: NodePlace): Promise<void> => {
    const placed = await readNode(maps, place);
    found.set(showCid(place.link.id), placed);
    if (placed.node.level === 0) return;
    for (let i = 0; i < placed.node.keys.length; i++) await walk(childPlace(placed, i));
  };
  if (root !== undefined) await walk(rootPlace(root));
  return found;
}
