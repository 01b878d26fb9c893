import { setImmediate as nextTurn } from "node:timers/promises";
import type { MapDifference } from "../../blocks/map-diff.ts";
import type { MapItem } from "../../blocks/sealed-map.ts";
import { toBinaryString } from "../../core/bytes.ts";
import { type EntryId, rootId, shortIdBytes } from "../../core/ids.ts";
import { isWithin, maxPathNames } from "../../core/path.ts";
import { decodeEntry, type EntryKind, entryKinds } from "../../tree/entry.ts";
import { type FuzzyQuery, fuzzyScore, letterMask } from "./fuzzy-score.ts";

/** Others have their turn after so long. */
const sliceMs = 8;
/** The places of removed entries are kept until there are so many, and more than of others. */
const manyGone = 10_000;

const root = 0;
const folderKind = entryKinds.indexOf("folder");

/** An entry that was found. */
export interface IndexedPath {
  /** The folder that it is in, where the way to that is not known yet: then `path` is its name. */
  readonly folder?: EntryId;
  /** As stored, from the root on; another than it is listed by may be meant where there is a {@link way}. */
  readonly path: string;
  readonly kind: EntryKind;
  /** From the top down, if one of them shares its name with another entry. */
  readonly way?: readonly NamedEntry[];
}

/** An entry by its stored name. */
export interface NamedEntry {
  readonly id: EntryId;
  readonly name: string;
}

/** What is looked for. */
export interface IndexQuery {
  readonly query: FuzzyQuery;
  /** Only below this folder. */
  readonly below: string;
  readonly limit: number;
  /** Whether folders are looked for too. */
  readonly folders: boolean;
  /** Whether what stands in a folder that is not known yet is found by its name alone. */
  readonly unplaced: boolean;
}

/**
 * The names of a tree in columns, some 100 bytes an entry, without opening a record: by it any path is
 * found in milliseconds. It is filled and changed by the items of the tree's map.
 */
export class PathIndex {
  /** Empty where nothing stands, not yet or no longer. */
  readonly #names: string[] = [""];
  readonly #parents: number[] = [root];
  readonly #kinds: number[] = [folderKind];
  readonly #masks: number[] = [0];
  readonly #ids: string[] = [toBinaryString(rootId)];
  readonly #places = new Map<string, number>([[toBinaryString(rootId), root]]);
  /** Those that share their name with another in their folder. */
  readonly #clashing = new Set<number>();
  /** Of folders, as far as they were asked for since one of them changed: path and mask. */
  #folders = new Map<number, Folder>([[root, rootFolder]]);
  #last: { readonly parent: number; readonly name: string; readonly place: number } | undefined;
  #gone = 0;

  /** Whether so much was removed that it is better built anew. */
  get isSparse(): boolean {
    return this.#gone > manyGone && this.#gone > this.#names.length / 2;
  }

  /** Takes in all items of a tree's map, in order. */
  async fill(items: AsyncIterable<MapItem>): Promise<void> {
    let end = performance.now() + sliceMs;
    for await (const [key, value] of items) {
      const { parent, name, place } = this.#put(key, value);
      if (this.#last?.parent === parent && this.#last.name === name) {
        this.#clashing.add(this.#last.place).add(place);
      }
      this.#last = { parent, name, place };
      if (performance.now() < end) continue;
      await nextTurn();
      end = performance.now() + sliceMs;
    }
    this.#last = undefined;
  }

  /**
   * Takes in what differs between two maps of the tree.
   * @param namesakes - the ids of all entries of one name in one folder, as they are now.
   */
  async change(
    differences: AsyncIterable<MapDifference>,
    namesakes: (parent: EntryId, name: string) => Promise<readonly EntryId[]>,
  ): Promise<void> {
    let end = performance.now() + sliceMs;
    for await (const { key, a, b } of differences) {
      if (a === undefined && b !== undefined) {
        const { name } = this.#put(key, b);
        const same = await namesakes(parentOf(key), name);
        if (same.length > 1) for (const id of same) this.#clashing.add(this.#placeOf(id));
      } else if (a !== undefined && b === undefined) this.#remove(key, a);
      if (performance.now() < end) continue;
      await nextTurn();
      end = performance.now() + sliceMs;
    }
  }

  /** The paths that fit best, the best first. */
  async find(asked: IndexQuery, signal: AbortSignal): Promise<IndexedPath[]> {
    const { limit } = asked;
    let best: Fit[] = [];
    let least = 0;
    let end = performance.now() + sliceMs;
    for (let place = 1; place < this.#names.length; place++) {
      const score = this.#score(place, asked);
      if (score > least) {
        best.push({ place, score });
        if (best.length >= 4 * limit + 64) {
          best = sorted(best).slice(0, limit);
          least = (best[limit - 1]?.score ?? 1) - 1;
        }
      }
      if (place % 512 > 0 || performance.now() < end) continue;
      await nextTurn();
      signal.throwIfAborted();
      end = performance.now() + sliceMs;
    }
    const found = sorted(best).map((fit) => ({ ...fit, path: this.#pathOf(fit.place) }));
    found.sort((a, b) => b.score - a.score || compareText(a.path, b.path));
    return found.slice(0, limit).map(({ place, path }) => ({
      path,
      kind: entryKinds[this.#kinds[place] as number] as EntryKind,
      ...this.#folderOf(place),
      ...this.#wayTo(place),
    }));
  }

  #score(place: number, { query, below, folders, unplaced }: IndexQuery): number {
    const name = this.#names[place] as string;
    if (name === "" || (this.#kinds[place] === folderKind && !folders)) return 0;
    const known = this.#folder(this.#parents[place] as number);
    if (known === undefined && (!unplaced || below !== "/")) return 0;
    const folder = known ?? unknownFolder;
    const mask = folder.mask | (this.#masks[place] as number);
    if ((mask & query.mask) !== query.mask) return 0;
    if (below !== "/" && !isWithin(folder.path + name, below)) return 0;
    return fuzzyScore(query, folder.path, name);
  }

  /** A folder whose way to the root is known; `undefined`: not all of it is here yet. */
  #folder(place: number, depth = 0): Folder | undefined {
    const known = this.#folders.get(place);
    if (known !== undefined) return known;
    const name = this.#names[place] as string;
    if (name === "" || depth > maxPathNames) return undefined;
    const above = this.#folder(this.#parents[place] as number, depth + 1);
    if (above === undefined) return undefined;
    const folder = {
      path: `${above.path}${name}/`,
      mask: above.mask | (this.#masks[place] as number),
    };
    this.#folders.set(place, folder);
    return folder;
  }

  #pathOf(place: number): string {
    const { path } = this.#folder(this.#parents[place] as number) ?? unknownFolder;
    return path + (this.#names[place] as string);
  }

  #folderOf(place: number): Pick<IndexedPath, "folder"> {
    const parent = this.#parents[place] as number;
    return this.#folder(parent) === undefined ? { folder: idOf(this.#ids[parent] as string) } : {};
  }

  #wayTo(place: number): Pick<IndexedPath, "way"> {
    const way: NamedEntry[] = [];
    let clashes = false;
    if (this.#folder(this.#parents[place] as number) === undefined) return {};
    for (let at = place; at !== root; at = this.#parents[at] as number) {
      way.push({ id: idOf(this.#ids[at] as string), name: this.#names[at] as string });
      clashes ||= this.#clashing.has(at);
    }
    return clashes ? { way: way.reverse() } : {};
  }

  #put(key: Uint8Array, value: Uint8Array): { parent: number; name: string; place: number } {
    const { id, name, kind } = decodeEntry(key, value);
    const place = this.#placeOf(id);
    const parent = this.#placeOf(parentOf(key));
    if (kind === "folder" && this.#names[place] !== "") this.#forgetFolders();
    this.#names[place] = name;
    this.#parents[place] = parent;
    this.#kinds[place] = entryKinds.indexOf(kind);
    this.#masks[place] = letterMask(name.toLowerCase());
    return { parent, name, place };
  }

  #remove(key: Uint8Array, value: Uint8Array): void {
    const { id, name, kind } = decodeEntry(key, value);
    const place = this.#placeOf(id);
    // One that moved may have been put at its new place before.
    if (this.#parents[place] !== this.#placeOf(parentOf(key)) || this.#names[place] !== name)
      return;
    this.#names[place] = "";
    this.#clashing.delete(place);
    this.#gone++;
    if (kind === "folder") this.#forgetFolders();
  }

  #forgetFolders(): void {
    this.#folders = new Map([[root, rootFolder]]);
  }

  /** The place of an entry, an empty one if it was not seen before. */
  #placeOf(id: EntryId): number {
    const name = toBinaryString(id);
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    const place = this.#names.push("") - 1;
    this.#parents.push(root);
    this.#kinds.push(0);
    this.#masks.push(0);
    this.#ids.push(name);
    this.#places.set(name, place);
    return place;
  }
}

interface Folder {
  /** With a slash at its end. */
  readonly path: string;
  /** Of all names on the way. */
  readonly mask: number;
}

const rootFolder: Folder = { path: "/", mask: 0 };
const unknownFolder: Folder = { path: "", mask: 0 };

interface Fit {
  readonly place: number;
  readonly score: number;
}

function sorted(fits: Fit[]): Fit[] {
  return fits.sort((a, b) => b.score - a.score);
}

function compareText(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : 1);
}

/** Where an entry stands, by its key: what it is meant to stand in may be another folder. */
function parentOf(key: Uint8Array): EntryId {
  return key.subarray(0, shortIdBytes) as EntryId;
}

function idOf(name: string): EntryId {
  return Uint8Array.from(name, (character) => character.charCodeAt(0)) as EntryId;
}
