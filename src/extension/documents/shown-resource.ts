import * as vscode from "vscode";
import { editedFile } from "../../provider/documents/open-documents.ts";
import { driveScheme } from "../../provider/drive-uri.ts";
import { readAddress, versionScheme } from "../../provider/versions/version-address.ts";
import { mergeResultOf } from "../conflicts/conflict-tabs.ts";

/** The path of the drive that a URI of ours is about; `undefined` for any other URI. */
export function drivePathOf(uri: vscode.Uri | undefined): string | undefined {
  if (uri?.scheme === driveScheme) return uri.path;
  if (uri?.scheme !== versionScheme) return undefined;
  try {
    return readAddress(uri).path;
  } catch {
    return undefined;
  }
}

/** The path of the drive that the active tab shows: a text, a picture, either side of a diff, a merge. */
export function activeDrivePath(): string | undefined {
  const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
  const uri = tab === undefined ? undefined : editedFile(tab);
  if (uri !== undefined) return drivePathOf(uri);
  const merged = mergeResultOf(tab);
  if (merged !== undefined) return merged.path;
  const input = tab?.input;
  if (input instanceof vscode.TabInputTextDiff || input instanceof vscode.TabInputNotebookDiff)
    return drivePathOf(input.modified) ?? drivePathOf(input.original);
  return undefined;
}

/** Whether this window has the drive, or a part of it, as a folder. */
export function driveIsOpen(): boolean {
  return (vscode.workspace.workspaceFolders ?? []).some(({ uri }) => uri.scheme === driveScheme);
}

/** Whether nothing else is a folder of this window. */
export function onlyDriveIsOpen(): boolean {
  return (vscode.workspace.workspaceFolders ?? []).every(({ uri }) => uri.scheme === driveScheme);
}
