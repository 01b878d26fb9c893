import type { ContentReader } from "../blocks/content/content-reader.ts";
import type { CommitLoop } from "../space/commit-loop.ts";
import type { OpenSpace } from "../space/open-space.ts";
import type { SealPool } from "./worker/seal-pool.ts";

/** What import and export take of an open drive. */
export interface TransferParts {
  readonly space: OpenSpace;
  readonly content: ContentReader;
  readonly loop: CommitLoop;
  readonly pool: SealPool;
  /** The drive's own data folder, which no import takes in. */
  readonly home: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}
