import * as vscode from "vscode";
import { driveUri } from "../provider/drive-uri.ts";
import { driveIsOpen } from "./documents/shown-resource.ts";

const fileName = "IPCloud.code-workspace";

/**
 * Opens the drive in this window, by a workspace file of ours outside the drive: a window on a
 * workspace takes in further folders without a restart, a window on a single folder does not. The
 * file names no folder of the drive but its root.
 */
export async function openDriveFolder(storage: vscode.Uri): Promise<void> {
  if (driveIsOpen()) {
    await vscode.commands.executeCommand("workbench.view.explorer");
    return;
  }
  const file = vscode.Uri.joinPath(storage, fileName);
  const content = { folders: [{ name: "IPCloud", uri: driveUri("/").toString() }] };
  await vscode.workspace.fs.createDirectory(storage);
  if (!(await exists(file))) {
    const bytes = new TextEncoder().encode(`${JSON.stringify(content, undefined, 2)}\n`);
    await vscode.workspace.fs.writeFile(file, bytes);
  }
  await vscode.commands.executeCommand("vscode.openFolder", file);
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}
