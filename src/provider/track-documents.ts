import * as vscode from "vscode";
import type { BaseVersions } from "./base-versions.ts";
import { digestOf } from "./digest.ts";
import type { Documents } from "./drive-files.ts";
import { driveScheme } from "./drive-provider.ts";
import type { RemovedFolders } from "./removed-folders.ts";

/** Documents longer than this are not told by their text: that would take too long at each step. */
const mostCharacters = 5_000_000;

/** What is told of the editor's documents. */
export interface Tracking extends Documents {
  dispose(): void;
}

/**
 * Tells `bases` what the editor shows and edits, and `removed` what a person creates and deletes,
 * for as long as the window lives.
 */
export function trackDocuments(bases: BaseVersions, removed: RemovedFolders): Tracking {
  /** Documents that the editor has announced to save, until it writes. */
  const saving = new Set<string>();

  const look = (document: vscode.TextDocument): void => {
    if (document.uri.scheme !== driveScheme) return;
    const { path } = document.uri;
    if (document.isDirty) bases.edited(path);
    else bases.shows(path, textDigest(document) ?? "");
  };
  const lookAtTab = ({ input, isDirty }: vscode.Tab): void => {
    if (
      !(input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputNotebook) ||
      input.uri.scheme !== driveScheme ||
      documentAt(input.uri.path) !== undefined
    )
      return;
    if (isDirty) bases.edited(input.uri.path);
    else bases.unedited(input.uri.path);
  };
  vscode.workspace.textDocuments.forEach(look);
  for (const group of vscode.window.tabGroups.all) group.tabs.forEach(lookAtTab);

  const listeners = [
    vscode.workspace.onDidOpenTextDocument(look),
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      look(document);
    }),
    vscode.workspace.onWillSaveTextDocument(({ document }) => {
      if (document.uri.scheme === driveScheme) saving.add(document.uri.path);
    }),
    vscode.workspace.onDidSaveTextDocument(look),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      if (uri.scheme === driveScheme) bases.closed(uri.path);
    }),
    vscode.window.tabGroups.onDidChangeTabs(({ opened, changed }) => {
      [...opened, ...changed].forEach(lookAtTab);
    }),
    vscode.workspace.onWillDeleteFiles(({ files }) => {
      for (const { scheme, path } of files)
        if (scheme === driveScheme) removed.announceRemoval(path);
    }),
    vscode.workspace.onWillCreateFiles(({ files }) => {
      for (const { scheme, path } of files)
        if (scheme === driveScheme) removed.announceCreation(path);
    }),
  ];

  return {
    isEdited: (path) => documentAt(path)?.isDirty ?? tabAt(path)?.isDirty ?? false,
    isSave: (path, digest) => {
      const document = documentAt(path);
      if (document === undefined) return tabAt(path)?.isDirty ?? false;
      if (saving.delete(path)) return true;
      // "Save without formatting" is not announced.
      return document.isDirty && textDigest(document) === digest;
    },
    dispose: () => {
      vscode.Disposable.from(...listeners).dispose();
    },
  };
}

function documentAt(path: string): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find(
    ({ uri }) => uri.scheme === driveScheme && uri.path === path,
  );
}

function tabAt(path: string): vscode.Tab | undefined {
  for (const { tabs } of vscode.window.tabGroups.all) {
    for (const tab of tabs) {
      const { input } = tab;
      if (
        (input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputNotebook) &&
        input.uri.scheme === driveScheme &&
        input.uri.path === path
      )
        return tab;
    }
  }
  return undefined;
}

/** The digest of a document's bytes, if they are its text in UTF-8 and not very many. */
function textDigest(document: vscode.TextDocument): string | undefined {
  const text = document.getText();
  return text.length > mostCharacters ? undefined : digestOf(text);
}
