import * as vscode from "vscode";
import { nameOf } from "../../node/core/path.ts";
import { showSize } from "../../node/core/show-size.ts";
import type { RemovedItem } from "../../node/rpc/contract.ts";
import { driveUri } from "../../provider/drive-uri.ts";
import type { NodeClient } from "../../provider/link/node-client.ts";
import { sentenceOf } from "../../provider/sentence.ts";
import { count, hereAndNow, showMoment } from "../words.ts";
import { versionUri } from "./version-commands.ts";

/** The list can be typed into: beyond this it gets slow. */
const limit = 500;

const openButton: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon("go-to-file"),
  tooltip: "Open the last version, read-only",
};

interface RemovedPick extends vscode.QuickPickItem {
  readonly removed: RemovedItem;
}

/** Lists what was removed below a folder and restores what the person picks. */
export async function showRemovedFiles(node: NodeClient, folder: string): Promise<void> {
  const items = await node.request("removed", { path: folder, limit });
  const where = folder === "/" ? "the drive" : `"${nameOf(folder)}"`;
  if (items.length === 0) {
    void vscode.window.showInformationMessage(`Nothing was removed from ${where}.`);
    return;
  }
  const picked = await pick(items.map(asPick), `Removed from ${where}`);
  const failed: string[] = [];
  // What was removed last comes back first: a folder before what had been removed from it.
  for (const { path } of [...picked].sort((a, b) => b.time - a.time)) {
    try {
      await node.request("restore", { path });
    } catch (error) {
      if (picked.length === 1) throw error;
      failed.push(sentenceOf(error));
    }
  }
  const [only, ...others] = picked;
  if (others.length > 0) tell(picked.length - failed.length, failed);
  else if (only?.kind === "file")
    await vscode.commands.executeCommand("vscode.open", driveUri(only.path));
}

function tell(restored: number, failed: readonly string[]): void {
  const { showInformationMessage, showWarningMessage } = vscode.window;
  const done = `${count(restored, "file or folder", "files and folders")} restored.`;
  void (failed.length === 0
    ? showInformationMessage(done)
    : showWarningMessage(`${done} ${failed.join(" ")}`));
}

/** Asks until something is picked, or nothing is wanted. */
function pick(picks: RemovedPick[], title: string): Promise<readonly RemovedItem[]> {
  const box = vscode.window.createQuickPick<RemovedPick>();
  box.title = title;
  box.placeholder = "Check what to restore, then press Enter";
  box.canSelectMany = true;
  box.items = picks;
  box.matchOnDescription = true;
  return new Promise<readonly RemovedItem[]>((resolve) => {
    box.onDidAccept(() => {
      const picked = chosen(box);
      if (picked.length === 0) return;
      resolve(picked.map(({ removed }) => removed));
      box.hide();
    });
    box.onDidTriggerItemButton(({ item: { removed } }) => {
      const uri = versionUri(removed.path, removed.version, removed.time);
      void vscode.commands.executeCommand("vscode.open", uri);
      box.hide();
    });
    box.onDidHide(() => {
      resolve([]);
    });
    box.show();
  }).finally(() => {
    box.dispose();
  });
}

/** What is checked; else what is marked; else the only one that fits what was typed, which marks none. */
function chosen(box: vscode.QuickPick<RemovedPick>): readonly RemovedPick[] {
  if (box.selectedItems.length > 0) return box.selectedItems;
  const typed = box.value.toLowerCase();
  const isMatch = ({ label }: RemovedPick): boolean => label.toLowerCase().includes(typed);
  const marked = box.activeItems.find(isMatch);
  if (marked !== undefined) return [marked];
  const matches = box.items.filter(isMatch);
  return matches.length === 1 ? matches : [];
}

function asPick(removed: RemovedItem): RemovedPick {
  const { kind, path, time, device, size } = removed;
  const icons = { file: "file", folder: "folder", link: "link" } as const;
  const facts = [`removed ${showMoment(time, hereAndNow())}`, `on ${device}`];
  return {
    removed,
    label: `$(${icons[kind]}) ${path.slice(1)}`,
    description: [...facts, ...(kind === "file" ? [showSize(size)] : [])].join(" · "),
    buttons: kind === "file" && removed.version !== "" ? [openButton] : [],
  };
}
