import * as vscode from "vscode";
import { parentOf } from "../../node/core/path.ts";
import { driveScheme } from "../drive-uri.ts";
import { digestOf } from "./digest.ts";
import { longestText } from "./plain-text.ts";

/** The paths of those that are in the drive. */
export function drivePaths(uris: readonly vscode.Uri[]): string[] {
  return uris.filter(({ scheme }) => scheme === driveScheme).map(({ path }) => path);
}

/** The file that a tab edits: as text, by a custom editor or as a notebook. */
export function editedFile({ input }: vscode.Tab): vscode.Uri | undefined {
  const isEditor =
    input instanceof vscode.TabInputText ||
    input instanceof vscode.TabInputCustom ||
    input instanceof vscode.TabInputNotebook;
  return isEditor ? input.uri : undefined;
}

/** Every tab of this window. */
export function allTabs(): vscode.Tab[] {
  return vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs);
}

/** The file of the drive that a tab is an editor of. */
export function drivePathOfTab(tab: vscode.Tab): string | undefined {
  const uri = editedFile(tab);
  return uri?.scheme === driveScheme ? uri.path : undefined;
}

/** The text of a file of the drive, where extensions can see it. */
export function documentAt(path: string): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find(
    ({ uri }) => uri.scheme === driveScheme && uri.path === path,
  );
}

/**
 * The editor of a file that is no document here: it is none of text, or its text is larger than what
 * the editor shares with extensions.
 */
export function tabAt(path: string): vscode.Tab | undefined {
  return allTabs().find((tab) => drivePathOfTab(tab) === path);
}

/** The files of the drive that this window has open in editors. */
export function openPaths(): string[] {
  return pathsOf(vscode.workspace.textDocuments, allTabs());
}

/** Those whose editor holds something that is not saved. */
export function unsavedPaths(): string[] {
  return pathsOf(
    vscode.workspace.textDocuments.filter(({ isDirty }) => isDirty),
    allTabs().filter(({ isDirty }) => isDirty),
  );
}

/**
 * Whether a save of unsaved content at `path`, or right in the folder `path`, is one that the editor
 * would not announce: before it writes it looks at both.
 */
export function isUnseenSave(path: string): boolean {
  return allTabs().some((tab) => {
    const edited = tab.isDirty ? drivePathOfTab(tab) : undefined;
    if (edited === undefined || (edited !== path && parentOf(edited) !== path)) return false;
    return documentAt(edited) === undefined && !(tab.input instanceof vscode.TabInputNotebook);
  });
}

/** The digest of a document's bytes, if they are its text in UTF-8 and not very many. */
export function textDigest(document: vscode.TextDocument): string | undefined {
  const text = document.getText();
  return text.length > longestText ? undefined : digestOf(text);
}

function pathsOf(documents: readonly vscode.TextDocument[], tabs: readonly vscode.Tab[]): string[] {
  const inTabs = tabs.flatMap((tab) => drivePathOfTab(tab) ?? []);
  return [...new Set([...drivePaths(documents.map(({ uri }) => uri)), ...inTabs])];
}
