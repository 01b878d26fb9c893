import { compareBytes, concatBytes, equalBytes, toBinaryString, toHex } from "../core/bytes.ts";
import { IdMap, IdSet } from "../core/id-map.ts";
import { asEntryId, type EntryId, rootId, shortIdBytes } from "../core/ids.ts";
import type { Stamp } from "../core/stamp.ts";
import type { Primitives } from "../crypto/primitives.ts";
import { Ancestry } from "./ancestry.ts";
import { decodeEntry, type Entry, encodeFolder, isHusk, isLive, isRoot } from "./entry.ts";
import { DigestSum, itemDigest } from "./state.ts";
import type { MapView, StateView } from "./state-view.ts";
import { covers, vectorAtMost } from "./version-vector.ts";

const everything = new Uint8Array(0);

/**
 * What is wrong with a state as a whole, each in a sentence: what no item of it shows by itself and
 * no writer that keeps to FORMAT §10 makes. Reading doesn't check it; `verify` does.
 *
 * 1. Every entry stands once, in the map and under the parent that §10.3 gives it.
 * 2. `vv` covers every stamp of every entry, and `floor`.
 * 3. `folders` and `loose` follow from the entries, and nothing is meant to stand in what is no folder.
 * 4. A file or a symbolic link that is visible has content.
 * 5. `digest` is that of the entries.
 * @throws not-found, damaged, newer: of a map that can't be read
 */
export async function* checkState(
  primitives: Primitives,
  view: StateView,
  digest: Uint8Array,
): AsyncGenerator<string> {
  const sum = new DigestSum(new Uint8Array(32));
  const met = new Met(view);
  for (const map of ["tree", "removed"] as const) {
    for await (const [key, value] of view[map].range(everything)) {
      sum.add(itemDigest(primitives, map, key, value));
      const entry = decodeEntry(key, value, map);
      yield* met.check(entry, map, key.subarray(0, shortIdBytes) as EntryId);
    }
  }
  yield* met.checkFolders();
  if (!vectorAtMost(view.floor, view.vv)) yield "the floor of the tree is above what it has seen";
  if (!equalBytes(sum.value(), digest)) yield "the digest of the tree is not that of its entries";
}

/** What the entries met so far come to. */
class Met {
  readonly #view: StateView;
  readonly #ancestry: Ancestry;
  readonly #ids = new IdSet<EntryId>();
  readonly #folders = new IdSet<EntryId>();
  readonly #loose = new Set<string>();
  /** Parents that have no place in `folders`, by one entry that is meant to stand in each. */
  readonly #absent = new IdMap<EntryId, Entry>();

  constructor(view: StateView) {
    this.#view = view;
    this.#ancestry = new Ancestry(view.folders);
  }

  async *check(entry: Entry, map: "tree" | "removed", standsIn: EntryId): AsyncGenerator<string> {
    if (!this.#ids.add(entry.id)) yield `${shown(entry)} stands twice in the tree`;
    if (stampsOf(entry).some((stamp) => !covers(this.#view.vv, stamp))) {
      yield `${shown(entry)} bears a stamp that its tree has not seen`;
    }
    if (map === "tree" && isHusk(entry)) yield `${shown(entry)} has no content`;
    if (entry.kind === "folder") yield* this.#checkFolder(entry, map);
    yield* this.#checkPlace(entry, map, standsIn);
  }

  async *#checkFolder(folder: Entry, map: "tree" | "removed"): AsyncGenerator<string> {
    this.#folders.add(folder.id);
    const place = await this.#view.folders.get(folder.id);
    if (place === undefined || !equalBytes(place, encodeFolder(folder))) {
      yield `${shown(folder)} has another place among the folders, or none`;
    }
    if (isLive(folder)) return;
    const hasVisible = !(await isEmpty(this.#view.tree, folder.id));
    if (map === "tree" && !hasVisible) yield `${shown(folder)} is dead and nothing stands in it`;
    if (map === "removed" && hasVisible)
      yield `${shown(folder)} is removed and something stands in it`;
  }

  async *#checkPlace(
    entry: Entry,
    map: "tree" | "removed",
    standsIn: EntryId,
  ): AsyncGenerator<string> {
    const { parent, id } = entry;
    const isLoose = await this.#ancestry.isLoose(entry);
    const looseKey = concatBytes(parent, id);
    if (isLoose) this.#loose.add(toBinaryString(looseKey));
    const isMarked = (await this.#view.loose.get(looseKey)) !== undefined;
    if (isLoose && !isMarked) yield `${shown(entry)} is not marked as standing at the root`;
    const place = isLoose && map === "tree" ? rootId : parent;
    if (compareBytes(standsIn, place) !== 0) yield `${shown(entry)} stands in the wrong folder`;
    if (!isRoot(parent) && (await this.#ancestry.placeOf(parent)) === undefined) {
      this.#absent.set(parent, entry);
    }
  }

  /** What can be told once all entries were met. */
  async *checkFolders(): AsyncGenerator<string> {
    for (const [parent, entry] of this.#absent) {
      if (this.#ids.has(parent)) yield `${shown(entry)} is meant to stand in what is no folder`;
    }
    for await (const [id] of this.#view.folders.range(everything)) {
      if (!this.#folders.has(asEntryId(id))) {
        yield `the folder ${toHex(id)} has a place and no entry`;
      }
    }
    for await (const [key, value] of this.#view.loose.range(everything)) {
      if (!this.#loose.has(toBinaryString(key)) || value.length > 0) {
        yield `the entry ${toHex(key.subarray(-shortIdBytes))} is marked as standing at the root`;
      }
    }
  }
}

function stampsOf({ at, content, live, gone = [] }: Entry): Stamp[] {
  const contents = content.flatMap(({ stamp, rewritten }) =>
    rewritten === undefined ? [stamp] : [stamp, rewritten],
  );
  return [at, ...contents, ...live, ...gone];
}

async function isEmpty(map: MapView, prefix: Uint8Array): Promise<boolean> {
  const first = await map.range(prefix)[Symbol.asyncIterator]().next();
  return first.done === true;
}

function shown({ id, name }: Entry): string {
  return `the entry ${JSON.stringify(name)} (${toHex(id)})`;
}
