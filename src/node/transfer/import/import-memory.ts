import type { MapRoot } from "../../blocks/sealed-map.ts";
import { equalBytes } from "../../core/bytes.ts";
import type { CachedItem, ImportCache } from "./import-cache.ts";
import type { MadeFolders, MatchedFolder, PlacedItem } from "./import-item.ts";

/**
 * Remembers for the next import how this one leaves the disk and the drive, slice by slice. Nothing is
 * written as long as all is as it was remembered.
 */
export class ImportMemory {
  readonly #cache: ImportCache;
  readonly #made: Pick<MadeFolders, "get">;
  readonly #restingSince: number;
  #isSame = true;
  /** Things that were passed over as long as all was the same. */
  #passed = 0;

  /** @param restingSince - milliseconds since 1970; what changed on the disk since is not remembered. */
  constructor(cache: ImportCache, made: Pick<MadeFolders, "get">, restingSince: number) {
    this.#cache = cache;
    this.#made = made;
    this.#restingSince = restingSince;
  }

  /**
   * Adds a slice, in the order of the walk.
   * @param hits - how many of the things were found as they were remembered.
   */
  async add(items: readonly PlacedItem[], hits: number): Promise<void> {
    const [first] = items;
    if (first === undefined) return;
    if (this.#isSame && hits === items.length) {
      this.#passed += hits;
      return;
    }
    if (this.#isSame && this.#passed > 0) {
      await this.#cache.keepBefore(first.seen.folder.below, first.seen.name);
    }
    this.#isSame = false;
    for (const [folder, inside] of byFolder(items)) {
      const id = folder.id ?? this.#made.get(folder);
      if (id === undefined || folder.path === "") continue;
      const remembered = inside.flatMap((item) => this.#cached(item) ?? []);
      await this.#cache.add({ below: folder.below, folder: id, items: remembered });
    }
  }

  /** Makes it count. @param tree - of the drive, as the import left it. */
  async finish(tree: MapRoot): Promise<void> {
    if (!this.#isSame) {
      await this.#cache.finish(tree);
      return;
    }
    const before = this.#cache.tree;
    const isAsBefore = before === tree || (before && tree && equalBytes(before.id, tree.id));
    if (isAsBefore !== true) await this.#cache.confirm(tree);
  }

  #cached(item: PlacedItem): CachedItem | undefined {
    if (item.outcome === "failed" || (item.outcome === "new" && !item.steady)) return undefined;
    const { id, link } = item;
    const { name, size, mtimeMs, ctimeMs, inode } = item.seen;
    if (Math.max(mtimeMs, ctimeMs) > this.#restingSince) return undefined;
    return { name, size, mtimeMs, ctimeMs, inode, id, link };
  }
}

/** Items by their folder, in the order in which the folders come. */
function byFolder(items: readonly PlacedItem[]): Map<MatchedFolder, PlacedItem[]> {
  const found = new Map<MatchedFolder, PlacedItem[]>();
  for (const item of items) {
    const inside = found.get(item.seen.folder);
    if (inside === undefined) found.set(item.seen.folder, [item]);
    else inside.push(item);
  }
  return found;
}
