import { setTimeout as delay } from "node:timers/promises";
import { diffMaps } from "../../blocks/map-diff.ts";
import { createNodeCache } from "../../blocks/node-cache.ts";
import { type MapRoot, rangeOfMap } from "../../blocks/sealed-map.ts";
import { equalBytes } from "../../core/bytes.ts";
import { isCloudError } from "../../core/cloud-error.ts";
import { type EntryId, rootId } from "../../core/ids.ts";
import { childOf, formatPath, parsePath } from "../../core/path.ts";
import { namesakes } from "../../tree/listed-name.ts";
import { listedName, resolve } from "../../tree/lookup.ts";
import { createPathNamer, type PathNamer } from "../../tree/path-namer.ts";
import { folderEntry } from "../../tree/place.ts";
import { emptyState, type State } from "../../tree/state.ts";
import { type StateView, viewState } from "../../tree/state-view.ts";
import { showKind } from "../describe.ts";
import type { SpaceParts } from "../space-parts.ts";
import type { FoundPath, FoundPaths } from "../types.ts";
import { parseFuzzy } from "./fuzzy-score.ts";
import { type IndexedPath, PathIndex } from "./path-index.ts";

/** What {@link PathSearch.find} looks for. */
export interface PathQuery {
  /** As typed. */
  readonly query: string;
  /** A folder of the drive. */
  readonly path: string;
  readonly limit: number;
  readonly folders: boolean;
  /** Answer soon with what is known so far. */
  readonly partial: boolean;
}

/** What is known so far is told in part: of each the way to the root may have to be looked up. */
const firstFew = 40;
/** Who wants an answer soon waits for the index no longer. */
const soonMs = 25;
/** An index that nobody asks is let go of. */
const keptMs = 30 * 60_000;

/**
 * Finds files by what is typed of their names. The index is built at the first question, in some
 * 0.5 s for 100,000 files, and later brought up to the latest revision in time of the difference.
 */
export class PathSearch {
  readonly #parts: Pick<SpaceParts, "space" | "loop">;
  #index = new PathIndex();
  /** Of the map that the index has; absent: it has none, or not all of it. */
  #has: { readonly tree: MapRoot } | undefined;
  #refreshing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: Pick<SpaceParts, "space" | "loop">) {
    this.#parts = parts;
  }

  /** @throws not-found, not-a-folder, invalid-name; damaged, newer; cancelled */
  async find(wanted: PathQuery, signal: AbortSignal): Promise<FoundPaths> {
    const { query, path, limit, folders, partial } = wanted;
    const below = formatPath(parsePath(path));
    if (below !== "/") await resolve(this.#view(), below);
    const isComplete = await this.#isReady(partial, signal);
    const index = this.#index;
    const most = isComplete ? limit : Math.min(limit, firstFew);
    const unplaced = !isComplete;
    const asked = { query: parseFuzzy(query), below, limit: most + 1, folders, unplaced };
    const found = await index.find(asked, signal);
    const namer = createPathNamer(this.#view());
    const items: FoundPath[] = [];
    for (const each of found.slice(0, most)) {
      const path = await this.#listedPath(each, namer);
      if (path !== undefined) items.push({ path, kind: showKind(each) });
    }
    return { items, more: found.length > most, isComplete };
  }

  /** Lets go of the index. */
  forget(): void {
    clearTimeout(this.#timer);
    this.#index = new PathIndex();
    this.#has = undefined;
  }

  async #isReady(partial: boolean, signal: AbortSignal): Promise<boolean> {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.forget();
    }, keptMs).unref();
    const refreshed = this.#refresh();
    if (!partial) {
      await refreshed;
      signal.throwIfAborted();
      return true;
    }
    const soon = delay(soonMs, false);
    return Promise.race([refreshed.then(() => true), soon]);
  }

  /** Brings the index up to the latest revision. */
  #refresh(): Promise<void> {
    this.#refreshing ??= this.#refreshOnce().finally(() => {
      this.#refreshing = undefined;
    });
    // Who doesn't wait for it asks again.
    this.#refreshing.catch(() => undefined);
    return this.#refreshing;
  }

  async #refreshOnce(): Promise<void> {
    const { tree } = this.#state();
    const { sealer } = this.#parts.space;
    if (this.#has !== undefined && isSame(this.#has.tree, tree)) return;
    if (this.#has !== undefined && !this.#index.isSparse) {
      const { tree: before } = this.#has;
      this.#has = undefined;
      try {
        await this.#index.change(diffMaps(sealer, before, tree), this.#namesakes(this.#view()));
        this.#has = { tree };
        return;
      } catch (error) {
        // Nodes of the tree before may have been freed.
        if (!isCloudError(error, "not-found", "damaged")) throw error;
      }
    }
    this.#has = undefined;
    const index = new PathIndex();
    this.#index = index;
    // Each node is read once: holding them would only push out those that are in use.
    const reader = { ...sealer, cache: createNodeCache(0) };
    await index.fill(rangeOfMap(reader, tree, new Uint8Array(0)));
    // It may have been let go of meanwhile.
    if (this.#index === index) this.#has = { tree };
  }

  readonly #namesakes =
    (view: StateView) =>
    async (parent: EntryId, name: string): Promise<EntryId[]> =>
      (await namesakes(view.tree, parent, name)).map(({ id }) => id);

  /**
   * Of several of one name all but one are listed with a suffix.
   * @returns `undefined`, if it does not stand there any more
   */
  async #listedPath(
    { path, way, folder }: IndexedPath,
    namer: PathNamer,
  ): Promise<string | undefined> {
    const view = this.#view();
    if (folder !== undefined) {
      const above = await folderEntry(view, folder);
      return above === undefined ? undefined : childOf(await namer(above), path);
    }
    if (way === undefined) return path;
    const names: string[] = [];
    let parent = rootId;
    for (const entry of way) {
      names.push(await listedName(view, parent, entry));
      parent = entry.id;
    }
    return formatPath(names);
  }

  #state(): State {
    return this.#parts.loop.tip?.state ?? emptyState;
  }

  #view(): StateView {
    return viewState(this.#parts.space.sealer, this.#state());
  }
}

function isSame(a: MapRoot, b: MapRoot): boolean {
  return a === undefined || b === undefined ? a === b : equalBytes(a.id, b.id);
}
