import * as vscode from "vscode";
import { allTabs } from "../../provider/documents/open-documents.ts";
import type { SaveConflict } from "../../provider/documents/save-file.ts";
import { driveScheme } from "../../provider/drive-uri.ts";
import { readAddress, versionScheme } from "../../provider/versions/version-address.ts";
import { mergeScheme } from "./merge-address.ts";

/** The result that a tab merges into, if it is one of ours. */
export function mergeResultOf(tab: vscode.Tab | undefined): vscode.Uri | undefined {
  // No class of the stable API names a merge editor's input, but it is one object with its URIs.
  const input: unknown = tab?.input;
  if (typeof input !== "object" || input === null) return undefined;
  const result: unknown = Reflect.get(input, "result");
  return result instanceof vscode.Uri && result.scheme === mergeScheme ? result : undefined;
}

/** Closes what was opened to look at a conflict that has ended. */
export async function closeConflictTabs(conflict: SaveConflict): Promise<void> {
  const tabs = allTabs().filter((tab) => compares(tab, conflict) || merges(tab, conflict));
  if (tabs.length > 0) await vscode.window.tabGroups.close(tabs, true);
}

/** A merge with text of its own that is not saved is left to the person. */
function merges(tab: vscode.Tab, { path }: SaveConflict): boolean {
  return !tab.isDirty && mergeResultOf(tab)?.path === path;
}

function compares({ input }: vscode.Tab, { path, current }: SaveConflict): boolean {
  const isDiff =
    input instanceof vscode.TabInputTextDiff || input instanceof vscode.TabInputNotebookDiff;
  if (!isDiff || input.modified.scheme !== driveScheme || input.modified.path !== path)
    return false;
  return input.original.scheme === versionScheme && isVersion(input.original, current.version);
}

function isVersion(uri: vscode.Uri, version: string): boolean {
  try {
    const address = readAddress(uri);
    return "version" in address && address.version === version;
  } catch {
    return false;
  }
}
