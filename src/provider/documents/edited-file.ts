import * as vscode from "vscode";

/** The file that a tab edits: as text, by a custom editor or as a notebook. */
export function editedFile({ input }: vscode.Tab): vscode.Uri | undefined {
  const isEditor =
    input instanceof vscode.TabInputText ||
    input instanceof vscode.TabInputCustom ||
    input instanceof vscode.TabInputNotebook;
  return isEditor ? input.uri : undefined;
}
