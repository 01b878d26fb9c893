import { CloudError } from "../core/cloud-error.ts";
import { compareStamps, type Stamp } from "../core/stamp.ts";

/**
 * Refuses two things that one stamp names.
 * @param what - what the change did, after "one change".
 * @throws damaged
 */
export function refuseFork(what: string): never {
  throw new CloudError(
    "damaged",
    `one change ${what}: its writer was forked and wrote two histories, or there is a bug`,
  );
}

/**
 * Which of two forms of one record was sealed anew by the later purge; one never sealed anew comes
 * first. Zero: no purge explains that they differ. FORMAT §13.2.
 */
export function compareRewrites(a: Stamp | undefined, b: Stamp | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  return compareStamps(a, b);
}
