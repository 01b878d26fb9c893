import { nameOf, namesOf, parentOf } from "../../node/core/path.ts";
import type { EntryKind, ListItem, PathChange, Stat } from "../../node/rpc/contract.ts";

/** One name of a listing. The stat is absent once something below or at it has changed. */
interface Listed {
  readonly kind: EntryKind;
  stat?: Stat | undefined;
}

/** What is known of one path. */
interface Known {
  /** `null`: nothing stands here. */
  stat?: Stat | null | undefined;
  listing?: ReadonlyMap<string, Listed> | undefined;
  readonly below: Map<string, Known>;
}

/** What a change has touched: as much of the node's change as says what is unknown after it. */
export type Touched = Pick<PathChange, "type" | "path" | "from">;

const defaultLimit = 200_000;

/**
 * What this window knows of stats and listings, absence included, so that the editor's storms of
 * calls (69 stats for a folder of three files) cost memory and no request.
 *
 * Invariants:
 * 1. Every answer was true when it was stored, and {@link StatCache.invalidate} has been told every
 *    change since; whoever stores must have asked after the last change that touches the path.
 * 2. A change of a path makes unknown: the path, all below it, and the stats of all folders above.
 *    Where a name came or went, the listing of its folder too, and what else stands there, since a
 *    clash of names shows in the names of its neighbours.
 */
export class StatCache {
  readonly #root: Known = { below: new Map() };
  readonly #limit: number;
  #size = 0;

  /** @param limit - the number of paths and listed names above which everything is forgotten. */
  constructor(limit: number = defaultLimit) {
    this.#limit = limit;
  }

  /** The stat of a path, `null` if nothing stands there, `undefined` if that is not known. */
  stat(path: string): Stat | null | undefined {
    let known = this.#root;
    const names = namesOf(path);
    for (const [i, name] of names.entries()) {
      if (known.stat === null || known.stat?.kind === "file") return null;
      const listed = known.listing?.get(name);
      if (known.listing !== undefined && listed === undefined) return null;
      const next = known.below.get(name);
      if (i === names.length - 1) return next?.stat === undefined ? listed?.stat : next.stat;
      if (listed?.kind === "file") return null;
      if (next === undefined) return undefined;
      known = next;
    }
    return known.stat;
  }

  /** The names of a folder and their kinds, or `undefined` if they are not known. */
  listing(path: string): ReadonlyMap<string, { readonly kind: EntryKind }> | undefined {
    return this.#find(path)?.listing;
  }

  /** Stores what stands at a path; `null`: nothing. */
  putStat(path: string, stat: Stat | null): void {
    this.#at(path).stat = stat;
  }

  /** Stores all that stands in a folder. */
  putListing(path: string, items: readonly ListItem[]): void {
    const listing = new Map<string, Listed>();
    for (const item of items) listing.set(item.name, { kind: item.kind, stat: item });
    this.#grow(items.length);
    this.#at(path).listing = listing;
  }

  /** Forgets what a change has made unknown (invariant 2). */
  invalidate(change: Touched): void {
    const keepsNames = change.type === "changed";
    this.#forget(change.path, keepsNames);
    if (change.from !== undefined) this.#forget(change.from, keepsNames);
  }

  /** Forgets everything. */
  clear(): void {
    this.#root.below.clear();
    this.#root.stat = undefined;
    this.#root.listing = undefined;
    this.#size = 0;
  }

  #forget(path: string, keepsNames: boolean): void {
    if (path === "/") {
      this.clear();
      return;
    }
    let known = this.#root;
    for (const name of namesOf(path)) {
      known.stat = undefined;
      const listed = known.listing?.get(name);
      if (listed !== undefined) listed.stat = undefined;
      const next = known.below.get(name);
      if (next === undefined) break;
      known = next;
    }
    const folder = this.#find(parentOf(path));
    if (folder === undefined) return;
    folder.below.delete(nameOf(path));
    if (keepsNames) return;
    folder.listing = undefined;
    for (const neighbour of folder.below.values()) neighbour.stat = undefined;
  }

  #find(path: string): Known | undefined {
    let known: Known | undefined = this.#root;
    for (const name of namesOf(path)) known = known?.below.get(name);
    return known;
  }

  #at(path: string): Known {
    this.#grow(1);
    let known = this.#root;
    for (const name of namesOf(path)) {
      let next = known.below.get(name);
      if (next === undefined) {
        next = { below: new Map() };
        known.below.set(name, next);
      }
      known = next;
    }
    return known;
  }

  #grow(by: number): void {
    if (this.#size + by > this.#limit) this.clear();
    this.#size += by;
  }
}
