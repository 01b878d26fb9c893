import * as vscode from "vscode";
import { nameOf } from "../../node/core/path.ts";
import type { BaseVersions } from "../../provider/documents/base-versions.ts";
import type { SaveConflict } from "../../provider/documents/save-file.ts";
import { driveUri } from "../../provider/drive-uri.ts";
import { showError } from "../show-error.ts";
import { versionUri } from "../versions/version-commands.ts";
import { whatCame } from "./conflict-words.ts";
import { type Merge, mergeParts } from "./merge-address.ts";
import { replaceNext } from "./settle-conflict.ts";

/**
 * Opens the merge editor on the two changes and what both began from. Its command is one of the
 * editor's own; where that is gone the two are compared, and the right side can be edited and kept.
 */
export async function openMerge(conflict: SaveConflict): Promise<void> {
  const { path, target, current, base } = conflict;
  const output = vscode.Uri.from(mergeParts({ path, target, theirs: current.version }));
  const merge = {
    // Without a base everything that differs is shown as a conflict.
    base: base === undefined ? output.with({ query: "" }) : versionUri(target, base, 0),
    input1: {
      uri: versionUri(target, current.version, current.mtime),
      title: "In the drive",
      description: whatCame(conflict),
    },
    input2: { uri: driveUri(path), title: "Yours", description: "not saved" },
    output,
  };
  try {
    await vscode.commands.executeCommand("_open.mergeEditor", merge);
  } catch {
    await compareConflict(conflict);
    void vscode.window.showInformationMessage(
      `This editor can't merge. Edit the right side of "${nameOf(path)}", then choose "Keep Mine" in the editor's title.`,
    );
  }
}

/** Shows what the drive holds beside the person's text, which can be edited there. */
export async function compareConflict({ path, target, current }: SaveConflict): Promise<void> {
  await vscode.commands.executeCommand(
    "vscode.diff",
    versionUri(target, current.version, current.mtime),
    driveUri(path),
    `${nameOf(path)} (in the drive ↔ yours)`,
  );
}

/**
 * Makes what a merge came to the text of the file, and saves it over the version that was merged.
 * Whatever fails then, it is the unsaved text of the file.
 */
export async function takeMerge(
  bases: Pick<BaseVersions, "rebase">,
  { path, theirs }: Merge,
  text: string,
): Promise<void> {
  const document = await vscode.workspace.openTextDocument(driveUri(path));
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
  if (!(await vscode.workspace.applyEdit(edit))) {
    throw new Error(`the editor did not take the merge of "${nameOf(path)}"`);
  }
  await replaceNext(bases, path, theirs);
  // Once the merge editor has saved: it waits for this call.
  setTimeout(() => {
    document.save().then(undefined, showError);
  }, 0);
}
