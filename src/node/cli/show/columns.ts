/** Where the text of a column stands. */
export type Side = "left" | "right";

/**
 * Lines of aligned columns, two spaces apart; a column that is empty in every row is left out. The
 * last one is left as it is, so that what may be long or wide (a path) goes there.
 */
export function alignColumns(
  rows: readonly (readonly string[])[],
  sides: readonly Side[],
): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, { length }] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, length);
  }
  return rows.map((row) => {
    const cells = row.map((cell, i) => {
      const width = widths[i] ?? 0;
      if (sides[i] === "right") return cell.padStart(width);
      return i === row.length - 1 ? cell : cell.padEnd(width);
    });
    return cells.filter((_, i) => (widths[i] ?? 0) > 0).join("  ");
  });
}
