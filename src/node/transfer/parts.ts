import type { SpaceParts } from "../space/space-parts.ts";
import type { UnfinishedFiles } from "./export/unfinished-files.ts";
import type { SealPool } from "./worker/seal-pool.ts";

/** What import and export take beside an open space. */
export interface TransferParts extends SpaceParts {
  readonly pool: SealPool;
  readonly unfinished: UnfinishedFiles;
  /** The data folder, which no import takes in. */
  readonly home: string;
}
