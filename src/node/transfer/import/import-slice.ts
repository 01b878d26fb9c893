import type { Stamp } from "../../core/stamp.ts";
import type { Tip } from "../../history/tip.ts";
import type { Begun, CommitLoop } from "../../space/commit-loop.ts";
import type { StoreBatch } from "../../store/store.ts";
import type { Notes } from "../notes.ts";
import { forgetPlaces, ImportPlacer } from "./import-placer.ts";
import type { ImportItem } from "./import-walk.ts";

/** Things that one revision takes in; more of them make further revisions. */
const maxPuts = 16_000;
/** Things that are looked at between two revisions, the unchanged ones included. */
const maxItems = 64_000;

/** The revision that a slice made. */
export interface SliceRevision {
  readonly base: Tip | undefined;
  readonly stamp: Stamp;
}

/**
 * What one revision of an import takes in. Placing begins while threads still seal what comes
 * later; it is done again if the drive is changed by others meanwhile.
 */
export class ImportSlice {
  readonly #items: ImportItem[] = [];
  /** How many of them may have to be put. */
  #open = 0;
  readonly #loop: CommitLoop;
  readonly #seen: Tip | undefined;
  readonly #notes: Notes;
  readonly #batch: StoreBatch;
  #ahead: { readonly begun: Begun; readonly placer: ImportPlacer } | undefined;
  /** The first item that is not placed ahead. */
  #next = 0;
  #placing: Promise<void> | undefined;

  /**
   * @param seen - the revision at which the entries of the items stand as the import saw them.
   * @param batch - holds the content of what is put, and is committed with it.
   */
  constructor(loop: CommitLoop, seen: Tip | undefined, notes: Notes, batch: StoreBatch) {
    this.#batch = batch;
    this.#loop = loop;
    this.#seen = seen;
    this.#notes = notes;
  }

  get items(): readonly ImportItem[] {
    return this.#items;
  }

  /** Whether the rest belongs to the next revision. */
  get isFull(): boolean {
    return this.#open >= maxPuts || this.#items.length >= maxItems;
  }

  add(item: ImportItem): void {
    this.#items.push(item);
    if (item.outcome !== "same") this.#open++;
  }

  /** Places what is settled, up to the first item that is not. */
  placeOn(): void {
    if (this.items[this.#next]?.outcome === "open") return;
    // What fails here fails once more when the slice is committed, and is told then.
    this.#placing ??= this.#placeSettled()
      .catch(() => {
        this.#drop();
      })
      .finally(() => {
        this.#placing = undefined;
      });
  }

  /** Resolves when nothing is being placed. */
  async settle(): Promise<void> {
    await this.#placing;
  }

  /**
   * Makes a revision of what is to be put, all of which must be settled.
   * @param onPlaced - told how far it is; throws to give up.
   * @returns `undefined` if there is nothing to put.
   */
  async commit(
    onPlaced: (placed: number, total: number) => void,
  ): Promise<SliceRevision | undefined> {
    await this.settle();
    const total = this.items.filter(({ outcome }) => outcome === "put").length;
    if (total === 0) {
      // What was put is there already, unless it was damaged: then this repairs it.
      await this.#batch.commit();
      return undefined;
    }
    onPlaced(this.#ahead?.placer.placed ?? 0, total);
    const run = async ({ base, edit }: Begun): Promise<SliceRevision> => {
      if (this.#ahead?.begun.edit !== edit) this.#drop();
      const isAsSeen = base === this.#seen;
      const placer =
        this.#ahead?.placer ?? new ImportPlacer(edit, isAsSeen, this.#notes, this.#batch);
      for (const item of this.items.slice(this.#next)) {
        if (item.outcome !== "put") continue;
        await placer.place(item);
        onPlaced(placer.placed, total);
      }
      await placer.flush();
      onPlaced(placer.placed, total);
      return { base, stamp: edit.stamp };
    };
    return this.#loop.apply([], run, [this.#batch], this.#ahead?.begun);
  }

  async #placeSettled(): Promise<void> {
    for (;;) {
      const item = this.items[this.#next];
      if (item === undefined || item.outcome === "open") return;
      if (item.outcome === "put") await this.#begun().placer.place(item);
      this.#next++;
    }
  }

  #begun(): { readonly begun: Begun; readonly placer: ImportPlacer } {
    if (this.#ahead !== undefined) return this.#ahead;
    const begun = this.#loop.begin();
    const placer = new ImportPlacer(
      begun.edit,
      begun.base === this.#seen,
      this.#notes,
      this.#batch,
    );
    this.#ahead = { begun, placer };
    return this.#ahead;
  }

  /** Forgets what was placed ahead. */
  #drop(): void {
    if (this.#ahead === undefined) return;
    this.#ahead = undefined;
    this.#next = 0;
    forgetPlaces(this.items);
  }
}
