import * as vscode from "vscode";

const megabyte = 1024 * 1024;

/**
 * The size above which the editor asks before it opens a file of ours: its setting if the person has
 * made it, else what it has built in for schemes like ours.
 */
export function largeFileBytes(): number {
  const setting = vscode.workspace
    .getConfiguration("workbench")
    .inspect<number>("editorLargeFileConfirmation");
  const chosen = setting?.workspaceValue ?? setting?.globalValue;
  if (chosen !== undefined) return chosen * megabyte;
  return (vscode.env.uiKind === vscode.UIKind.Web ? 50 : 1024) * megabyte;
}
