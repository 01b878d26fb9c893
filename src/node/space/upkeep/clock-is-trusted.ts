import { toleratedMs } from "../../history/clock.ts";
import type { Tip } from "../../history/tip.ts";

/**
 * Whether what lets go of the past by itself may go by a clock: not by one that shows less than the
 * last change of the drive. (For one that has leapt ahead see countedFrom in history/clock.)
 * @param now - milliseconds since 1970.
 */
export function clockIsTrusted({ revision }: Tip, now: number): boolean {
  return now >= (revision.change?.time ?? 0) - toleratedMs;
}
