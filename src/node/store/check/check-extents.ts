import { setImmediate as nextTurn } from "node:timers/promises";
import type { Extent } from "../block-index.ts";
import type { Database } from "../database.ts";
import { integerOf, outOfOrder, type Row } from "../row-values.ts";
import type { Findings } from "./findings.ts";

/** Rows looked at in one turn of the event loop: some 2 ms. */
const sliceRows = 256;

interface PlacedRow extends Extent {
  readonly row: number;
}

function placedRow(row: Row): PlacedRow {
  return {
    row: integerOf(row, "id"),
    segment: integerOf(row, "segment"),
    offset: integerOf(row, "offset"),
    length: integerOf(row, "length"),
  };
}

/**
 * Compares the table of extents with its index of places and with the table of blocks, each row with
 * what the others say in the same turn, so that writes beside it don't matter.
 */
export async function checkExtents(database: Database, findings: Findings): Promise<void> {
  const differs = ({ row, segment }: PlacedRow): string =>
    `row ${row.toString()} of the table of extents (segment ${segment.toString()}) and the index of places don't agree`;

  const isInIndex = finder(database, "INDEXED BY extent_place");
  await findings.unlessDamaged(() =>
    eachSlice(rowSlices(database), findings, (placed) => {
      if (!isInIndex(placed)) findings.add(differs(placed));
      if (placed.isOfBlock) return;
      findings.add(
        `row ${placed.row.toString()} of the table of extents belongs to no large block`,
      );
    }),
  );
  const isInTable = finder(database, "NOT INDEXED");
  await findings.unlessDamaged(() =>
    eachSlice(placeSlices(database), findings, (placed) => {
      if (!isInTable(placed)) findings.add(differs(placed));
    }),
  );
}

async function eachSlice<Placed>(
  slices: Iterable<readonly Placed[]>,
  findings: Findings,
  look: (placed: Placed) => void,
): Promise<void> {
  for (const slice of slices) {
    findings.mayGoOn();
    for (const placed of slice) look(placed);
    await nextTurn();
  }
}

/** Whether an extent stands where it is looked for. */
function finder(database: Database, by: string): (placed: PlacedRow) => boolean {
  const find = database.prepare(
    `SELECT id FROM extent ${by} WHERE segment = ? AND offset = ? AND length = ? AND id = ?`,
  );
  return ({ row, segment, offset, length }) => find.get(segment, offset, length, row) !== undefined;
}

/** The table of extents in the order of its rows. @throws damaged, if they don't rise */
function* rowSlices(database: Database): Iterable<(PlacedRow & { isOfBlock: boolean })[]> {
  const select = database.prepare(
    `SELECT id, segment, offset, extent.length, hash IS NOT NULL AND bytes IS NULL AS large
     FROM (SELECT * FROM extent NOT INDEXED WHERE id > ? ORDER BY id LIMIT ?) AS extent
     LEFT JOIN block USING (id)`,
  );
  let last = 0;
  for (;;) {
    const slice = select.all(last, sliceRows).map((found) => {
      const placed = placedRow(found);
      if (placed.row <= last) throw outOfOrder("table of extents");
      last = placed.row;
      return { ...placed, isOfBlock: found["large"] === 1 };
    });
    if (slice.length === 0) return;
    yield slice;
  }
}

/** The index of extents in the order of places. @throws damaged, if one begins before another ends */
function* placeSlices(database: Database): Iterable<PlacedRow[]> {
  const select = database.prepare(
    `SELECT id, segment, offset, length FROM extent INDEXED BY extent_place
     WHERE (segment, offset) > (?, ?) ORDER BY segment, offset LIMIT ?`,
  );
  let [segment, offset, end] = [0, 0, 0];
  for (;;) {
    const slice = select.all(segment, offset, sliceRows).map((found) => {
      const placed = placedRow(found);
      const isNext = placed.segment === segment ? placed.offset >= end : placed.segment > segment;
      if (!isNext || placed.length <= 0) throw outOfOrder("index of places");
      ({ segment, offset } = placed);
      end = offset + placed.length;
      return placed;
    });
    if (slice.length === 0) return;
    yield slice;
  }
}
