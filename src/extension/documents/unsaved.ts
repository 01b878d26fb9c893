import * as vscode from "vscode";
import { allTabs, editedFile } from "../../provider/documents/open-documents.ts";
import { driveScheme, driveUri } from "../../provider/drive-uri.ts";

/** What an editor holds of a file that is not saved. */
export interface Unsaved {
  /** The text, where it is one that extensions can see. */
  readonly document?: vscode.TextDocument;
  /** @returns whether it is saved now. */
  readonly save: () => Promise<boolean>;
  /** Throws it away for what the drive holds. */
  readonly revert: () => Promise<void>;
}

/** What any editor, of text or not, holds unsaved of `path`. */
export function unsavedAt(path: string): Unsaved | undefined {
  const uri = driveUri(path).toString();
  const isIt = (each: { readonly uri: vscode.Uri; readonly isDirty: boolean }): boolean =>
    each.isDirty && each.uri.toString() === uri;
  const document = vscode.workspace.textDocuments.find(isIt);
  if (document !== undefined) {
    const shown = (): Thenable<unknown> => vscode.window.showTextDocument(document);
    return { document, save: async () => document.save(), revert: revertOnce(shown) };
  }
  const notebook = vscode.workspace.notebookDocuments.find(isIt);
  if (notebook !== undefined) {
    const shown = (): Thenable<unknown> => vscode.window.showNotebookDocument(notebook);
    return { save: async () => notebook.save(), revert: revertOnce(shown) };
  }
  const isDirty = (): boolean => dirtyTab(uri) !== undefined;
  if (!isDirty()) return undefined;
  const shown = (): Promise<void> => showTab(uri);
  return {
    save: async () => {
      await shown();
      await vscode.commands.executeCommand("workbench.action.files.save");
      return !isDirty();
    },
    revert: revertOnce(shown),
  };
}

/** The editor reverts what is in front. */
function revertOnce(shown: () => Thenable<unknown>): () => Promise<void> {
  return async () => {
    await shown();
    await vscode.commands.executeCommand("workbench.action.files.revert");
  };
}

/** Saves all texts of the drive: after an automatic save has failed the editor tries no other. */
export async function saveTexts(): Promise<void> {
  for (const document of vscode.workspace.textDocuments)
    if (document.isDirty && document.uri.scheme === driveScheme) await document.save();
}

function dirtyTab(uri: string): vscode.Tab | undefined {
  return allTabs().find((tab) => tab.isDirty && editedFile(tab)?.toString() === uri);
}

/** An editor that extensions can't see into is saved and reverted as a person would: shown first. */
async function showTab(uri: string): Promise<void> {
  const tab = dirtyTab(uri);
  const viewColumn = tab?.group.viewColumn;
  if (tab?.input instanceof vscode.TabInputCustom) {
    const { input } = tab;
    await vscode.commands.executeCommand("vscode.openWith", input.uri, input.viewType, viewColumn);
  } else if (tab?.input instanceof vscode.TabInputText) {
    await vscode.commands.executeCommand("vscode.open", tab.input.uri, viewColumn);
  }
}
