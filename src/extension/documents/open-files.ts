import * as vscode from "vscode";
import { editedFile } from "../../provider/documents/edited-file.ts";
import { driveScheme } from "../../provider/drive-uri.ts";

/** The paths of the drive that this window has open in editors. */
export function openDrivePaths(): string[] {
  const uris = vscode.workspace.textDocuments.map(({ uri }) => uri);
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  uris.push(...tabs.flatMap((tab) => editedFile(tab) ?? []));
  const ours = uris.filter(({ scheme }) => scheme === driveScheme);
  return [...new Set(ours.map(({ path }) => path))];
}

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
