/** One run of vector tests over one changed file. */
export interface Trial {
  readonly number: number;
  /** From the project's folder; what else imports it is loaded anew. */
  readonly file: string;
  /** The file as changed. */
  readonly text: string;
  /** All files that import it, directly or not, itself included. */
  readonly reloaded: readonly string[];
  /** The tests, in the order in which they are to run. */
  readonly tests: readonly string[];
}

/** What became of a {@link Trial}. */
export interface Verdict {
  readonly number: number;
  /** The first test that failed; absent: none did. */
  readonly noticedBy?: string;
  /** Bytes that the process holds now: what is loaded is never let go. */
  readonly heldBytes: number;
}
