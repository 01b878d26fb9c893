import { setImmediate as nextTurn } from "node:timers/promises";
import { equalBytes } from "../core/bytes.ts";
import type { Tip } from "../history/tip.ts";
import { type Entry, isLive } from "../tree/entry.ts";
import { child, shownContent, type Target } from "../tree/lookup.ts";
import { type NewContent, putAll } from "../tree/put.ts";
import { remove } from "../tree/remove.ts";
import type { Change } from "./commit-loop.ts";
import { type ImportItem, showItem } from "./import-walk.ts";
import type { Notes } from "./notes.ts";

/** Entries that are placed at once; others have their turn in between. */
const sliceEntries = 500;

/**
 * Puts what an import took in at its place: folders before what is in them. What was changed in the
 * drive since the import looked stays as it is, and that is told.
 * @param items - in the order of the walk, each with a link; their ids are filled in.
 * @param seen - the revision at which their entries stood.
 * @param onPlaced - told how many are placed; may throw to give up.
 */
export async function placeItems(
  change: Change,
  items: readonly ImportItem[],
  seen: Tip | undefined,
  notes: Notes,
  onPlaced: (placed: number) => void,
): Promise<void> {
  let waiting: { item: ImportItem; target: Target; content: NewContent }[] = [];
  let placed = 0;
  const flush = async (): Promise<void> => {
    if (waiting.length === 0) return;
    const entries = await putAll(change.edit, waiting);
    waiting.forEach(({ item }, i) => {
      const { id } = entries[i] as Entry;
      item.id = id;
      if (item.inner !== undefined) item.inner.id = id;
    });
    placed += waiting.length;
    waiting = [];
    onPlaced(placed);
    await nextTurn();
  };
  for (const item of items) {
    // A folder is known once it is placed.
    if (item.folder.id === undefined || waiting.length >= sliceEntries) await flush();
    const { id: parent } = item.folder;
    const { name, kind, link } = item;
    const entry =
      parent === undefined || change.base === seen
        ? item.entry
        : await child(change.draft.state, parent, name);
    if (parent === undefined || link === undefined || !isAsSeen(entry, item.entry)) {
      notes.add(`${showItem(item)} was left out: its place in the drive was changed meanwhile`);
      item.outcome = "failed";
      continue;
    }
    const isReplaced = entry !== undefined && isLive(entry) && entry.kind !== kind;
    if (isReplaced) await remove(change.edit, entry, false);
    const target = { parent, name, entry: isReplaced ? undefined : entry };
    waiting.push({ item, target, content: { kind, link } });
  }
  await flush();
}

/** Whether nobody changed an entry since it was looked at. */
function isAsSeen(entry: Entry | undefined, before: Entry | undefined): boolean {
  if (entry === undefined || before === undefined) return entry === before;
  const [now, then] = [shownContent(entry)?.link, shownContent(before)?.link];
  const isSameLink =
    now === then || (now !== undefined && then !== undefined && equalBytes(now, then));
  return equalBytes(entry.id, before.id) && isLive(entry) === isLive(before) && isSameLink;
}
