/** Where the text of a column stands. */
export type Side = "left" | "right";

/**
 * Lines of aligned columns, two spaces apart. The last column is left as it is, so that what may
 * be long or wide (a path) goes there.
 */
export function alignColumns(
  rows: readonly (readonly string[])[],
  sides: readonly Side[],
): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  }
  const alignCell = (cell: string, i: number, row: readonly string[]): string => {
    const width = widths[i] ?? 0;
    if (sides[i] === "right") return cell.padStart(width);
    return i === row.length - 1 ? cell : cell.padEnd(width);
  };
  return rows.map((row) => row.map(alignCell).join("  "));
}
