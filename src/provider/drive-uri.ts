import * as vscode from "vscode";

/** The scheme of the drive. */
export const driveScheme = "ipcloud";

/** Where a path of the drive is found in the editor. */
export function driveUri(path: string): vscode.Uri {
  return vscode.Uri.from({ scheme: driveScheme, path });
}
