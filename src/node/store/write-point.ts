/** One step after which the disk is in another state. */
export type WriteStep =
  | "segment create"
  | "segment write"
  | "segment sync"
  | "segment cut"
  | "segment unlink"
  | "folder sync"
  | "commit" // of a transaction; `before commit` is after all its statements
  | "durable commit" // the same, of one that is on disk afterwards
  | "checkpoint"
  | "backup";

/** The moment right before or right after a {@link WriteStep}. */
export type WritePoint = `${"before" | "after"} ${WriteStep}`;

/**
 * Told of every write point, so that a test can end the process there.
 * @param path - the file or folder that the step is about.
 */
export type OnWritePoint = (point: WritePoint, path: string) => void;
