import { compareBytes, toBinaryString } from "../core/bytes.ts";
import type { EntryId } from "../core/ids.ts";
import { compareStamps } from "../core/stamp.ts";
import { decodeFolder, type Entry, type FolderPlace, isRoot } from "./entry.ts";
import type { MapView } from "./state-view.ts";

/** Walks up intended parents and remembers, for as long as no folder changes. FORMAT §10.3. */
export class Ancestry {
  readonly #folders: MapView;
  readonly #places = new Map<string, FolderPlace | undefined>();
  /** Folders that are on no cycle. */
  readonly #onNone = new Set<string>();

  constructor(folders: MapView) {
    this.#folders = folders;
  }

  /** What is known of a folder, live or dead. */
  async placeOf(id: EntryId): Promise<FolderPlace | undefined> {
    const name = toBinaryString(id);
    if (this.#places.has(name)) return this.#places.get(name);
    const value = await this.#folders.get(id);
    const place = value === undefined ? undefined : decodeFolder(value);
    this.#places.set(name, place);
    return place;
  }

  /** The ids of the cycle of intended parents that a folder is on, if it is on one. */
  async cycleOf(id: EntryId): Promise<readonly EntryId[] | undefined> {
    const path: EntryId[] = [];
    const seen = new Set<string>();
    for (let at: EntryId | undefined = id; at !== undefined && !isRoot(at); ) {
      const name = toBinaryString(at);
      if (this.#onNone.has(name)) break;
      if (seen.has(name)) {
        if (compareBytes(at, id) === 0) return path;
        // The way leads into a cycle, which is not asked for and stays unknown.
        this.#onNone.add(toBinaryString(id));
        return undefined;
      }
      seen.add(name);
      path.push(at);
      at = (await this.placeOf(at))?.parent;
    }
    for (const name of seen) this.#onNone.add(name);
    return undefined;
  }

  /**
   * Whether an entry is to stand at the root: its parent is absent, or it breaks a cycle. At once
   * for what is no folder, once its parent was asked for.
   */
  isLoose(entry: Pick<Entry, "id" | "kind" | "parent">): boolean | Promise<boolean> {
    if (isRoot(entry.parent)) return false;
    if (entry.kind !== "folder") {
      const parent = toBinaryString(entry.parent);
      if (this.#places.has(parent)) return this.#places.get(parent) === undefined;
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
