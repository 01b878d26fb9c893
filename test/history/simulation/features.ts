// What may happen in a history besides edits.
import { below, pick, seeded } from "../../blocks/random.ts";

export interface Features {
  readonly writers: number;
  readonly steps: number;
  readonly fanoutBits: number;
  /** Versions and log records are let go of. */
  readonly retention: boolean;
  /** States of the log are let go of, one here and one there. */
  readonly thinning: boolean;
  /** Removed entries are purged, and paths out of all history. */
  readonly purges: boolean;
  /** Stores are restored from old copies, or copied. */
  readonly copies: boolean;
  /** Copies may go on for a while before they notice. */
  readonly forks: boolean;
  /** Mostly folders are made and moved, so that cycles come about. */
  readonly manyFolders: boolean;
  /** Whether the one that is ahead may rebase too. */
  readonly anyRebases: boolean;
  /** Devices are taken out, each with a cut. */
  readonly cuts: boolean;
  /** Clocks are set wrong and right again, by up to years. */
  readonly clocks: boolean;
}

/** What a seed's history is made of. */
export function featuresOf(seed: number, options: Partial<Features> = {}): Features {
  const random = seeded(seed ^ 0x5eed);
  const chance = (share: number): boolean => random() < share;
  const features: Features = {
    writers: chance(0.6) ? 3 : 5,
    steps: chance(0.9) ? 8 + below(random, 16) : 30 + below(random, 30),
    fanoutBits: pick(random, [1, 1, 1, 2, 2, 5]),
    retention: chance(0.5),
    purges: chance(0.6),
    copies: chance(0.5),
    forks: chance(0.5),
    manyFolders: chance(0.35),
    anyRebases: chance(0.5),
    cuts: chance(0.4),
    clocks: chance(0.4),
    thinning: chance(0.5),
  };
  return { ...features, ...options };
}
