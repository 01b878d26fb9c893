import type { JournalItem, PathChange } from "../../node/rpc/contract.ts";
import { groupByDay } from "../timeline/timeline-groups.ts";
import { type Reader, showClocks, showMoment } from "../words.ts";
import { type LinkedLine, linkedLine } from "./linked-line.ts";

/** The journal as lines of text, below the days. */
export function journalLines(items: readonly JournalItem[], reader: Reader): LinkedLine[] {
  if (items.length === 0) return [linkedLine(["Nothing has happened yet."])];
  return groupByDay(items, reader).flatMap(({ day, items: of }) => {
    const clocks = showClocks(
      of.map(({ time }) => time),
      reader,
    );
    const width = Math.max(...clocks.map((clock) => clock.length));
    return [
      linkedLine([day]),
      linkedLine([]),
      ...of.flatMap((item, i) => itemLines(item, (clocks[i] ?? "").padStart(width), reader)),
      linkedLine([]),
    ];
  });
}

type Parts = readonly (string | { readonly path: string })[];

/** One line for one change; several stand below one another. */
function itemLines(
  { device, tags, changes, more }: JournalItem,
  clock: string,
  reader: Reader,
): LinkedLine[] {
  const head = `  ${clock}  ${device}`;
  const rows: Parts[] = [
    ...tags.map((tag) => [`#${tag}`]),
    ...changes.map((change) => showChange(change, reader)),
  ];
  if (more) rows.push(["and more"]);
  const indent = " ".repeat(head.length);
  return rows.map((row, i) => linkedLine([i === 0 ? head : indent, "  ", ...row]));
}

function showChange({ type, path, from, restoredFrom }: PathChange, reader: Reader): Parts {
  if (restoredFrom !== undefined)
    return ["restored ", { path }, ` from ${showMoment(restoredFrom, reader)}`];
  return [`${type.padEnd(8)} `, ...(from === undefined ? [] : [{ path: from }, " → "]), { path }];
}
