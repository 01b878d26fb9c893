import type { StatementSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { asBlockId } from "../core/ids.ts";
import type { BlockRow, Extent } from "./block-index.ts";
import type { Database } from "./database.ts";
import { bytesOf, integerOf, outOfOrder } from "./row-values.ts";

/** Rows that a search without the index passes in one turn of the event loop: some 2 ms. */
const sliceRows = 20_000;

/** What the database says of each segment: which of its bytes are some block's. */
export class ExtentIndex {
  readonly #end: StatementSync;
  readonly #live: StatementSync;
  readonly #lengths: StatementSync;
  readonly #all: StatementSync;
  readonly #last: StatementSync;
  readonly #endOfSlice: StatementSync;

  constructor(database: Database) {
    this.#end = database.prepare(
      "SELECT offset + length AS end FROM extent WHERE segment = ? ORDER BY offset DESC LIMIT 1",
    );
    this.#live = database.prepare(
      "SELECT count(*) AS blocks, coalesce(sum(length), 0) AS bytes FROM extent WHERE segment = ?",
    );
    this.#lengths = database.prepare(
      "SELECT count(*) AS blocks, min(length) AS least, max(length) AS most FROM extent WHERE segment = ?",
    );
    this.#all = database.prepare(
      `SELECT id, hash, segment, offset, extent.length FROM extent JOIN block USING (id)
       WHERE segment = ? ORDER BY offset`,
    );
    this.#last = database.prepare("SELECT coalesce(max(segment), 0) AS segment FROM extent");
    this.#endOfSlice = database.prepare(
      `SELECT max(id) AS last, max(CASE segment WHEN ? THEN offset + length END) AS end
       FROM (SELECT * FROM extent NOT INDEXED WHERE id > ? ORDER BY id LIMIT ?)`,
    );
  }

  /** Where the last block of a segment ends; `undefined` if none is there. */
  end(segment: number): number | undefined {
    const row = this.#end.get(segment);
    return row === undefined ? undefined : integerOf(row, "end");
  }

  /** The highest segment that any block is said to lie in, 0 if there is none. */
  lastSegment(): number {
    return integerOf(this.#last.get(), "segment");
  }

  /**
   * Where the last block of a segment ends by the index and by the table itself, `undefined` if none
   * is there. Slow: it is asked before bytes are thrown away, since either may be damaged or old.
   * @throws damaged, if the rows of the table don't rise
   */
  async endByAll(segment: number): Promise<number | undefined> {
    let end = this.end(segment);
    let last = 0;
    for (;;) {
      const found = this.#endOfSlice.get(segment, last, sliceRows);
      if (found?.["last"] === null) return end;
      const next = integerOf(found, "last");
      if (next <= last) throw outOfOrder("table of extents");
      last = next;
      if (found?.["end"] !== null) end = Math.max(end ?? 0, integerOf(found, "end"));
      await nextTurn();
    }
  }

  /** How many blocks lie in a segment, and their bytes. */
  live(segment: number): { blocks: number; bytes: number } {
    const row = this.#live.get(segment);
    return { blocks: integerOf(row, "blocks"), bytes: integerOf(row, "bytes") };
  }

  /** The one length that all blocks of a segment have; `undefined` if they don't, or are too few to tell. */
  onlyLength(segment: number): number | undefined {
    const row = this.#lengths.get(segment);
    if (integerOf(row, "blocks") < 2) return undefined;
    const least = integerOf(row, "least");
    return least === integerOf(row, "most") ? least : undefined;
  }

  /** The blocks of a segment in the order of their bytes. */
  blocks(segment: number): (BlockRow & { readonly extent: Extent })[] {
    return this.#all.all(segment).map((row) => ({
      row: integerOf(row, "id"),
      id: asBlockId(bytesOf(row, "hash")),
      extent: {
        segment: integerOf(row, "segment"),
        offset: integerOf(row, "offset"),
        length: integerOf(row, "length"),
      },
    }));
  }
}
