import { LRUCache } from "lru-cache";
import { nameOpened } from "../blocks/content/open-content.ts";
import {
  type EncodedRecordLink,
  encodeRecordLink,
  type Link,
  type RecordLink,
} from "../blocks/link.ts";
import { openBlock } from "../blocks/seal.ts";
import type { MapReader } from "../blocks/sealed-map.ts";
import { IdMap, IdSet, type ReadonlyIdMap, type ReadonlyIdSet } from "../core/id-map.ts";
import { asEntryId, type BlockId, type EntryId, shortIdBytes } from "../core/ids.ts";
import { formatPath } from "../core/path.ts";
import { showStamp } from "../core/stamp.ts";
import { decodeEntry, isRoot } from "../tree/entry.ts";
import { type Holder, type MapPart, type Part, showPast } from "./children.ts";
import { type Visitor, type WalkOptions, walk } from "./walk.ts";

/** Bytes of packs that are held while others are read. */
const heldBytes = 16 * 1024 * 1024;

/** What is asked of {@link findConcerned}. */
export interface Concern {
  readonly blocks: ReadonlyIdSet<BlockId>;
  /** Told of a file that needs one, now as `/a/b`, else as `/a/b@12-a1b2c3d4`; may be told twice. */
  readonly tell: (id: BlockId, path: string) => void;
  /** Called now and then, as a walk's. */
  readonly step: () => Promise<void>;
}

/** By id: where the entries of the newest state stand or, removed, stood. */
type Paths = ReadonlyIdMap<EntryId, string>;

/** The maps that lead to files. */
const mapsOfFiles: ReadonlySet<MapPart["map"]> = new Set([
  ...(["tree", "removed", "versions", "log", "tags"] as const),
]);

/**
 * Finds the files and versions that need one of some blocks. Reads all records, no content; passes
 * over what can't be read.
 */
export async function findConcerned(
  reader: MapReader,
  revision: Link,
  { blocks, tell, step }: Concern,
): Promise<void> {
  const from: readonly Part[] = [{ kind: "revision", link: revision }];
  const options: WalkOptions = {
    content: false,
    packs: "own",
    concurrency: 1, // what shows a record now comes before what showed it once
    open: openHoldingPacks(reader),
  };
  const paths = await readPaths(reader, from, step, options);
  const isNew = createIsNew();
  const enter = (part: Part): boolean => {
    if (part.kind === "revision" || part.kind === "state") return true;
    if (part.kind === "mapNode") return mapsOfFiles.has(part.map) && isNew.node(part);
    const { holder } = part;
    if (holder === undefined) return false;
    if ((part.kind === "record" || part.kind === "pack") && !isNew.record(part.link, holder)) {
      return false;
    }
    if (blocks.has(part.link.id)) tell(part.link.id, showHolder(holder, paths));
    return true;
  };
  await walk(reader, from, { enter, damaged: passOver, step }, options);
}

const passOver = (): void => undefined;

/** Opens a pack once for those of its records that are asked for one after the other. */
function openHoldingPacks({ blocks, primitives }: MapReader): (part: Part) => Promise<Uint8Array> {
  const held = new LRUCache<string, Uint8Array>({
    maxSize: heldBytes,
    sizeCalculation: ({ length }) => length + 1,
  });
  return async ({ link, kind }) => {
    const name = kind === "pack" ? nameOpened(link, kind) : "";
    const known = held.get(name);
    if (known !== undefined) return known;
    const payload = openBlock(primitives, link, kind, await blocks.get(link.id));
    if (kind === "pack") held.set(name, payload);
    return payload;
  };
}

/** Reads where everything stands in the newest state. */
async function readPaths(
  reader: MapReader,
  from: readonly Part[],
  step: () => Promise<void>,
  options: WalkOptions,
): Promise<Paths> {
  const places = new IdMap<EntryId, { readonly parent: EntryId; readonly name: string }>();
  const visitor: Visitor = {
    enter: (part) => {
      if (part.kind === "mapNode") {
        return part.past === undefined && (part.map === "tree" || part.map === "removed");
      }
      return part.kind === "revision" || (part.kind === "state" && part.past === undefined);
    },
    item: ({ map }, key, value) => {
      if (map !== "tree" && map !== "removed") return;
      const { id, parent, name } = decodeEntry(key, value, map);
      const standsIn = map === "tree" ? asEntryId(key.subarray(0, shortIdBytes)) : parent;
      places.set(id, { parent: standsIn, name });
    },
    damaged: passOver,
    step,
  };
  await walk(reader, from, visitor, options);
  const paths = new IdMap<EntryId, string>();
  for (const id of places.keys()) {
    const names: string[] = [];
    const met = new IdSet<EntryId>();
    let place = places.get(id);
    for (let at = id; place !== undefined && met.add(at); place = places.get(at)) {
      names.push(place.name);
      if (isRoot(place.parent)) break;
      at = place.parent;
    }
    paths.set(id, formatPath(names.reverse()));
  }
  return paths;
}

/**
 * Whether something is to be looked into: a node that was not, a record of the newest state, a
 * version that this doesn't show, and of past states what nothing later has.
 */
function createIsNew(): {
  node: (part: MapPart) => boolean;
  record: (link: RecordLink, holder: Holder) => boolean;
} {
  const nodes = new IdSet<BlockId>();
  const met = new IdSet<EncodedRecordLink>();
  const shown = new IdMap<EntryId, IdSet<EncodedRecordLink>>();
  return {
    node: ({ link }) => nodes.add(link.id),
    record: (link, holder) => {
      const encoded = encodeRecordLink(link);
      const isMet = !met.add(encoded);
      if ("version" in holder) return shown.get(holder.id)?.has(encoded) !== true;
      if (holder.past !== undefined) return !isMet;
      const links = shown.get(holder.id) ?? new IdSet();
      links.add(encoded);
      shown.set(holder.id, links);
      return true;
    },
  };
}

/** A file as {@link Concern.tell} is told of it. */
function showHolder(holder: Holder, paths: Paths): string {
  const path = paths.get(holder.id);
  if ("version" in holder) return `${path ?? "a removed file"}@${showStamp(holder.version)}`;
  return `${path ?? `…/${holder.name}`}${showPast(holder.past)}`;
}
