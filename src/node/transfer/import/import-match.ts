import { diffMaps } from "../../blocks/map-diff.ts";
import type { MapRoot } from "../../blocks/sealed-map.ts";
import { equalBytes } from "../../core/bytes.ts";
import { isCloudError } from "../../core/cloud-error.ts";
import { IdSet, type ReadonlyIdSet } from "../../core/id-map.ts";
import { asEntryId, type EntryId, shortIdBytes } from "../../core/ids.ts";
import type { Tip } from "../../history/tip.ts";
import type { OpenSpace } from "../../space/open-space.ts";
import { type Entry, isLive } from "../../tree/entry.ts";
import { list } from "../../tree/lookup.ts";
import { emptyState } from "../../tree/state.ts";
import { viewState } from "../../tree/state-view.ts";
import type { Notes } from "../notes.ts";
import type { CachedItem, ImportCache } from "./import-cache.ts";
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

/** What is remembered of the folder being matched, and what the drive lists in it. */
interface CurrentFolder {
  readonly folder: MatchedFolder;
  readonly remembered: ReadonlyMap<string, CachedItem>;
  /** The drive's folder is as it was when that was remembered. */
  readonly isUntouched: boolean;
  listed: ReadonlyMap<string, Entry> | undefined;
}

/**
 * Finds what stands in the drive at the place of each thing on the disk, and what need not be read
 * because neither side changed since the last import.
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

  /** Things that were found as they were remembered. */
  get hits(): number {
    return this.#hits;
  }

  /** Sets some things beside what the drive has. */
  async match({ folder, items, first }: WalkedPart): Promise<MatchedItem[]> {
    if (first) this.#current = this.#enter(folder);
    const current = this.#current as CurrentFolder;
    const { remembered, isUntouched } = current;
    if (isUntouched && items.every((seen) => isAsRemembered(seen, remembered.get(seen.name)))) {
      return items.map((seen) => this.#take(seen, remembered.get(seen.name) as CachedItem));
    }
    const listed = (current.listed ??= await this.#list(folder));
    return items.map((seen): MatchedItem => {
      const entry = listed.get(seen.name);
      if (entry === undefined) return { outcome: "open", seen, inner: innerOf(seen), entry };
      return this.#compare(seen, entry, remembered.get(seen.name));
    });
  }

  #enter(folder: MatchedFolder): CurrentFolder {
    const found = this.#cache?.folder(folder.below);
    const { id } = folder;
    const isKnown = found !== undefined && id !== undefined && equalBytes(found.id, id);
    return {
      folder,
      remembered: isKnown ? found.items : new Map<string, CachedItem>(),
      isUntouched: isKnown && this.#touched?.has(id) === false,
      listed: undefined,
    };
  }

  async #list({ id }: MatchedFolder): Promise<Map<string, Entry>> {
    const found = new Map<string, Entry>();
    if (id === undefined) return found;
    const view = viewState(this.#space.sealer, this.#tip?.state ?? emptyState);
    for await (const { name, entry } of list(view, id)) found.set(name, entry);
    return found;
  }

  #take(seen: SeenItem, { id, link }: CachedItem): SameItem {
    this.#hits++;
    return { outcome: "same", seen, inner: innerOf(seen, id), id, link };
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
    if (isRemembered) return this.#take(seen, { ...remembered, id: entry.id });
    const inner = innerOf(seen, entry.kind === kind ? entry.id : undefined);
    return { outcome: "open", seen, inner, entry };
  }
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
