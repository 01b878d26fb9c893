import * as vscode from "vscode";
import { childOf, nameOf, parentOf } from "../../node/core/path.ts";
import type { VersionId } from "../../node/rpc/contract.ts";
import type { BaseVersions } from "../../provider/documents/base-versions.ts";
import type { SaveConflict } from "../../provider/documents/save-file.ts";
import { driveUri } from "../../provider/drive-uri.ts";
import { unsavedAt } from "../documents/unsaved.ts";
import { fileMoment, hereAndNow } from "../words.ts";

/** Saves the person's text over what came; that stays a version of the file. */
export async function keepMine(
  bases: Pick<BaseVersions, "rebase">,
  { path, current }: SaveConflict,
): Promise<void> {
  const unsaved = unsavedAt(path);
  if (unsaved === undefined) return;
  await replaceNext(bases, path, current.version);
  await unsaved.save();
}

/** Lets the next save of a text replace this version. */
export async function replaceNext(
  bases: Pick<BaseVersions, "rebase">,
  path: string,
  version: VersionId,
): Promise<void> {
  // After a restart it is this that finds out what the editor takes for the file's time and size.
  await vscode.workspace.fs.stat(driveUri(path));
  bases.rebase(path, version);
}

/** Throws the person's text away for what came, or keeps it beside, as the person decides. */
export async function takeTheirs({ path }: SaveConflict): Promise<void> {
  const unsaved = unsavedAt(path);
  if (unsaved === undefined) return;
  const discard = "Discard Mine";
  const copy = "Save Mine as a Copy";
  const choice = await vscode.window.showWarningMessage(
    `Show "${nameOf(path)}" as it is in the drive?`,
    { modal: true, detail: "Your own changes of it were never saved: discarded, they are gone." },
    discard,
    ...(unsaved.document === undefined ? [] : [copy]),
  );
  if (choice === discard) await unsaved.revert();
  else if (choice === copy) await saveAsCopy(path);
}

/** Saves the person's text beside the file, and lets the editor show the file as it is. */
export async function saveAsCopy(path: string): Promise<void> {
  const unsaved = unsavedAt(path);
  if (unsaved?.document === undefined) return;
  const { document } = unsaved;
  const copy = driveUri(copyPath(path, Date.now()));
  const content = await vscode.workspace.encode(document.getText(), { uri: document.uri });
  await vscode.workspace.fs.writeFile(copy, content);
  await unsaved.revert();
  await vscode.window.showTextDocument(copy, { preview: false });
}

/** `/docs/notes (my copy of 2026-11-21 14.02.07).md`. */
function copyPath(path: string, time: number): string {
  const name = nameOf(path);
  const dot = name.lastIndexOf(".");
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  return childOf(parentOf(path), `${stem} (my copy of ${fileMoment(time, hereAndNow())})${ending}`);
}
