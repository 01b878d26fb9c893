import * as vscode from "vscode";

const { fs } = vscode.workspace;

/** A path of the drive. */
export function driveUri(path: string): vscode.Uri {
  return vscode.Uri.from({ scheme: "ipcloud", path });
}

/** Stores a content as another extension would. */
export async function store(path: string, content: string | Uint8Array): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  await fs.writeFile(driveUri(path), bytes);
}

/** The text of a file as another extension reads it. */
export async function textOf(path: string): Promise<string> {
  return new TextDecoder().decode(await fs.readFile(driveUri(path)));
}

/** The names in a folder, sorted. */
export async function namesIn(path: string): Promise<string[]> {
  return (await fs.readDirectory(driveUri(path))).map(([name]) => name).sort();
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

/** What the active tab compares. @throws Error, if it is no comparison. */
export function comparison(): vscode.TabInputTextDiff {
  const { input } = vscode.window.tabGroups.activeTabGroup.activeTab ?? {};
  if (input instanceof vscode.TabInputTextDiff) return input;
  throw new Error("The active tab compares nothing.");
}

/** The two texts that a comparison shows. */
export async function comparedTexts(): Promise<[string, string]> {
  const { original, modified } = comparison();
  const left = await vscode.workspace.openTextDocument(original);
  const right = await vscode.workspace.openTextDocument(modified);
  return [left.getText(), right.getText()];
}

/** The text that is active, once it is one of this scheme. */
export function activeText(scheme: string): vscode.TextDocument {
  const document = vscode.window.activeTextEditor?.document;
  if (document?.uri.scheme === scheme) return document;
  throw new Error(`The active editor shows no ${scheme}.`);
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
  await replacing("showWarningMessage", () => Promise.resolve(choice), run);
}

/** Chooses a folder of this computer in the editor's dialog for files. */
export async function choosingFolder(path: string, run: () => Promise<void>): Promise<void> {
  await replacing("showOpenDialog", () => Promise.resolve([vscode.Uri.file(path)]), run);
}

async function replacing(
  name: "showWarningMessage" | "showOpenDialog",
  answer: () => Promise<unknown>,
  run: () => Promise<void>,
): Promise<void> {
  const real = vscode.window[name];
  Reflect.set(vscode.window, name, answer);
  try {
    await run();
  } finally {
    Reflect.set(vscode.window, name, real);
  }
}
