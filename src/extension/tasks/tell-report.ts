import * as vscode from "vscode";
import { count } from "../words.ts";
import type { Ended } from "./activity.ts";
import type { Reports } from "./reports.ts";

/** What came of an import or an export, in the view "Activity". */
export function endedOf(
  done: string,
  { failed, notes }: { readonly failed: number; readonly notes: readonly string[] },
): Ended {
  if (failed === 0) return { state: "done", text: done, notes };
  return { state: "incomplete", text: `${done}; ${count(failed, "thing")} could not be`, notes };
}

/**
 * Tells how an import or an export ended: as a warning if something could not be done, with the
 * reasons a click away.
 * @param title - of the report, as `Import`.
 * @param done - what was done, a sentence without its end.
 */
export async function tellReport(
  reports: Reports,
  title: string,
  done: string,
  { failed, notes }: { readonly failed: number; readonly notes: readonly string[] },
): Promise<void> {
  const { showInformationMessage, showWarningMessage } = vscode.window;
  const actions = notes.length > 0 ? ["Show Notes"] : [];
  const choice =
    failed === 0
      ? await showInformationMessage(`${done}.`, ...actions)
      : await showWarningMessage(`${done}; ${count(failed, "thing")} could not be.`, ...actions);
  if (choice !== undefined) await reports.show(title, notes);
}
