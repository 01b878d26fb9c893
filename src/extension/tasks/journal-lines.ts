import type { JournalItem, PathChange } from "../../node/rpc/contract.ts";
import { groupByDay } from "../timeline/timeline-groups.ts";
import { type Reader, showClocks } from "../words.ts";

/** The journal as lines of text, below the days. */
export function journalLines(items: readonly JournalItem[], reader: Reader): string[] {
  if (items.length === 0) return ["Nothing has happened yet."];
  const lines = groupByDay(items, reader).flatMap(({ day, items: of }) => {
    const clocks = showClocks(
      of.map(({ time }) => time),
      reader,
    );
    const width = Math.max(...clocks.map((clock) => clock.length));
    return [
      day,
      "",
      ...of.flatMap((item, i) => itemLines(item, (clocks[i] ?? "").padStart(width))),
      "",
    ];
  });
  return lines;
}

/** One line for one change; several stand below one another. */
function itemLines({ device, tags, changes, more }: JournalItem, clock: string): string[] {
  const head = `  ${clock}  ${device}`;
  const rows = [...tags.map((tag) => `#${tag}`), ...changes.map(showChange)];
  if (more) rows.push("and more");
  const indent = " ".repeat(head.length);
  return rows.map((row, i) => `${i === 0 ? head : indent}  ${row}`);
}

function showChange({ type, path, from }: PathChange): string {
  return `${type.padEnd(8)} ${from === undefined ? "" : `${from} → `}${path}`;
}
