import type { StatementSync } from "node:sqlite";
import type { Database } from "./database.ts";
import { integerOf } from "./row-values.ts";

/** Which rows of the table of blocks are bad: the table `quarantine`, and what could not be read. */
export class Quarantine {
  readonly #database: Database;
  readonly #rows = new Set<number>();
  /** Rows that could not be read since the store was opened: not kept, for it says nothing of them. */
  readonly #unreadable = new Set<number>();
  #lifted: number[] = [];
  readonly #insert: StatementSync;
  readonly #delete: StatementSync;

  constructor(database: Database) {
    this.#database = database;
    this.#insert = database.prepare("INSERT OR IGNORE INTO quarantine (id) VALUES (?)");
    this.#delete = database.prepare("DELETE FROM quarantine WHERE id = ?");
    for (const row of database.prepare("SELECT id FROM quarantine").all()) {
      this.#rows.add(integerOf(row, "id"));
    }
  }

  /** How many rows are bad. */
  get size(): number {
    return new Set([...this.#rows, ...this.#unreadable]).size;
  }

  has(row: number): boolean {
    return this.#rows.has(row) || this.#unreadable.has(row);
  }

  /** Marks a row as bad. Kept in memory alone where the store can't be written. */
  add(row: number): void {
    if (this.#rows.has(row)) return;
    this.#rows.add(row);
    try {
      this.#database.transaction(false, () => this.#insert.run(row));
    } catch {
      // Whoever reads it after the next start finds out again.
    }
  }

  /** Has a row taken for missing until it is read, put again, or the store is opened again. */
  addUnreadable(row: number): void {
    this.#unreadable.add(row);
  }

  /** Takes the marks from a row whose bytes turned out to be right. */
  acquit(row: number): void {
    this.#unreadable.delete(row);
    if (!this.#rows.delete(row)) return;
    try {
      this.#database.transaction(false, () => this.#delete.run(row));
    } catch {
      // It is taken for bad again after the next start, until the next check.
    }
  }

  /** A transaction begins, maybe once more: what was lifted in it before was not. */
  begin(): void {
    this.#lifted = [];
  }

  /** Inside a transaction: takes the marks from a row that is written anew, or goes. */
  lift(row: number): void {
    if (!this.has(row)) return;
    this.#delete.run(row);
    this.#lifted.push(row);
  }

  /** The transaction was committed. */
  settle(): void {
    for (const row of this.#lifted) {
      this.#rows.delete(row);
      this.#unreadable.delete(row);
    }
  }
}
