import type { Dropped } from "../../history/retention.ts";
import type { GcReport } from "../types.ts";

/** What of a report is retention's. */
export type DroppedReport = Omit<GcReport, "freedBytes" | "freedBlocks">;

/** What retention let go of, for people. @param now - milliseconds since 1970 */
export function droppedReport(
  { versions, revisions, countedFrom }: Dropped,
  now: number,
): DroppedReport {
  return {
    droppedVersions: versions,
    droppedRevisions: revisions,
    ...(countedFrom === now ? {} : { countedFrom }),
  };
}
