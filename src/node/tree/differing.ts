import { diffMaps } from "../blocks/map-diff.ts";
import type { MapReader } from "../blocks/sealed-map.ts";
import { toBinaryString } from "../core/bytes.ts";
import { shortIdBytes } from "../core/ids.ts";
import { decodeEntry, type Entry } from "./entry.ts";
import type { State } from "./state.ts";

/** One entry in two states; absent where a state does not have it. */
export interface EntrySides {
  a?: Entry;
  b?: Entry;
}

/**
 * Both sides of every entry that differs between two states or stands elsewhere, by its id as a
 * binary string. Costs time of the difference.
 */
export async function differingEntries(
  reader: MapReader,
  a: State,
  b: State,
): Promise<Map<string, EntrySides>> {
  const sides = new Map<string, EntrySides>();
  for (const map of ["tree", "removed"] as const) {
    for await (const difference of diffMaps(reader, a[map], b[map])) {
      const id = toBinaryString(difference.key.subarray(-shortIdBytes));
      const both = sides.get(id) ?? {};
      if (difference.a !== undefined) both.a = decodeEntry(difference.key, difference.a, map);
      if (difference.b !== undefined) both.b = decodeEntry(difference.key, difference.b, map);
      sides.set(id, both);
    }
  }
  return sides;
}
