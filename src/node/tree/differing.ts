import { diffMaps } from "../blocks/map-diff.ts";
import type { MapReader } from "../blocks/sealed-map.ts";
import { IdMap } from "../core/id-map.ts";
import { asEntryId, type EntryId, shortIdBytes } from "../core/ids.ts";
import { decodeEntry, type Entry } from "./entry.ts";
import type { DigestMap, State } from "./state.ts";

/** One entry in two states; absent where a state does not have it. */
export interface EntrySides {
  a?: Entry;
  b?: Entry;
}

/** Entries that differ between two states, by id. */
export type DifferingEntries = IdMap<EntryId, EntrySides>;

/**
 * Both sides of every entry that differs between two states or stands elsewhere. Costs time of the
 * difference.
 */
export async function differingEntries(
  reader: MapReader,
  a: State,
  b: State,
): Promise<DifferingEntries> {
  const sides = new IdMap<EntryId, EntrySides>();
  for (const map of ["tree", "removed"] as const) await addSides(reader, a, b, map, sides);
  return sides;
}

/**
 * The same of the entries of `tree` alone, unless they are many: then it ends as soon as that is
 * known.
 * @returns `undefined` if more than `most` differ.
 */
export async function differingVisible(
  reader: MapReader,
  a: State,
  b: State,
  most = Infinity,
): Promise<DifferingEntries | undefined> {
  const sides = new IdMap<EntryId, EntrySides>();
  await addSides(reader, a, b, "tree", sides, most);
  return sides.size > most ? undefined : sides;
}

/** Ends once there are more than `most`. */
async function addSides(
  reader: MapReader,
  a: State,
  b: State,
  map: DigestMap,
  sides: DifferingEntries,
  most = Infinity,
): Promise<void> {
  for await (const difference of diffMaps(reader, a[map], b[map])) {
    const { key } = difference;
    const id = asEntryId(key.subarray(-shortIdBytes));
    const both = sides.get(id) ?? {};
    if (difference.a !== undefined) both.a = decodeEntry(key, difference.a, map);
    if (difference.b !== undefined) both.b = decodeEntry(key, difference.b, map);
    sides.set(id, both);
    if (sides.size > most) return;
  }
}
