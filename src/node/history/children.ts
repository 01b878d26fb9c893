import { type ContentPart, partsOfIndex, partsOfRecord } from "../blocks/content/content-parts.ts";
import { checkChunk, recordKind } from "../blocks/content/open-content.ts";
import {
  decodeRecordLink,
  type EncodedRecordLink,
  type Link,
  type RecordLink,
} from "../blocks/link.ts";
import { decodeNode } from "../blocks/map-node.ts";
import { decodePack, recordAt } from "../blocks/pack.ts";
import { decodeRecord } from "../blocks/record.ts";
import {
  checkPlace,
  childPlace,
  type MapItem,
  type MapRoot,
  type NodePlace,
  type PlacedNode,
  rootPlace,
} from "../blocks/sealed-map.ts";
import { type CloudError, isCloudError } from "../core/cloud-error.ts";
import type { EntryId } from "../core/ids.ts";
import { type Stamp, showStamp } from "../core/stamp.ts";
import { decodeEntry } from "../tree/entry.ts";
import { decodeState } from "../tree/state.ts";
import { isListed, parseVectorItem } from "../tree/version-vector.ts";
import {
  decodeDeviceName,
  decodeKeptState,
  decodeLogItem,
  decodePurged,
  decodeRevision,
  decodeVersion,
  parseLogKey,
  parseNameKey,
  parsePurgedKey,
  parseTagKey,
  parseVersionKey,
} from "./revision.ts";

/** Which past state of a space: the one after a change, or one that was given a name. */
export type PastState = { readonly change: Stamp } | { readonly tag: string };

/** What follows a path to say when it stood there; nothing for now. */
export function showPast(past: PastState | undefined): string {
  if (past === undefined) return "";
  return `@${"tag" in past ? past.tag : showStamp(past.change)}`;
}

/** The maps of a revision. */
export type RevisionMap = "versions" | "log" | "tags" | "purged" | "names";
/** The maps of a state. */
export type StateMap = "tree" | "removed" | "vv" | "folders" | "loose" | "floor";

/** What shows a record: a version that is kept, or an entry as it stands in a state. */
export type Holder =
  | { readonly id: EntryId; readonly version: Stamp }
  | { readonly id: EntryId; readonly name: string; readonly past: PastState | undefined };

/** A block of a space, by the link to it and what the way there says of it. FORMAT §2. */
export type Part =
  | { readonly kind: "revision"; readonly link: Link }
  | { readonly kind: "state"; readonly link: Link; readonly past: PastState | undefined }
  | MapPart
  | { readonly kind: "record"; readonly link: RecordLink; readonly holder: Holder }
  | PackPart
  | BelowRecord;

/** A node of one of the maps; `past` as of the state that the map belongs to. */
export interface MapPart {
  readonly kind: "mapNode";
  readonly link: Link;
  readonly map: RevisionMap | StateMap;
  readonly past: PastState | undefined;
  readonly place: NodePlace;
}

/** A pack, for the sake of the record at the link's place in it. */
export interface PackPart {
  readonly kind: "pack";
  readonly link: RecordLink;
  readonly holder: Holder;
}

/** A block of a file's content or of the index above it. */
export interface BelowRecord extends ContentPart {
  readonly kind: "index" | "content";
  /** Absent: it belongs to another record of the pack that was asked for. */
  readonly holder: Holder | undefined;
}

/** What a block leads to. */
export interface Children {
  readonly parts: readonly Part[];
  /** What is wrong with single items of a block that is sound otherwise. */
  readonly faults: readonly CloudError[];
  /** Of a leaf its items, those with a fault left out. */
  readonly items: readonly MapItem[];
  /** How many records it holds, if it is a pack. */
  readonly records: number;
}

/**
 * What a block of a space leads to, in order: the one description of it, for whoever keeps, checks,
 * counts or fetches what hangs together. Opens nothing.
 * @param payload - of the block.
 * @param reach - of a pack: `whole`, all its records, which are alive with it, or `own`, the one
 * that the link names.
 * @throws damaged, newer; for a chunk too, if it is not as long as its place calls for
 */
export function childrenOf(part: Part, payload: Uint8Array, reach: "whole" | "own"): Children {
  switch (part.kind) {
    case "revision":
      return allSound(partsOfRevision(payload));
    case "state":
      return allSound(partsOfState(payload, part.past));
    case "mapNode":
      return childrenOfNode(part, checkPlace(part.place, decodeNode(payload)));
    case "record":
      return allSound(belowRecord(payload, part.holder));
    case "pack":
      return childrenOfPack(part, decodePack(payload), reach);
    case "index":
      return allSound(partsOfIndex(part, payload).map((each) => below(each, part.holder)));
    case "content":
      checkChunk(payload, part.size);
      return allSound([]);
  }
}

/** Errors that tell of a block, not of the disk or the caller. */
export function isBlockFault(error: unknown): error is CloudError {
  return isCloudError(error, "damaged", "not-found", "newer", "invalid-name");
}

function allSound(parts: readonly Part[]): Children {
  return { parts, faults: [], items: [], records: 0 };
}

function partsOfRevision(payload: Uint8Array): Part[] {
  const revision = decodeRevision(payload);
  const maps = ["versions", "log", "tags", "purged", "names"] as const;
  return [
    { kind: "state", link: revision.state, past: undefined },
    ...maps.flatMap((map) => rootOf(revision[map], map, undefined)),
  ];
}

function partsOfState(payload: Uint8Array, past: PastState | undefined): Part[] {
  const state = decodeState(payload);
  const { vv, floor } = state;
  return [
    ...rootOf(state.tree, "tree", past),
    ...rootOf(state.removed, "removed", past),
    ...(isListed(vv) ? [] : rootOf(vv, "vv", past)),
    ...(isListed(floor) ? [] : rootOf(floor, "floor", past)),
    ...rootOf(state.folders, "folders", past),
    ...rootOf(state.loose, "loose", past),
  ];
}

function rootOf(root: MapRoot, map: MapPart["map"], past: PastState | undefined): MapPart[] {
  return root === undefined ? [] : [nodeAt(rootPlace(root), map, past)];
}

function nodeAt(place: NodePlace, map: MapPart["map"], past: PastState | undefined): MapPart {
  return { kind: "mapNode", link: place.link, map, past, place };
}

function childrenOfNode(part: MapPart, placed: PlacedNode): Children {
  const { keys, values, level } = placed.node;
  const parts: Part[] = [];
  const faults: CloudError[] = [];
  const items: MapItem[] = [];
  for (const [i, key] of keys.entries()) {
    const value = values[i] as Uint8Array;
    try {
      if (level > 0) parts.push(nodeAt(childPlace(placed, i), part.map, part.past));
      else {
        parts.push(...partsOfItem(part, key, value));
        items.push([key, value]);
      }
    } catch (error) {
      if (!isBlockFault(error)) throw error;
      faults.push(error);
    }
  }
  return { parts, faults, items, records: 0 };
}

/** What an item of a map leads to. @throws damaged, newer */
function partsOfItem({ map, past }: MapPart, key: Uint8Array, value: Uint8Array): Part[] {
  switch (map) {
    case "tree":
    case "removed": {
      const { id, name, content } = decodeEntry(key, value, map);
      return content.map(({ link }) => recordBehind(link, { id, name, past }));
    }
    case "versions": {
      const { id, stamp } = parseVersionKey(key);
      return [recordBehind(decodeVersion(value).link, { id, version: stamp })];
    }
    case "log": {
      const change = parseLogKey(key);
      const { state } = decodeLogItem(value);
      return state === undefined ? [] : [{ kind: "state", link: state, past: { change } }];
    }
    case "tags": {
      const tag = parseTagKey(key).name;
      return [{ kind: "state", link: decodeKeptState(value).state, past: { tag } }];
    }
    case "purged":
      parsePurgedKey(key);
      decodePurged(value);
      return [];
    case "names":
      parseNameKey(key);
      decodeDeviceName(value);
      return [];
    case "vv":
    case "floor":
      parseVectorItem(key, value);
      return [];
    case "folders":
    case "loose":
      return [];
  }
}

function recordBehind(encoded: EncodedRecordLink, holder: Holder): Part {
  const link = decodeRecordLink(encoded);
  return { kind: recordKind(link), link, holder };
}

function childrenOfPack(
  { link, holder }: PackPart,
  records: readonly Uint8Array[],
  reach: "whole" | "own",
): Children {
  const own = link.place ?? 0;
  const parts =
    reach === "own"
      ? belowRecord(recordAt(records, own), holder)
      : records.flatMap((record, i) => belowRecord(record, i === own ? holder : undefined));
  return { ...allSound(parts), records: records.length };
}

function belowRecord(payload: Uint8Array, holder: Holder | undefined): Part[] {
  return partsOfRecord(decodeRecord(payload)).map((part) => below(part, holder));
}

function below(part: ContentPart, holder: Holder | undefined): BelowRecord {
  return { ...part, kind: part.depth === 0 ? "content" : "index", holder };
}
