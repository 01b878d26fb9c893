import { CloudError } from "../../core/cloud-error.ts";
import type { Stamp } from "../../core/stamp.ts";
import type { Tip } from "../../history/tip.ts";
import type { Begun, CommitLoop } from "../../space/commit-loop.ts";
import type { StoreBatch } from "../../store/store.ts";
import type { Notes } from "../notes.ts";
import type { Numbered } from "./import-feed.ts";
import {
  type FailedItem,
  type MadeFolders,
  type MatchedItem,
  type NewItem,
  type PlacedItem,
  type SealedItem,
  showItem,
} from "./import-item.ts";
import { ImportPlacer } from "./import-placer.ts";

/** Things that one revision takes in; more of them make further revisions. */
const maxPuts = 8_000;
/** Things that are looked at between two revisions, the unchanged ones included. */
const maxItems = 64_000;
/** So many that are all unchanged need no revision, and are not held any longer. */
const maxSame = 4_000;

/** The revision that a slice made. */
export interface SliceRevision {
  readonly base: Tip | undefined;
  readonly stamp: Stamp;
}

/** What a slice came to. */
export interface CommittedSlice {
  /** `undefined` if there was nothing to put. */
  readonly revision: SliceRevision | undefined;
  /** In the order in which they were added. */
  readonly items: readonly PlacedItem[];
}

/** An edit on which things are placed. */
interface Ahead {
  readonly begun: Begun;
  readonly placer: ImportPlacer;
}

/**
 * What one revision of an import takes in. Placing begins while processes still seal what comes
 * later; it is done again if the drive is changed by others meanwhile.
 */
export class ImportSlice {
  readonly #items: (MatchedItem | SealedItem)[] = [];
  /** How many of them may have to be put. */
  #open = 0;
  readonly #loop: CommitLoop;
  readonly #seen: Tip | undefined;
  readonly #notes: Notes;
  readonly #batch: StoreBatch;
  readonly #made: MadeFolders;
  #ahead: Ahead | undefined;
  /** The first item that is not placed ahead. */
  #next = 0;
  #placing: Promise<void> | undefined;

  /**
   * @param seen - the revision at which the entries of the items stand as the import saw them.
   * @param batch - holds the content of what is put, and is committed with it.
   * @param made - by earlier slices; what this one makes is added once it is committed.
   */
  constructor(
    loop: CommitLoop,
    seen: Tip | undefined,
    notes: Notes,
    batch: StoreBatch,
    made: MadeFolders,
  ) {
    this.#batch = batch;
    this.#made = made;
    this.#loop = loop;
    this.#seen = seen;
    this.#notes = notes;
  }

  /** Whether the rest belongs to the next revision. */
  get isFull(): boolean {
    const most = this.#open === 0 ? maxSame : maxItems;
    return this.#open >= maxPuts || this.#items.length >= most;
  }

  /** Adds the next thing. @returns its number, under which {@link settle} knows it. */
  add(item: MatchedItem | SealedItem): number {
    if (item.outcome !== "same") this.#open++;
    return this.#items.push(item) - 1;
  }

  /** Takes what became of things that were open, and places what can be, up to the next open one. */
  settle(sealed: readonly Numbered<SealedItem>[]): void {
    for (const { at, item } of sealed) this.#items[at] = item;
    if (this.#items[this.#next]?.outcome === "open") return;
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
  async rest(): Promise<void> {
    await this.#placing;
  }

  /**
   * Makes a revision of what is to be put, all of which must be settled.
   * @param onPlaced - told how far it is; throws to give up.
   */
  async commit(onPlaced: (placed: number, total: number) => void): Promise<CommittedSlice> {
    await this.rest();
    const items = this.#items.map(mustBeSettled);
    const total = items.filter(({ outcome }) => outcome === "put").length;
    if (total === 0) {
      // What was put is there already, unless it was damaged: then this repairs it.
      await this.#batch.commit();
      return { revision: undefined, items: withResults(items, []) };
    }
    onPlaced(this.#ahead?.placer.placed ?? 0, total);
    const run = async (begun: Begun): Promise<CommittedSlice> => {
      if (this.#ahead?.begun.edit !== begun.edit) this.#drop();
      const { placer } = (this.#ahead ??= this.#newAhead(begun));
      for (const item of items.slice(this.#next)) {
        if (item.outcome !== "put") continue;
        await placer.place(item);
        onPlaced(placer.placed, total);
      }
      await placer.flush();
      onPlaced(placer.placed, total);
      const { base, edit } = begun;
      return {
        revision: { base, stamp: edit.stamp },
        items: withResults(items, placer.results),
      };
    };
    const made = await this.#loop.apply([], run, [this.#batch], this.#ahead?.begun);
    this.#tell(made.items);
    return made;
  }

  async #placeSettled(): Promise<void> {
    for (;;) {
      const item = this.#items[this.#next];
      if (item === undefined || item.outcome === "open") return;
      if (item.outcome === "put") {
        this.#ahead ??= this.#newAhead(this.#loop.begin());
        await this.#ahead.placer.place(item);
      }
      this.#next++;
    }
  }

  #newAhead(begun: Begun): Ahead {
    const isAsSeen = begun.base === this.#seen;
    return { begun, placer: new ImportPlacer(begun.edit, isAsSeen, this.#batch, this.#made) };
  }

  /** Forgets what was placed ahead. */
  #drop(): void {
    this.#ahead = undefined;
    this.#next = 0;
  }

  /** Tells what was left out, and lets the folders that were made be known. */
  #tell(items: readonly PlacedItem[]): void {
    items.forEach((item, i) => {
      if (item.outcome === "new") {
        if (item.inner !== undefined) this.#made.set(item.inner, item.id);
      } else if (item.outcome === "failed" && this.#items[i]?.outcome === "put") {
        this.#notes.fail(
          "conflict",
          `${showItem(item.seen)} was left out: its place in the drive was changed meanwhile`,
        );
      }
    });
  }
}

function mustBeSettled(item: MatchedItem | SealedItem): SealedItem {
  if (item.outcome !== "open") return item;
  throw new CloudError("unexpected", `${showItem(item.seen)} was to be sealed before`);
}

/** Things as they stand, with what became of those that were put. */
function withResults(
  items: readonly SealedItem[],
  results: readonly (NewItem | FailedItem)[],
): PlacedItem[] {
  let next = 0;
  return items.map((item) =>
    item.outcome === "put" ? (results[next++] as NewItem | FailedItem) : item,
  );
}
