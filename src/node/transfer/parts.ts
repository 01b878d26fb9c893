import type { SpaceParts } from "../space/space-parts.ts";
import type { SealPool } from "./worker/seal-pool.ts";

/** What import and export take beside an open space. */
export interface TransferParts extends SpaceParts {
  readonly pool: SealPool;
  /** The data folder, which no import takes in. */
  readonly home: string;
}
