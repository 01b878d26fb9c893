import type { GcReport, VerifyReport } from "../../space/types.ts";
import type { Purged } from "../../space/upkeep/purge-path.ts";
import type { BackupReport } from "../../store/backup/back-up.ts";
import type { Nothing } from "./node.ts";
import { ofSpace, type Topic, typed } from "./request-spec.ts";

/** What came of a purge, and what it can't reach. */
export interface PurgeReport extends Purged {
  readonly freedBytes: number;
  /** A sentence: who may still hold what was purged. */
  readonly warning: string;
}

/** Looking after what is kept, and letting go of it. */
export const upkeepRequests = {
  /** Copies the whole data folder, sealed as it is, into another folder; locked or not. */
  backup: {
    params: (is) => ({ dest: is.text, check: is.optional(is.flag) }),
    answers: typed<BackupReport>,
    interruptible: true,
    idle: true,
  },
  purge: { params: (is) => ({ ...ofSpace(is), path: is.text }), answers: typed<PurgeReport> },
  verify: { params: () => ({}), answers: typed<VerifyReport>, interruptible: true },
  /** Lets a store that lost changes with its log go on without them, once the node is started anew. */
  acceptLoss: { params: () => ({}), answers: typed<Nothing> },
  gc: {
    params: (is) => ({ dryRun: is.optional(is.flag) }),
    answers: typed<GcReport>,
    interruptible: true,
  },
} satisfies Topic;
