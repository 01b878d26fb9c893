import * as vscode from "vscode";

/** Whether the person wants open files of the drive to stay open over a lock. */
export function keepsTabsOpen(): boolean {
  return vscode.workspace.getConfiguration("ipcloud").get<boolean>("lock.keepTabsOpen") === true;
}
