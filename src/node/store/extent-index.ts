import type { StatementSync } from "node:sqlite";
import { asBlockId } from "../core/ids.ts";
import type { BlockRow, Extent } from "./block-index.ts";
import type { Database } from "./database.ts";
import { bytesOf, integerOf } from "./row-values.ts";

/** What the database says of each segment: which of its bytes are some block's. */
export class ExtentIndex {
  readonly #end: StatementSync;
  readonly #live: StatementSync;
  readonly #all: StatementSync;
  readonly #last: StatementSync;

  constructor(database: Database) {
    this.#end = database.prepare(
      "SELECT offset + length AS end FROM extent WHERE segment = ? ORDER BY offset DESC LIMIT 1",
    );
    this.#live = database.prepare(
      "SELECT count(*) AS blocks, coalesce(sum(length), 0) AS bytes FROM extent WHERE segment = ?",
    );
    this.#all = database.prepare(
      `SELECT id, hash, segment, offset, extent.length FROM extent JOIN block USING (id)
       WHERE segment = ? ORDER BY offset`,
    );
    this.#last = database.prepare("SELECT coalesce(max(segment), 0) AS segment FROM extent");
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

  /** How many blocks lie in a segment, and their bytes. */
  live(segment: number): { blocks: number; bytes: number } {
    const row = this.#live.get(segment);
    return { blocks: integerOf(row, "blocks"), bytes: integerOf(row, "bytes") };
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
