import * as vscode from "vscode";
import { nameOf } from "../../node/core/path.ts";
import { unsavedPaths } from "../../provider/documents/open-documents.ts";
import { type Unsaved, unsavedAt } from "../documents/unsaved.ts";
import { count } from "../words.ts";
import { keepsTabsOpen } from "./keeps-tabs-open.ts";

/**
 * Asks what is to become of unsaved text while the drive can still take it.
 * @returns whether to lock.
 */
export async function settleBeforeLock(): Promise<boolean> {
  const unsaved = unsavedNow();
  if (unsaved.length === 0 || keepsTabsOpen()) return true;
  const save = "Save and Lock";
  const discard = "Discard and Lock";
  const choice = await vscode.window.showWarningMessage(
    unsaved.length === 1
      ? `"${nameOf(unsaved[0]?.path ?? "")}" has unsaved changes.`
      : `${count(unsaved.length, "file")} have unsaved changes.`,
    { modal: true, detail: "A lock closes the files of the drive. Discarded changes are gone." },
    save,
    discard,
  );
  if (choice === discard) {
    for (const { revert } of unsaved) await revert();
    return true;
  }
  if (choice !== save) return false;
  const failed: string[] = [];
  for (const each of unsaved) if (!(await each.save())) failed.push(each.path);
  return failed.length === 0 || lockAnyway(failed);
}

async function lockAnyway(failed: readonly string[]): Promise<boolean> {
  const lock = "Lock Anyway";
  const [first = ""] = failed;
  const choice = await vscode.window.showWarningMessage(
    failed.length === 1
      ? `"${nameOf(first)}" could not be saved.`
      : `${count(failed.length, "file")} could not be saved.`,
    { modal: true, detail: "What is unsaved stays open over the lock, where it can be read." },
    lock,
  );
  return choice === lock;
}

function unsavedNow(): (Unsaved & { readonly path: string })[] {
  return unsavedPaths().flatMap((path) => {
    const unsaved = unsavedAt(path);
    return unsaved === undefined ? [] : [{ path, ...unsaved }];
  });
}
