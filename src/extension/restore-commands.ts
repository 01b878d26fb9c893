import * as vscode from "vscode";
import { isCloudError, type Stat } from "../node/rpc/contract.ts";
import { nameOf } from "../provider/drive-path.ts";
import type { NodeClient } from "../provider/node-client.ts";
import { showError } from "./ask-passphrase.ts";
import type { RevisionNode, VersionNode } from "./timeline-nodes.ts";
import { unsavedAt } from "./unsaved.ts";
import { count, hereAndNow, showMoment } from "./words.ts";

/** Makes a version the current one again; what stands there now stays in the timeline. */
export async function restoreVersion(node: NodeClient, shown: VersionNode): Promise<void> {
  const { path, place, version } = shown;
  if (!(await settleUnsaved(path))) return;
  const before = await statOf(node, place);
  await node.request("restore", { path: place, version: version.version });
  const when = showMoment(version.time, hereAndNow());
  offerUndo(`"${nameOf(path)}" is as it was ${when}.`, async () => {
    if (!(await settleUnsaved(path))) return;
    if (before === undefined) await node.request("remove", { path: place });
    else await node.request("restore", { path: place, version: before.version });
  });
}

/** Makes a folder what it was after a change, if the person really wants it. */
export async function restoreFolder(node: NodeClient, shown: RevisionNode): Promise<void> {
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
  if (choice !== restore) return;
  const { revision: before } = await node.request("status", {});
  const { changes } = await node.request("restore", { path, at: revision.revision });
  offerUndo(`${name} was restored; ${count(changes, "change")}.`, async () => {
    if (before !== undefined) await node.request("restore", { path, at: before });
  });
}

/** Tells what was done; nobody waits for the answer. */
function offerUndo(done: string, undo: () => Promise<void>): void {
  const button = "Undo";
  const ask = async (): Promise<void> => {
    const choice = await vscode.window.showInformationMessage(`IPCloud: ${done}`, button);
    if (choice === button) await undo();
  };
  ask().catch(showError);
}

async function statOf(node: NodeClient, path: string): Promise<Stat | undefined> {
  try {
    return await node.request("stat", { path });
  } catch (error) {
    if (isCloudError(error, "not-found", "not-a-folder")) return undefined;
    throw error;
  }
}

/** What is unsaved would be refused at its next save: it becomes a version first. @returns go on */
async function settleUnsaved(path: string): Promise<boolean> {
  const unsaved = unsavedAt(path);
  if (unsaved === undefined) return true;
  const save = "Save and Restore";
  const choice = await vscode.window.showWarningMessage(
    `"${nameOf(path)}" has unsaved changes.`,
    { modal: true, detail: "Saved first, they stay in the timeline as a version." },
    save,
  );
  return choice === save && (await unsaved.save());
}
