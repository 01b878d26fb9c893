import * as vscode from "vscode";
import { nameOf } from "../../node/core/path.ts";
import { showSize } from "../../node/core/show-size.ts";
import type { RemovedItem } from "../../node/rpc/contract.ts";
import { driveUri } from "../../provider/drive-uri.ts";
import type { NodeClient } from "../../provider/link/node-client.ts";
import { hereAndNow, showMoment } from "../words.ts";
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
  if (picked === undefined) return;
  await node.request("restore", { path: picked.path });
  if (picked.kind !== "file") return;
  await vscode.commands.executeCommand("vscode.open", driveUri(picked.path));
}

function pick(picks: RemovedPick[], title: string): Promise<RemovedItem | undefined> {
  const box = vscode.window.createQuickPick<RemovedPick>();
  box.title = title;
  box.placeholder = "Pick what to restore";
  box.items = picks;
  box.matchOnDescription = true;
  return new Promise<RemovedItem | undefined>((resolve) => {
    box.onDidAccept(() => {
      resolve(box.selectedItems[0]?.removed);
      box.hide();
    });
    box.onDidTriggerItemButton(({ item: { removed } }) => {
      const uri = versionUri(removed.path, removed.version, removed.time);
      void vscode.commands.executeCommand("vscode.open", uri);
      box.hide();
    });
    box.onDidHide(() => {
      resolve(undefined);
    });
    box.show();
  }).finally(() => {
    box.dispose();
  });
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
