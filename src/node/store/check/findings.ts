import { CloudError } from "../../core/cloud-error.ts";
import { ProblemList } from "../../core/problem-list.ts";
import type { Database } from "../database.ts";
import { storageError } from "../storage-error.ts";

/** What one check of a store has found so far, and whether it may go on. */
export class Findings {
  readonly #problems = new ProblemList();
  readonly #database: Database;
  readonly #signal: AbortSignal | undefined;

  constructor(database: Database, signal: AbortSignal | undefined) {
    this.#database = database;
    this.#signal = signal;
  }

  get problems(): string[] {
    return this.#problems.sentences;
  }

  add(problem: string): void {
    this.#problems.add(problem);
  }

  /**
   * Does one part of the check. Where the database's own structure stops it, that is a problem, and
   * the next part goes on.
   * @returns whether it came to its end.
   * @throws what does not tell of damage
   */
  async unlessDamaged(part: () => Promise<void> | void): Promise<boolean> {
    try {
      await part();
      return true;
    } catch (error) {
      const known = storageError(error, this.#database.folder, "checking the database");
      if (known.code !== "damaged") throw known;
      this.add(known.message);
      return false;
    }
  }

  /** @throws cancelled */
  mayGoOn(): void {
    if (this.#signal?.aborted !== true) return;
    throw new CloudError("cancelled", "the check was cancelled");
  }
}
