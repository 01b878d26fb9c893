import { setImmediate as nextTurn } from "node:timers/promises";
import { equalBytes } from "../../core/bytes.ts";
import type { EntryId } from "../../core/ids.ts";
import type { StoreBatch } from "../../store/store.ts";
import type { Edit } from "../../tree/edit.ts";
import { type Entry, isLive } from "../../tree/entry.ts";
import { child, shownContent, type Target } from "../../tree/lookup.ts";
import { type NewContent, putAll } from "../../tree/put.ts";
import { remove } from "../../tree/remove.ts";
import type { FailedItem, MadeFolders, MatchedFolder, NewItem, PutItem } from "./import-item.ts";

/** Entries that are placed at once; others have their turn in between. */
const sliceEntries = 500;
/** Entries that wait in memory to be sealed. */
const maxUnsealed = 8000;

/**
 * Puts what an import took in at its place. What was changed in the drive since the import looked
 * stays as it is.
 *
 * Invariant: nothing outside of the edit knows of it, so that an edit can be dropped and begun anew.
 */
export class ImportPlacer {
  readonly edit: Edit;
  readonly #isAsSeen: boolean;
  readonly #batch: StoreBatch;
  /** Made by earlier revisions. */
  readonly #made: Pick<MadeFolders, "get">;
  /** Folders that stand nowhere but in the edit. */
  readonly #placing = new Map<MatchedFolder, EntryId>();
  #waiting: { item: PutItem; put: { target: Target; content: NewContent } | undefined }[] = [];
  readonly #results: (NewItem | FailedItem)[] = [];
  #placed = 0;
  #sealed = 0;

  /**
   * @param isAsSeen - the edit began with the revision at which the entries of the items stood.
   * @param batch - takes the nodes that are sealed on the way.
   * @param made - by the revisions before this edit.
   */
  constructor(edit: Edit, isAsSeen: boolean, batch: StoreBatch, made: Pick<MadeFolders, "get">) {
    this.#made = made;
    this.edit = edit;
    this.#batch = batch;
    this.#isAsSeen = isAsSeen;
  }

  /** How many were placed. */
  get placed(): number {
    return this.#placed;
  }

  /**
   * What became of the things, in the order in which they came, up to the last {@link flush}.
   * Failed are those whose place in the drive was changed meanwhile.
   */
  get results(): readonly (NewItem | FailedItem)[] {
    return this.#results;
  }

  /**
   * Places one thing, now or with the next. Things come in the order of the walk, a folder before
   * what is in it.
   */
  async place(item: PutItem): Promise<void> {
    const { name, kind, folder } = item.seen;
    // A folder is known once it is placed.
    const isWaiting = this.#waiting.length > 0 && this.#idOf(folder) === undefined;
    if (isWaiting || this.#waiting.length >= sliceEntries) await this.flush();
    const parent = this.#idOf(folder);
    const entry = await this.#standing(item, parent);
    if (parent === undefined || !isSame(entry, item.entry)) {
      this.#waiting.push({ item, put: undefined });
      return;
    }
    const isReplaced = entry !== undefined && isLive(entry) && entry.kind !== kind;
    if (isReplaced) await remove(this.edit, entry, false);
    const target = { parent, name, entry: isReplaced ? undefined : entry };
    this.#waiting.push({
      item,
      put: { target, content: { kind, link: item.link, record: item.record } },
    });
  }

  /** Places those that wait, and lets others have a turn. */
  async flush(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    if (waiting.length === 0) return;
    const puts = waiting.flatMap(({ put }) => (put === undefined ? [] : [put]));
    const entries = puts.length === 0 ? [] : await putAll(this.edit, puts);
    let next = 0;
    for (const { item, put } of waiting) {
      const { seen, inner, link, steady } = item;
      if (put === undefined) {
        this.#results.push({ outcome: "failed", seen });
        continue;
      }
      const { id } = entries[next++] as Entry;
      if (inner !== undefined) this.#placing.set(inner, id);
      this.#results.push({ outcome: "new", seen, inner, id, link, steady });
    }
    this.#placed += puts.length;
    if (this.#placed - this.#sealed >= maxUnsealed) {
      this.#sealed = this.#placed;
      await this.edit.draft.tree.flush(this.#batch);
      await this.#batch.makeReadable(); // or the nodes could not be read again
    }
    await nextTurn();
  }

  #idOf(folder: MatchedFolder): EntryId | undefined {
    return folder.id ?? this.#placing.get(folder) ?? this.#made.get(folder);
  }

  #standing(
    { seen, entry }: PutItem,
    parent: EntryId | undefined,
  ): Entry | undefined | Promise<Entry | undefined> {
    if (this.#isAsSeen || parent === undefined) return entry;
    return child(this.edit.draft, parent, seen.name);
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
