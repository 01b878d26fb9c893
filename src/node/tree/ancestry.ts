import { compareBytes } from "../core/bytes.ts";
import { IdMap, IdSet } from "../core/id-map.ts";
import { type EntryId } from "../core/ids.ts";
import { compareStamps } from "../core/stamp.ts";
import { decodeFolder, type Entry, type FolderPlace, isRoot } from "./entry.ts";
import type { MapView } from "./state-view.ts";

/** Walks up intended parents and remembers, for as long as no folder changes. FORMAT §10.3. */
export class Ancestry {
  readonly #folders: MapView;
  readonly #places = new IdMap<EntryId, FolderPlace | undefined>();
  /** Folders that are on no cycle. */
  readonly #onNone = new IdSet<EntryId>();

  constructor(folders: MapView) {
    this.#folders = folders;
  }

  /** What is known of a folder, live or dead. */
  async placeOf(id: EntryId): Promise<FolderPlace | undefined> {
    if (this.#places.has(id)) return this.#places.get(id);
    const value = await this.#folders.get(id);
    const place = value === undefined ? undefined : decodeFolder(value);
    this.#places.set(id, place);
    return place;
  }

  /** The ids of the cycle of intended parents that a folder is on, if it is on one. */
  async cycleOf(id: EntryId): Promise<readonly EntryId[] | undefined> {
    const path: EntryId[] = [];
    const seen = new IdSet<EntryId>();
    for (let at: EntryId | undefined = id; at !== undefined && !isRoot(at); ) {
      if (this.#onNone.has(at)) break;
      if (!seen.add(at)) {
        if (compareBytes(at, id) === 0) return path;
        // The way leads into a cycle, which is not asked for and stays unknown.
        this.#onNone.add(id);
        return undefined;
      }
      path.push(at);
      at = (await this.placeOf(at))?.parent;
    }
    this.#onNone.addAll(seen);
    return undefined;
  }

  /**
   * Whether an entry is to stand at the root: its parent is absent, or it breaks a cycle. At once
   * for what is no folder, once its parent was asked for.
   */
  isLoose(entry: Pick<Entry, "id" | "kind" | "parent">): boolean | Promise<boolean> {
    if (isRoot(entry.parent)) return false;
    if (entry.kind !== "folder") {
      if (this.#places.has(entry.parent)) return this.#places.get(entry.parent) === undefined;
    }
    return this.#findLoose(entry);
  }

  async #findLoose(entry: Pick<Entry, "id" | "kind" | "parent">): Promise<boolean> {
    if ((await this.placeOf(entry.parent)) === undefined) return true;
    const cycle = await this.cycleOf(entry.id);
    if (cycle === undefined) return false;
    const { at } = (await this.placeOf(entry.id)) as FolderPlace;
    for (const id of cycle) {
      const place = (await this.placeOf(id)) as FolderPlace;
      if ((compareStamps(place.at, at) || compareBytes(id, entry.id)) > 0) return false;
    }
    return true;
  }
}
