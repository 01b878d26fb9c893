import * as vscode from "vscode";
import type { BaseVersions } from "./base-versions.ts";
import { digestOf } from "./digest.ts";
import type { Documents } from "./drive-files.ts";
import { isWithin } from "./drive-path.ts";
import { driveScheme } from "./drive-provider.ts";
import type { LargeFileGate } from "./large-file-gate.ts";
import { longestText } from "./plain-text.ts";
import type { RemovedFolders } from "./removed-folders.ts";

/** A typed character is told as an edit within this time of the change itself. */
const restMs = 100;

/** What is told of the editor's documents. */
export interface Tracking extends Documents {
  /** Whether the editor has begun to save a file at or below `path`. */
  isSavingAt(path: string): boolean;
  dispose(): void;
}

/** Who is told. */
export interface Trackers {
  readonly bases: BaseVersions;
  readonly removed: RemovedFolders;
  readonly gate: LargeFileGate;
}

/**
 * Tells `bases` what the editor shows and edits, `removed` what a person creates and deletes, and
 * `gate` what is closed, for as long as the window lives.
 */
export function trackDocuments({ bases, removed, gate }: Trackers): Tracking {
  /** Documents that the editor has announced to save, until it writes. */
  const saving = new Set<string>();

  const look = (document: vscode.TextDocument): void => {
    if (document.uri.scheme !== driveScheme) return;
    const { path } = document.uri;
    if (document.isDirty) {
      bases.edited(path);
      return;
    }
    saving.delete(path);
    if (bases.shows(path, textDigest(document))) return;
    const { version } = document;
    setTimeout(() => {
      if (document.isClosed || document.isDirty || document.version !== version) return;
      bases.rests(path);
    }, restMs);
  };
  const lookAtTab = (tab: vscode.Tab): void => {
    const path = pathOf(tab);
    if (path === undefined || documentAt(path) !== undefined) return;
    if (tab.isDirty) bases.edited(path);
    else bases.unedited(path);
  };
  const leaveTab = (tab: vscode.Tab): void => {
    const path = pathOf(tab);
    if (path === undefined || tabAt(path) !== undefined) return;
    gate.closed(path);
    if (documentAt(path) === undefined) bases.closed(path);
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
    vscode.workspace.onWillSaveNotebookDocument(({ notebook }) => {
      if (notebook.uri.scheme === driveScheme) saving.add(notebook.uri.path);
    }),
    vscode.workspace.onDidSaveNotebookDocument(({ uri }) => {
      if (uri.scheme === driveScheme) saving.delete(uri.path);
    }),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      if (uri.scheme !== driveScheme) return;
      saving.delete(uri.path);
      bases.closed(uri.path);
    }),
    vscode.window.tabGroups.onDidChangeTabs(({ opened, changed, closed }) => {
      [...opened, ...changed].forEach(lookAtTab);
      closed.forEach(leaveTab);
    }),
    vscode.workspace.onWillDeleteFiles(({ files }) => {
      for (const path of drivePaths(files)) removed.announceRemoval(path);
    }),
    vscode.workspace.onWillCreateFiles(({ files }) => {
      for (const path of drivePaths(files)) removed.announceCreation(path);
    }),
    vscode.workspace.onWillRenameFiles(({ files }) => {
      for (const path of drivePaths(files.map(({ newUri }) => newUri)))
        removed.announceCreation(path);
    }),
  ];

  return {
    isOpen: (path) => documentAt(path) !== undefined || tabAt(path) !== undefined,
    isEdited: (path) => documentAt(path)?.isDirty ?? tabAt(path)?.isDirty ?? false,
    isSave: (path, digest) => {
      const document = documentAt(path);
      if (saving.delete(path)) return true;
      if (document === undefined) return tabAt(path)?.isDirty ?? false;
      // "Save without formatting" is not announced.
      return document.isDirty && textDigest(document) === digest;
    },
    isSavingAt: (path) => [...saving].some((each) => isWithin(each, path)),
    isSavingBelow: (folder) =>
      [...saving, ...unsavedPaths()].some((path) => isWithin(path, folder)),
    dispose: () => {
      vscode.Disposable.from(...listeners).dispose();
    },
  };
}

function drivePaths(uris: readonly vscode.Uri[]): string[] {
  return uris.filter(({ scheme }) => scheme === driveScheme).map(({ path }) => path);
}

function allTabs(): vscode.Tab[] {
  return vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs);
}

/** The file of the drive that a tab is an editor of. */
function pathOf({ input }: vscode.Tab): string | undefined {
  const isEditor =
    input instanceof vscode.TabInputText ||
    input instanceof vscode.TabInputCustom ||
    input instanceof vscode.TabInputNotebook;
  return isEditor && input.uri.scheme === driveScheme ? input.uri.path : undefined;
}

function unsavedPaths(): string[] {
  const documents = vscode.workspace.textDocuments.filter(({ isDirty }) => isDirty);
  const tabs = allTabs().filter(({ isDirty }) => isDirty);
  return [
    ...drivePaths(documents.map(({ uri }) => uri)),
    ...tabs.flatMap((tab) => pathOf(tab) ?? []),
  ];
}

function documentAt(path: string): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find(
    ({ uri }) => uri.scheme === driveScheme && uri.path === path,
  );
}

/**
 * The editor of a file that is no document here: it is none of text, or its text is larger than what
 * the editor shares with extensions.
 */
function tabAt(path: string): vscode.Tab | undefined {
  return allTabs().find((tab) => pathOf(tab) === path);
}

/** The digest of a document's bytes, if they are its text in UTF-8 and not very many. */
function textDigest(document: vscode.TextDocument): string | undefined {
  const text = document.getText();
  return text.length > longestText ? undefined : digestOf(text);
}
