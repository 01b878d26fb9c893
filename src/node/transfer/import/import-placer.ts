import { setImmediate as nextTurn } from "node:timers/promises";
import { equalBytes } from "../../core/bytes.ts";
import type { EntryId } from "../../core/ids.ts";
import type { StoreBatch } from "../../store/store.ts";
import type { Edit } from "../../tree/edit.ts";
import { type Entry, isLive } from "../../tree/entry.ts";
import { child, shownContent, type Target } from "../../tree/lookup.ts";
import { type NewContent, putAll } from "../../tree/put.ts";
import { remove } from "../../tree/remove.ts";
import type { Notes } from "../notes.ts";
import { type ImportItem, showItem } from "./import-walk.ts";

/** Entries that are placed at once; others have their turn in between. */
const sliceEntries = 500;
/** Entries that wait in memory to be sealed. */
const maxUnsealed = 8000;

/**
 * Puts what an import took in at its place. What was changed in the drive since the import looked
 * stays as it is, and that is told.
 */
export class ImportPlacer {
  readonly edit: Edit;
  readonly #isAsSeen: boolean;
  readonly #notes: Notes;
  #waiting: { item: ImportItem; target: Target; content: NewContent }[] = [];
  readonly #batch: StoreBatch;
  #placed = 0;
  #sealed = 0;

  /**
   * @param isAsSeen - the edit began with the revision at which the entries of the items stood.
   * @param batch - takes the nodes that are sealed on the way.
   */
  constructor(edit: Edit, isAsSeen: boolean, notes: Notes, batch: StoreBatch) {
    this.edit = edit;
    this.#batch = batch;
    this.#isAsSeen = isAsSeen;
    this.#notes = notes;
  }

  /** How many were placed. */
  get placed(): number {
    return this.#placed;
  }

  /**
   * Places one thing, now or with the next. Things come in the order of the walk, a folder before
   * what is in it; their ids are filled in.
   */
  async place(item: ImportItem): Promise<void> {
    // A folder is known once it is placed.
    const { length } = this.#waiting;
    if (length >= sliceEntries || (item.folder.id === undefined && length > 0)) await this.flush();
    const { name, kind, link, folder } = item;
    const parent = folder.id;
    const entry = await this.#standing(item, parent);
    if (parent === undefined || link === undefined || !isSame(entry, item.entry)) {
      this.#notes.fail(
        "conflict",
        `${showItem(item)} was left out: its place in the drive was changed meanwhile`,
      );
      item.outcome = "failed";
      return;
    }
    const isReplaced = entry !== undefined && isLive(entry) && entry.kind !== kind;
    if (isReplaced) await remove(this.edit, entry, false);
    const target = { parent, name, entry: isReplaced ? undefined : entry };
    this.#waiting.push({ item, target, content: { kind, link } });
  }

  /** Places those that wait, and lets others have a turn. */
  async flush(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.length === 0) return;
    const entries = await putAll(this.edit, waiting);
    waiting.forEach(({ item }, i) => {
      const { id } = entries[i] as Entry;
      item.id = id;
      if (item.inner !== undefined) item.inner.id = id;
    });
    this.#placed += waiting.length;
    if (this.#placed - this.#sealed >= maxUnsealed) {
      this.#sealed = this.#placed;
      await this.edit.draft.tree.flush(this.#batch);
      await this.#batch.makeReadable(); // or the nodes could not be read again
    }
    await nextTurn();
  }

  #standing(
    item: ImportItem,
    parent: EntryId | undefined,
  ): Entry | undefined | Promise<Entry | undefined> {
    if (this.#isAsSeen || parent === undefined) return item.entry;
    return child(this.edit.draft, parent, item.name);
  }
}

/** Takes back the ids that a placer filled in which came to nothing. */
export function forgetPlaces(items: readonly ImportItem[]): void {
  for (const item of items) {
    if (item.outcome !== "put") continue;
    const isThere = item.entry?.kind === item.kind;
    item.id = isThere ? item.entry?.id : undefined;
    if (item.inner !== undefined) item.inner.id = item.id;
  }
}

/** Whether nobody changed an entry since it was looked at. */
function isSame(entry: Entry | undefined, before: Entry | undefined): boolean {
  if (entry === before) return true;
  if (entry === undefined || before === undefined) return false;
  const [now, then] = [shownContent(entry)?.link, shownContent(before)?.link];
  const isSameLink = now === undefined || then === undefined ? now === then : equalBytes(now, then);
  return equalBytes(entry.id, before.id) && isLive(entry) === isLive(before) && isSameLink;
}
