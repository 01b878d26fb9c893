import { CloudError } from "../core/cloud-error.ts";
import { showCount } from "../core/show-size.ts";
import type { ExportReport, ImportReport } from "../rpc/contract.ts";

/**
 * Says so, once all else is done and told, if some of it could not be done.
 * @param undone - what was not done to them, as `written`.
 * @throws what kept the first of them
 */
export function mustBeWhole({ failed, fault }: ExportReport | ImportReport, undone: string): void {
  if (failed === 0) return;
  throw new CloudError(
    fault ?? "unexpected",
    `${showCount(failed, "thing")} could not be ${undone}, as the notes say; all else was`,
  );
}

/** What the help says of it. */
export function failuresHelp(undone: string): string {
  return `
What can't be ${undone} is left out and told, and the exit code says why: 2 names or rules that
can't be taken, 5 something else stands there, 6 damage, 7 the disk or its permissions. All else was
done. In the JSON value \`failed\` counts it, \`fault\` says why.`;
}
