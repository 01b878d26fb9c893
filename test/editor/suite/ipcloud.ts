import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import * as vscode from "vscode";
import type { TestAccess } from "../../../src/extension/main.ts";

const run = promisify(execFile);

/** Our extension, as the editor has loaded it. */
export async function extension(): Promise<vscode.Extension<TestAccess>> {
  const found = vscode.extensions.getExtension<TestAccess>("ipcloud.ipcloud");
  if (found === undefined) throw new Error("The editor has not loaded our extension.");
  await found.activate();
  return found;
}

/** Runs the command line on the drive that the editor shows. @returns its standard output. */
export async function ipcloud(...args: string[]): Promise<string> {
  const { extensionPath } = await extension();
  const command = join(extensionPath, "dist", "ipcloud.mjs");
  const { stdout } = await run(process.execPath, [command, ...args]);
  return stdout;
}

/** Stores a text as another program would. */
export async function putByCommandLine(path: string, text: string): Promise<void> {
  const { extensionPath } = await extension();
  const child = run(process.execPath, [
    join(extensionPath, "dist", "ipcloud.mjs"),
    "put",
    "-",
    path,
  ]);
  child.child.stdin?.end(text);
  await child;
}

/** A path of the drive. */
export function driveUri(path: string): vscode.Uri {
  return vscode.Uri.from({ scheme: "ipcloud", path });
}

/** Opens a text of the drive in an editor. */
export async function show(path: string): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(driveUri(path), { preview: false });
}

/** Replaces the whole text of an editor, as typing would. */
export async function type(editor: vscode.TextEditor, text: string): Promise<void> {
  const { document } = editor;
  const everything = new vscode.Range(0, 0, document.lineCount, 0);
  await editor.edit((edit) => {
    edit.replace(everything, text);
  });
}

/** Asks until the answer is as wanted. @throws the last failure, after 45 seconds. */
export async function eventually<T>(ask: () => T | Promise<T>): Promise<T> {
  const deadline = Date.now() + 45_000;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
    await new Promise((settle) => setTimeout(settle, 50));
  }
}

/** Closes every editor, unsaved text included. */
export async function closeEditors(): Promise<void> {
  for (const document of vscode.workspace.textDocuments) {
    if (!document.isDirty) continue;
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand("workbench.action.files.revert");
  }
  await vscode.commands.executeCommand("workbench.action.closeAllEditors");
}

/** Answers the questions that stop everything, which the editor refuses to show under test. */
export async function answeringModals(choice: string, run: () => Promise<void>): Promise<void> {
  const { window } = vscode;
  const real = window.showWarningMessage;
  Reflect.set(window, "showWarningMessage", () => Promise.resolve(choice));
  try {
    await run();
  } finally {
    Reflect.set(window, "showWarningMessage", real);
  }
}

/** Chooses a folder of this computer in the editor's dialog for files. */
export async function choosingFolder(path: string, run: () => Promise<void>): Promise<void> {
  const { window } = vscode;
  const real = window.showOpenDialog;
  Reflect.set(window, "showOpenDialog", () => Promise.resolve([vscode.Uri.file(path)]));
  try {
    await run();
  } finally {
    Reflect.set(window, "showOpenDialog", real);
  }
}
