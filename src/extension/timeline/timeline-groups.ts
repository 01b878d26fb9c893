import { nameOf } from "../../node/core/path.ts";
import type { JournalItem } from "../../node/rpc/contract.ts";
import { type Reader, showDay, showMoment } from "../words.ts";

/** What happened on one day, newest first. */
export interface DayGroup<Item> {
  /** `Today`, `Yesterday`, `Monday`, `3 November`. */
  readonly day: string;
  readonly items: readonly Item[];
}

/** Parts items, newest first, into days. */
export function groupByDay<Item extends { readonly time: number }>(
  items: readonly Item[],
  reader: Reader,
): DayGroup<Item>[] {
  const groups: { day: string; items: Item[] }[] = [];
  for (const item of items) {
    const day = showDay(item.time, reader);
    const last = groups.at(-1);
    if (last?.day === day) last.items.push(item);
    else groups.push({ day, items: [item] });
  }
  return groups;
}

/** An item and the one before it, which it can be compared with. */
export interface WithPrevious<Item> {
  readonly item: Item;
  /** Absent for the first of all. */
  readonly previous?: Item;
}

/** @param items - newest first, one more than `limit` if there are more. */
export function withPrevious<Item>(items: readonly Item[], limit: number): WithPrevious<Item>[] {
  return items.slice(0, limit).map((item, i) => {
    const previous = items[i + 1];
    return previous === undefined ? { item } : { item, previous };
  });
}

/**
 * What one revision did below a folder, in a few words: `changed notes.md`, `3 added`, `Restored
 * notes.md from Monday 14:02`.
 */
export function summarize(
  { changes, more }: Pick<JournalItem, "changes" | "more">,
  reader: Reader,
): string {
  const [first] = changes;
  if (first === undefined) return "no change of files";
  if (changes.length === 1) {
    const name = nameOf(first.path);
    if (first.restoredFrom === undefined) return `${first.type} ${name}`;
    return `Restored ${name} from ${showMoment(first.restoredFrom, reader)}`;
  }
  const counts = new Map<string, number>();
  for (const { type, restoredFrom } of changes) {
    const name = restoredFrom === undefined ? type : "restored";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const parts = Array.from(counts, ([name, n]) => `${String(n)} ${name}`);
  return `${parts.join(", ")}${more ? " and more" : ""}`;
}
