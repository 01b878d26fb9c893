import { toHex } from "../core/bytes.ts";
import type { EntryId } from "../core/ids.ts";
import { formatPath } from "../core/path.ts";
import { type Entry, isRoot } from "./entry.ts";
import { listedName } from "./lookup.ts";
import { folderOf, standsIn } from "./place.ts";
import type { StateView } from "./state-view.ts";

/** Names the path at which an entry is listed, or would be by its intended parents. */
export type PathNamer = (entry: Entry) => Promise<string>;

/**
 * A namer for many entries of one view: the path of a folder is looked up once.
 */
export function createPathNamer(view: StateView): PathNamer {
  const folders = new Map<string, Promise<string[]>>();

  const findFolder = async (id: EntryId, seen: ReadonlySet<string>): Promise<string[]> => {
    const hex = toHex(id);
    const folder = await folderOf(view, id);
    if (folder === undefined || seen.has(hex)) return [];
    const parent = await standsIn(view, { id, parent: folder.parent });
    const above = await folderNames(parent, new Set(seen).add(hex));
    return [...above, await listedName(view, parent, { id, name: folder.name })];
  };

  const folderNames = (id: EntryId, seen: ReadonlySet<string>): Promise<string[]> => {
    if (isRoot(id)) return Promise.resolve([]);
    const hex = toHex(id);
    let names = folders.get(hex);
    if (names === undefined || seen.has(hex)) {
      names = findFolder(id, seen);
      folders.set(hex, names);
    }
    return names;
  };

  return async (entry) => {
    const parent = await standsIn(view, entry);
    const above = await folderNames(parent, new Set());
    return formatPath([...above, await listedName(view, parent, entry)]);
  };
}
