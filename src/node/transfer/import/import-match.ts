import { diffMaps } from "../../blocks/map-diff.ts";
import type { MapRoot } from "../../blocks/sealed-map.ts";
import { compareAsUtf8, equalBytes } from "../../core/bytes.ts";
import { isCloudError } from "../../core/cloud-error.ts";
import { IdSet, type ReadonlyIdSet } from "../../core/id-map.ts";
import { asEntryId, type EntryId, shortIdBytes } from "../../core/ids.ts";
import type { Tip } from "../../history/tip.ts";
import type { OpenSpace } from "../../space/open-space.ts";
import { type Entry, isLive } from "../../tree/entry.ts";
import { findSuffixed } from "../../tree/listed-name.ts";
import { list } from "../../tree/lookup.ts";
import { emptyState } from "../../tree/state.ts";
import { viewState } from "../../tree/state-view.ts";
import type { Notes } from "../notes.ts";
import type { CachedFolder, CachedItem, ImportCache } from "./import-cache.ts";
import {
  itemPath,
  type MatchedFolder,
  type MatchedItem,
  pathBelow,
  type SameItem,
  type SeenItem,
  showItem,
  shownAt,
} from "./import-item.ts";
import type { WalkedPart } from "./import-walk.ts";

/** Beyond so many changes of the drive its folders are listed rather than believed. */
const maxDifferences = 20_000;
/** After so many entries that nobody asked for the next one is looked up. */
const maxPassed = 64;

/** What is remembered of the folder being matched. */
interface CurrentFolder {
  readonly remembered: CachedFolder | undefined;
  /** The drive's folder is as it was when that was remembered. */
  readonly isUntouched: boolean;
}

/**
 * Finds what stands in the drive at the place of each thing on the disk, and what need not be read
 * because neither side changed since the last import.
 *
 * Invariant: of a large folder no more is held than what concerns the part that is matched.
 */
export class ImportMatch {
  readonly #space: OpenSpace;
  readonly #tip: Tip | undefined;
  /** Absent: what it remembers is not to be relied on. */
  readonly #cache: ImportCache | undefined;
  readonly #notes: Notes;
  /** Folders of the drive that changed since; `undefined`: any may have. */
  #touched: ReadonlyIdSet<EntryId> | undefined;
  #current: CurrentFolder | undefined;
  #hits = 0;

  private constructor(
    space: OpenSpace,
    tip: Tip | undefined,
    cache: ImportCache | undefined,
    notes: Notes,
    touched: ReadonlyIdSet<EntryId> | undefined,
  ) {
    this.#space = space;
    this.#tip = tip;
    this.#cache = cache;
    this.#notes = notes;
    this.#touched = touched;
  }

  /** Compares the drive with how the last import left it. */
  static async begin(
    space: OpenSpace,
    tip: Tip | undefined,
    cache: ImportCache,
    notes: Notes,
  ): Promise<ImportMatch> {
    const now = tip?.state.tree;
    // What was lost comes back with its file, if the file is read.
    const isWhole = space.store.usage().quarantined === 0;
    const touched =
      cache.isThere && isWhole ? await touchedFolders(space, cache.tree, now) : undefined;
    return new ImportMatch(space, tip, isWhole ? cache : undefined, notes, touched);
  }

  /** How many things since the last time were found as they were remembered. */
  takeHits(): number {
    const hits = this.#hits;
    this.#hits = 0;
    return hits;
  }

  /** Sets some things beside what the drive has. */
  async match({ folder, items, first }: WalkedPart): Promise<MatchedItem[]> {
    if (first) this.#current = this.#enter(folder);
    const current = this.#current as CurrentFolder;
    const { remembered, isUntouched } = current;
    const known = items.map(({ name }) => remembered?.find(name));
    if (isUntouched && items.every((seen, i) => isAsRemembered(seen, known[i]))) {
      this.#hits += items.length;
      return items.map((seen, i) => sameItem(seen, known[i] as CachedItem));
    }
    const listed = await this.#list(folder, items);
    return items.map((seen, i): MatchedItem => {
      const entry = listed.get(seen.name);
      if (entry === undefined) return { outcome: "open", seen, inner: innerOf(seen), entry };
      return this.#compare(seen, entry, known[i]);
    });
  }

  #enter({ below, id }: MatchedFolder): CurrentFolder {
    const found = this.#cache?.folder(below);
    const isKnown = found !== undefined && id !== undefined && equalBytes(found.id, id);
    return {
      remembered: isKnown ? found : undefined,
      isUntouched: isKnown && this.#touched?.has(id) === false,
    };
  }

  /** What the drive lists under the names of some things. */
  async #list(
    { id }: MatchedFolder,
    items: readonly SeenItem[],
  ): Promise<ReadonlyMap<string, Entry>> {
    const found = new Map<string, Entry>();
    if (id === undefined) return found;
    const view = viewState(this.#space.sealer, this.#tip?.state ?? emptyState);
    const wanted = new Set(items.map(({ name }) => name));
    const names = [...wanted].sort(compareAsUtf8);
    for (let next = 0, isEnd = false; next < names.length && !isEnd; ) {
      isEnd = true;
      let passed = 0;
      for await (const { name, entry } of list(view, id, names[next])) {
        if (wanted.delete(name)) found.set(name, entry);
        for (; next < names.length; next++, passed = 0) {
          if (compareAsUtf8(names[next] as string, entry.name) > 0) break;
        }
        if (next < names.length && ++passed <= maxPassed) continue;
        isEnd = false;
        break;
      }
    }
    // What is listed with a suffix is stored elsewhere.
    for (const name of wanted) {
      const entry = await findSuffixed(view.tree, id, name);
      if (entry !== undefined) found.set(name, entry);
    }
    return found;
  }

  #compare(seen: SeenItem, entry: Entry, remembered: CachedItem | undefined): MatchedItem {
    const { kind } = seen;
    if (isLive(entry) && entry.kind !== kind && (kind === "folder" || !isLeaf(entry))) {
      this.#notes.fail(
        "conflict",
        `${showItem(seen)} was left out: a ${entry.kind} of the drive stands there`,
      );
      return { outcome: "failed", seen };
    }
    const shown = shownAt(seen, entry);
    const isRemembered =
      remembered !== undefined &&
      shown !== undefined &&
      isAsRemembered(seen, remembered) &&
      equalBytes(remembered.link, shown.link);
    if (isRemembered) {
      this.#hits++;
      return sameItem(seen, shown);
    }
    const inner = innerOf(seen, entry.kind === kind ? entry.id : undefined);
    return { outcome: "open", seen, inner, entry };
  }
}

function sameItem(seen: SeenItem, { id, link }: Pick<SameItem, "id" | "link">): SameItem {
  return { outcome: "same", seen, inner: innerOf(seen, id), id, link };
}

/** A folder of the source as one to be walked. */
function innerOf(seen: SeenItem, id?: EntryId): MatchedFolder | undefined {
  if (seen.kind !== "folder") return undefined;
  const { folder, name } = seen;
  return { path: itemPath(seen), below: pathBelow(folder, name), depth: folder.depth + 1, id };
}

/** A file gives way to a symbolic link and the reverse; a folder, to nothing. */
function isLeaf({ kind }: Entry): boolean {
  return kind === "file" || kind === "link";
}

function isAsRemembered(seen: SeenItem, remembered: CachedItem | undefined): boolean {
  return (
    seen.size === remembered?.size &&
    seen.mtimeMs === remembered.mtimeMs &&
    seen.ctimeMs === remembered.ctimeMs &&
    seen.inode === remembered.inode
  );
}

/** The folders in which anything differs between two trees; `undefined`, if that is too much. */
async function touchedFolders(
  space: OpenSpace,
  before: MapRoot,
  now: MapRoot,
): Promise<ReadonlyIdSet<EntryId> | undefined> {
  const touched = new IdSet<EntryId>();
  let differences = 0;
  try {
    for await (const { key } of diffMaps(space.sealer, before, now)) {
      touched.add(asEntryId(key.subarray(0, shortIdBytes)));
      if (++differences > maxDifferences) return undefined;
    }
  } catch (error) {
    // The tree of then may have been let go of.
    if (isCloudError(error, "not-found", "damaged")) return undefined;
    throw error;
  }
  return touched;
}
