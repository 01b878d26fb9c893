import { homedir } from "node:os";
import * as vscode from "vscode";
import { driveIsOpen } from "./documents/shown-resource.ts";
import { withSettings, workspaceContent } from "./workspace-content.ts";

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
  const content = workspaceContent("IPCloud", homedir());
  await vscode.workspace.fs.createDirectory(storage);
  const there = await textOf(file);
  const next = there === undefined ? content : withSettings(there, content);
  if (next !== undefined) {
    const bytes = new TextEncoder().encode(`${JSON.stringify(next, undefined, 2)}\n`);
    await vscode.workspace.fs.writeFile(file, bytes);
  }
  await vscode.commands.executeCommand("vscode.openFolder", file);
}

async function textOf(uri: vscode.Uri): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  } catch {
    return undefined;
  }
}
