// A tip as plain maps.

import { type MapReader, type MapRoot, rangeOfMap } from "../../../src/node/blocks/sealed-map.ts";
import { toBinaryString, toHex } from "../../../src/node/core/bytes.ts";
import type { Tip } from "../../../src/node/history/tip.ts";
import type { Entry } from "../../../src/node/tree/entry.ts";
import type { State } from "../../../src/node/tree/state.ts";
import { viewState } from "../../../src/node/tree/state-view.ts";
import { type VersionVector, vectorItems } from "../../../src/node/tree/version-vector.ts";
import { type PlainState, readAll } from "../../tree/test-trees.ts";

export const recordMaps = ["versions", "log", "tags", "names"] as const;
export type RecordMap = (typeof recordMaps)[number];

/** All that a tip holds, keys and values as binary strings. */
export interface Snapshot extends Readonly<Record<RecordMap, ReadonlyMap<string, string>>> {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly state: PlainState;
}

/** Reads a tip whole. */
export async function takeSnapshot(reader: MapReader, tip: Tip): Promise<Snapshot> {
  const { state, entries } = await readAll(viewState(reader, tip.state));
  const { versions, log, tags, names } = tip.revision;
  return {
    entries,
    state,
    versions: await readMap(reader, versions),
    log: await readMap(reader, log),
    tags: await readMap(reader, tags),
    names: await readMap(reader, names),
  };
}

async function readMap(reader: MapReader, root: MapRoot): Promise<Map<string, string>> {
  const items = new Map<string, string>();
  for await (const [key, value] of rangeOfMap(reader, root, new Uint8Array(0))) {
    items.set(toBinaryString(key), toBinaryString(value));
  }
  return items;
}

/** A vector as text. */
export function showVector(vector: VersionVector): string {
  return vectorItems(vector)
    .map(({ writer, counter }) => `${toHex(writer.subarray(0, 4))}:${counter.toString()}`)
    .join(" ");
}

/** What two tips that have seen the same must have in common. */
export function fingerprint(tip: Tip): string {
  const { versions, log, tags, names } = tip.revision;
  const root = (link: MapRoot): string => (link === undefined ? "-" : toHex(link.id).slice(0, 16));
  return [toHex(tip.state.digest), ...stateRoots(tip.state), versions, log, tags, names]
    .map((part) => (typeof part === "string" ? part : root(part)))
    .join();
}

function stateRoots({ tree, removed, folders, loose }: State): MapRoot[] {
  return [tree, removed, folders, loose];
}
