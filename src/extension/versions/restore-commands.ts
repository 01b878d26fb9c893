import * as vscode from "vscode";
import { isWithin, nameOf } from "../../node/core/path.ts";
import { openPaths } from "../../provider/documents/open-documents.ts";
import type { NodeClient } from "../../provider/link/node-client.ts";
import { asSentence } from "../../provider/sentence.ts";
import { unsavedAt } from "../documents/unsaved.ts";
import { showError } from "../show-error.ts";
import type { RevisionNode, VersionNode } from "../timeline/timeline-nodes.ts";
import { count, hereAndNow, showMoment } from "../words.ts";
import { type Restored, restoreFileTo, restoreFolderTo } from "./undoable-restore.ts";

/** Makes a version the current one again; what stands there now stays in the timeline. */
export async function restoreVersion(node: NodeClient, shown: VersionNode): Promise<void> {
  const { path, place, version } = shown;
  if (!(await settleUnsaved(path))) return;
  const restored = await restoreFileTo(node, place, version.version);
  const when = showMoment(version.time, hereAndNow());
  tell(`"${nameOf(path)}" is as it was ${when}.`, path, restored);
}

/** A folder as it was after a change. */
interface FolderThen {
  readonly path: string;
  readonly revision: Pick<RevisionNode["revision"], "revision" | "time">;
}

/** Makes a folder what it was after a change, if the person really wants it. */
export async function restoreFolder(node: NodeClient, shown: FolderThen): Promise<void> {
  const { path, revision } = shown;
  const name = path === "/" ? "the whole drive" : `"${nameOf(path)}"`;
  const restore = "Restore";
  const choice = await vscode.window.showWarningMessage(
    `Restore ${name} to ${showMoment(revision.time, hereAndNow())}?`,
    {
      modal: true,
      detail:
        "Files that came later are removed from it, changed ones go back. All of it stays in the timeline and can be brought back.",
    },
    restore,
  );
  if (choice !== restore || !(await settleUnsaved(path))) return;
  const restored = await restoreFolderTo(node, path, revision.revision);
  tell(`${name} was restored; ${count(restored.changes, "change")}.`, path, restored);
}

/** Tells what was done to `path` and how it is undone; nobody waits for the answer. */
function tell(done: string, path: string, { undo, isChanged }: Restored): void {
  const button = "Undo";
  const ask = async (): Promise<void> => {
    const buttons = undo === undefined ? [] : [button];
    const choice = await vscode.window.showInformationMessage(asSentence(done), ...buttons);
    if (choice !== button || undo === undefined) return;
    // What is saved here is a change since the restore too.
    if ((await settleUnsaved(path)) && (!(await isChanged()) || (await confirmUndo(path))))
      await undo();
  };
  ask().catch(showError);
}

async function confirmUndo(path: string): Promise<boolean> {
  const undo = "Undo";
  const name = path === "/" ? "The drive" : `"${nameOf(path)}"`;
  const choice = await vscode.window.showWarningMessage(
    `${name} was changed since the restore.`,
    { modal: true, detail: "Undo takes that back too; the timeline keeps it." },
    undo,
  );
  return choice === undo;
}

/**
 * What is unsaved at or below `path` would be refused at its next save: it becomes a version first.
 * @returns whether to go on.
 */
async function settleUnsaved(path: string): Promise<boolean> {
  const unsaved = openPaths()
    .filter((each) => isWithin(each, path))
    .flatMap((each) => {
      const found = unsavedAt(each);
      return found === undefined ? [] : [{ name: nameOf(each), ...found }];
    });
  const [first] = unsaved;
  if (first === undefined) return true;
  const save = "Save and Restore";
  const what =
    unsaved.length === 1
      ? `"${first.name}" has`
      : `${count(unsaved.length, "file")} of "${nameOf(path)}" have`;
  const choice = await vscode.window.showWarningMessage(
    `${what} unsaved changes.`,
    { modal: true, detail: "Saved first, they stay in the timeline as a version." },
    save,
  );
  if (choice !== save) return false;
  for (const each of unsaved) if (!(await each.save())) return false;
  return true;
}
