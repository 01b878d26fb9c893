import * as vscode from "vscode";
import { isWithin } from "../../node/core/path.ts";
import type { ClientRequestName } from "../../node/rpc/client.ts";
import { driveScheme } from "../drive-uri.ts";
import type { Announced, Need } from "../patience/announced.ts";
import type { RemovedFolders } from "../undo/removed-folders.ts";
import type { BaseVersions } from "./base-versions.ts";
import type { Documents } from "./documents.ts";
import type { LargeFileGate } from "./large-file-gate.ts";
import {
  allTabs,
  documentAt,
  drivePathOfTab,
  drivePaths,
  isUnseenSave,
  tabAt,
  textDigest,
  unsavedPaths,
} from "./open-documents.ts";

/** A typed character is told as an edit within this time of the change itself. */
const restMs = 100;

/** What is told of the editor's documents. */
export interface Tracking extends Documents {
  /** Who needs a call for `path`. */
  need(name: ClientRequestName, path: string): Need;
  /** Whether a reading of `path` only loads again what the editor has shown: nobody waits for it. */
  readonly isReload: (path: string) => boolean;
  /** Runs a write of the editor, which need not have been announced. */
  readonly whileWriting: <T>(path: string, write: () => Promise<T>) => Promise<T>;
  dispose(): void;
}

/** Who is told. */
export interface Trackers {
  readonly bases: BaseVersions;
  readonly removed: RemovedFolders;
  readonly gate: LargeFileGate;
  readonly announced: Announced;
}

/**
 * Tells `bases` what the editor shows and edits, `removed` what a person creates and deletes,
 * `gate` what is closed, and `announced` what is about to be done, for as long as the window lives.
 */
export function trackDocuments({ bases, removed, gate, announced }: Trackers): Tracking {
  /** Documents that the editor has announced to save, until it has written. */
  const saving = new Set<string>();

  const beginSave = ({ scheme, path }: vscode.Uri, reason: vscode.TextDocumentSaveReason): void => {
    if (scheme !== driveScheme) return;
    saving.add(path);
    announced.add(path, reason === vscode.TextDocumentSaveReason.Manual ? "work" : "auto-save");
  };
  const endSave = (path: string): void => {
    saving.delete(path);
    announced.delete(path);
  };
  const begin = (uris: readonly vscode.Uri[]): void => {
    for (const path of drivePaths(uris)) announced.add(path, "work");
  };
  const end = (uris: readonly vscode.Uri[]): void => {
    for (const path of drivePaths(uris)) announced.delete(path);
  };

  const look = (document: vscode.TextDocument): void => {
    if (document.uri.scheme !== driveScheme) return;
    const { path } = document.uri;
    if (document.isDirty) {
      bases.edited(path);
      return;
    }
    endSave(path);
    if (bases.shows(path, textDigest(document))) return;
    const { version } = document;
    setTimeout(() => {
      if (document.isClosed || document.isDirty || document.version !== version) return;
      bases.rests(path);
    }, restMs);
  };
  const lookAtTab = (tab: vscode.Tab): void => {
    const path = drivePathOfTab(tab);
    if (path === undefined || documentAt(path) !== undefined) return;
    if (tab.isDirty) bases.edited(path);
    else bases.unedited(path);
  };
  const leaveTab = (tab: vscode.Tab): void => {
    const path = drivePathOfTab(tab);
    if (path === undefined || tabAt(path) !== undefined) return;
    gate.closed(path);
    if (documentAt(path) === undefined) bases.closed(path);
  };
  vscode.workspace.textDocuments.forEach(look);
  allTabs().forEach(lookAtTab);

  const listeners = [
    vscode.workspace.onDidOpenTextDocument(look),
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      look(document);
    }),
    vscode.workspace.onWillSaveTextDocument(({ document, reason }) => {
      beginSave(document.uri, reason);
    }),
    vscode.workspace.onDidSaveTextDocument(look),
    vscode.workspace.onWillSaveNotebookDocument(({ notebook, reason }) => {
      beginSave(notebook.uri, reason);
    }),
    vscode.workspace.onDidSaveNotebookDocument(({ uri }) => {
      if (uri.scheme === driveScheme) endSave(uri.path);
    }),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      // A document whose language changes is told as closed and opened again.
      if (uri.scheme !== driveScheme || documentAt(uri.path) !== undefined) return;
      endSave(uri.path);
      bases.closed(uri.path);
    }),
    vscode.window.tabGroups.onDidChangeTabs(({ opened, changed, closed }) => {
      [...opened, ...changed].forEach(lookAtTab);
      closed.forEach(leaveTab);
    }),
    vscode.workspace.onWillDeleteFiles(({ files }) => {
      begin(files);
      for (const path of drivePaths(files)) removed.announceRemoval(path);
    }),
    vscode.workspace.onWillCreateFiles(({ files }) => {
      begin(files);
      for (const path of drivePaths(files)) removed.announceCreation(path);
    }),
    vscode.workspace.onWillRenameFiles(({ files }) => {
      begin(files.flatMap(({ oldUri, newUri }) => [oldUri, newUri]));
      for (const path of drivePaths(files.map(({ newUri }) => newUri)))
        removed.announceCreation(path);
    }),
    vscode.workspace.onDidDeleteFiles(({ files }) => {
      end(files);
    }),
    vscode.workspace.onDidCreateFiles(({ files }) => {
      end(files);
    }),
    vscode.workspace.onDidRenameFiles(({ files }) => {
      end(files.flatMap(({ oldUri, newUri }) => [oldUri, newUri]));
    }),
  ];

  return {
    isOpen: (path) => documentAt(path) !== undefined || tabAt(path) !== undefined,
    isEdited: (path) => documentAt(path)?.isDirty ?? tabAt(path)?.isDirty ?? false,
    isSave: (path, digest) => {
      const document = documentAt(path);
      if (saving.has(path)) return true;
      if (document === undefined) return tabAt(path)?.isDirty ?? false;
      // "Save without formatting" is not announced.
      return document.isDirty && textDigest(document) === digest;
    },
    need: (name, path) => {
      const need = announced.need(path);
      return need === "look" && name === "stat" && isUnseenSave(path) ? "work" : need;
    },
    isReload: (path) => {
      const isClean = (documentAt(path) ?? tabAt(path))?.isDirty === false;
      return isClean && bases.base(path) !== undefined && announced.need(path) === "look";
    },
    whileWriting: async (path, write) => {
      const isUnannounced =
        announced.need(path) === "look" && (documentAt(path) ?? tabAt(path))?.isDirty === true;
      if (isUnannounced) announced.add(path, "work");
      try {
        return await write();
      } finally {
        endSave(path);
      }
    },
    isSavingBelow: (folder) =>
      [...saving, ...unsavedPaths()].some((path) => isWithin(path, folder)),
    dispose: () => {
      vscode.Disposable.from(...listeners).dispose();
    },
  };
}
