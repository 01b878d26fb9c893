import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** What somebody sees who has a data folder and no key: lengths of sealed blocks, and their order. */
export interface Seen {
  /** Of all blocks, in the order of their rows. */
  readonly lengths: readonly number[];
  /** Lengths in every order that the folder shows: of rows, and of bytes in each segment. */
  readonly orders: readonly (readonly number[])[];
}

/** Looks at a data folder that nobody has open. */
export function observe(home: string): Seen {
  const database = new DatabaseSync(join(home, "store.db"), { readOnly: true });
  try {
    const rows = database
      .prepare(
        "SELECT block.length, extent.id AS extent FROM block LEFT JOIN extent USING (id) ORDER BY id",
      )
      .all()
      .map((row) => ({ length: Number(row["length"]), inSegment: row["extent"] !== null }));
    const segments = new Map<number, number[]>();
    const extents = database.prepare("SELECT segment, length FROM extent ORDER BY segment, offset");
    for (const row of extents.all()) {
      const segment = Number(row["segment"]);
      const lengths = segments.get(segment) ?? [];
      lengths.push(Number(row["length"]));
      segments.set(segment, lengths);
    }
    const lengths = rows.map(({ length }) => length);
    const large = rows.filter(({ inSegment }) => inSegment).map(({ length }) => length);
    const small = rows.filter(({ inSegment }) => !inSegment).map(({ length }) => length);
    return { lengths, orders: [lengths, large, small, ...segments.values()] };
  } finally {
    database.close();
  }
}

/**
 * What somebody sees who looked again after each change.
 * @param counts - how many blocks there were after each.
 */
export function watched({ lengths }: Seen, counts: readonly number[]): Seen {
  const orders = counts.map((count, i) => lengths.slice(counts[i - 1] ?? 0, count));
  return { lengths, orders };
}
