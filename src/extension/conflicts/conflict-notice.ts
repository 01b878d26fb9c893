import * as vscode from "vscode";
import type { SaveConflict } from "../../provider/documents/save-file.ts";
import { driveUri } from "../../provider/drive-uri.ts";
import { unsavedAt } from "../documents/unsaved.ts";
import { showError } from "../show-error.ts";
import { notSaved } from "./conflict-words.ts";

/** By its words on a button. */
const commands: Readonly<Record<string, string>> = {
  Resolve: "ipcloud.conflict.resolve",
  Compare: "ipcloud.conflict.compare",
  "Keep Mine": "ipcloud.conflict.keepMine",
};

/**
 * Tells that a save was refused, and offers the nearest ways on. The notification may go: the
 * editor's title, the status bar and the view "Conflicts" have the same, and stay.
 */
export function tellConflict(conflict: SaveConflict): void {
  const isText = unsavedAt(conflict.path)?.document !== undefined;
  const buttons = Object.keys(commands).filter((button) => isText || button !== "Resolve");
  const ask = async (): Promise<void> => {
    const choice = await vscode.window.showWarningMessage(notSaved(conflict), ...buttons);
    const command = choice === undefined ? undefined : commands[choice];
    if (command !== undefined)
      await vscode.commands.executeCommand(command, driveUri(conflict.path));
  };
  ask().catch(showError);
}
