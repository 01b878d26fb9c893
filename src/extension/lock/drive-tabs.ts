import * as vscode from "vscode";
import { nameOf } from "../../node/core/path.ts";
import { driveScheme } from "../../provider/drive-uri.ts";
import { versionScheme } from "../../provider/versions/version-address.ts";
import { mergeScheme } from "../conflicts/merge-address.ts";
import { reportScheme } from "../tasks/reports.ts";

const schemes = new Set([driveScheme, versionScheme, mergeScheme, reportScheme]);

/** Whether a tab shows something of the drive: a text, either side of a comparison, a preview. */
export function showsDrive(tab: vscode.Tab): boolean {
  if (tab.input instanceof vscode.TabInputWebview) return previewsDrive(tab.input, tab.label);
  return urisOf(tab.input).some(({ scheme }) => schemes.has(scheme));
}

/** How a tab that was closed comes back. */
export type Reopen = () => Thenable<unknown>;

/** @returns `undefined` for what can't be opened again by a command: merges, previews, reports. */
export function reopening(tab: vscode.Tab): Reopen | undefined {
  const { input, label, isPreview, group } = tab;
  const options: vscode.TextDocumentShowOptions = {
    viewColumn: group.viewColumn,
    preview: isPreview,
    preserveFocus: true,
  };
  const { executeCommand } = vscode.commands;
  if (urisOf(input).some(({ scheme }) => scheme === reportScheme)) return undefined;
  if (input instanceof vscode.TabInputText)
    return () => executeCommand("vscode.open", input.uri, options);
  if (input instanceof vscode.TabInputCustom)
    return () => executeCommand("vscode.openWith", input.uri, input.viewType, options);
  if (input instanceof vscode.TabInputNotebook)
    return () => executeCommand("vscode.openWith", input.uri, input.notebookType, options);
  if (input instanceof vscode.TabInputTextDiff || input instanceof vscode.TabInputNotebookDiff)
    return () => executeCommand("vscode.diff", input.original, input.modified, label, options);
  return undefined;
}

/** The URIs that an input names, also inputs that the stable API has no class for. */
function urisOf(input: unknown): vscode.Uri[] {
  if (input instanceof vscode.Uri) return [input];
  if (Array.isArray(input)) return input.flatMap(urisOf);
  if (typeof input !== "object" || input === null) return [];
  return Object.values(input).flatMap((value) =>
    value instanceof vscode.Uri || Array.isArray(value) ? urisOf(value) : [],
  );
}

/** A preview of Markdown tells its file by its label alone, `Preview notes.md`. */
function previewsDrive({ viewType }: vscode.TabInputWebview, label: string): boolean {
  if (!viewType.endsWith("markdown.preview")) return false;
  const isOnlyDrive = vscode.workspace.workspaceFolders?.every(
    ({ uri }) => uri.scheme === driveScheme,
  );
  return (
    isOnlyDrive === true ||
    vscode.workspace.textDocuments.some(
      ({ uri }) => uri.scheme === driveScheme && label.endsWith(nameOf(uri.path)),
    )
  );
}
