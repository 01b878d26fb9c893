import { diffMaps } from "../../blocks/map-diff.ts";
import type { MapRoot } from "../../blocks/sealed-map.ts";
import { equalBytes, toBinaryString } from "../../core/bytes.ts";
import { isCloudError } from "../../core/cloud-error.ts";
import { shortIdBytes } from "../../core/ids.ts";
import type { Tip } from "../../history/tip.ts";
import type { OpenSpace } from "../../space/open-space.ts";
import { type Entry, isLive } from "../../tree/entry.ts";
import { list, shownContent } from "../../tree/lookup.ts";
import { emptyState } from "../../tree/state.ts";
import { viewState } from "../../tree/state-view.ts";
import type { Notes } from "../notes.ts";
import type { CachedItem, ImportCache } from "./import-cache.ts";
import { type ImportFolder, type ImportItem, showItem, type WalkedPart } from "./import-walk.ts";

/** Beyond so many changes of the drive its folders are listed rather than believed. */
const maxDifferences = 20_000;

/** What is remembered of the folder being matched, and what the drive lists in it. */
interface CurrentFolder {
  readonly folder: ImportFolder;
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
  #touched: ReadonlySet<string> | undefined;
  #current: CurrentFolder | undefined;
  #hits = 0;

  private constructor(
    space: OpenSpace,
    tip: Tip | undefined,
    cache: ImportCache | undefined,
    notes: Notes,
    touched: ReadonlySet<string> | undefined,
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

  /** Fills in what the drive has of some things, and the outcome of those that are settled. */
  async match({ folder, items, first }: WalkedPart): Promise<void> {
    if (first) this.#current = this.#enter(folder);
    const current = this.#current as CurrentFolder;
    const { remembered, isUntouched } = current;
    if (isUntouched && items.every((item) => isAsRemembered(item, remembered.get(item.name)))) {
      for (const item of items) this.#take(item, remembered.get(item.name) as CachedItem);
      return;
    }
    const listed = (current.listed ??= await this.#list(folder));
    for (const item of items) {
      const entry = listed.get(item.name);
      if (entry !== undefined) this.#compare(item, entry, remembered.get(item.name));
    }
  }

  #enter(folder: ImportFolder): CurrentFolder {
    const found = this.#cache?.folder(folder.below);
    const { id } = folder;
    const isKnown = found !== undefined && id !== undefined && equalBytes(found.id, id);
    return {
      folder,
      remembered: isKnown ? found.items : new Map<string, CachedItem>(),
      isUntouched: isKnown && this.#touched?.has(toBinaryString(id)) === false,
      listed: undefined,
    };
  }

  async #list({ id }: ImportFolder): Promise<Map<string, Entry>> {
    const found = new Map<string, Entry>();
    if (id === undefined) return found;
    const view = viewState(this.#space.writer, this.#tip?.state ?? emptyState);
    for await (const { name, entry } of list(view, id)) found.set(name, entry);
    return found;
  }

  #take(item: ImportItem, remembered: CachedItem): void {
    this.#hits++;
    item.id = remembered.id;
    item.link = remembered.link;
    item.outcome = "same";
    if (item.inner !== undefined) item.inner.id = remembered.id;
  }

  #compare(item: ImportItem, entry: Entry, remembered: CachedItem | undefined): void {
    const { kind, inner } = item;
    if (isLive(entry) && entry.kind !== kind && (kind === "folder" || !isLeaf(entry))) {
      this.#notes.fail(
        "conflict",
        `${showItem(item)} was left out: a ${entry.kind} of the drive stands there`,
      );
      item.outcome = "failed";
      if (inner !== undefined) inner.barred = true;
      return;
    }
    item.entry = entry;
    if (entry.kind !== kind) return;
    if (inner !== undefined) inner.id = entry.id;
    if (!isLive(entry)) return;
    item.id = entry.id;
    const shown = shownContent(entry);
    if (remembered === undefined || shown === undefined) return;
    if (isAsRemembered(item, remembered) && equalBytes(remembered.link, shown.link)) {
      this.#take(item, remembered);
    }
  }
}

/** A file gives way to a symbolic link and the reverse; a folder, to nothing. */
function isLeaf({ kind }: Entry): boolean {
  return kind === "file" || kind === "link";
}

function isAsRemembered(item: ImportItem, remembered: CachedItem | undefined): boolean {
  return (
    item.size === remembered?.size &&
    item.mtimeMs === remembered.mtimeMs &&
    item.ctimeMs === remembered.ctimeMs &&
    item.inode === remembered.inode
  );
}

/** The folders in which anything differs between two trees; `undefined`, if that is too much. */
async function touchedFolders(
  space: OpenSpace,
  before: MapRoot,
  now: MapRoot,
): Promise<ReadonlySet<string> | undefined> {
  const touched = new Set<string>();
  let differences = 0;
  try {
    for await (const { key } of diffMaps(space.writer, before, now)) {
      touched.add(toBinaryString(key.subarray(0, shortIdBytes)));
      if (++differences > maxDifferences) return undefined;
    }
  } catch (error) {
    // The tree of then may have been let go of.
    if (isCloudError(error, "not-found", "damaged")) return undefined;
    throw error;
  }
  return touched;
}
