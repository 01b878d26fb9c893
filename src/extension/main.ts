import * as vscode from "vscode";

/** Registers the `ipcloud:` scheme at once; the editor calls it when the scheme is first used. */
export function activate(context: vscode.ExtensionContext): void {
  context.subscriptions.push(
    vscode.workspace.registerFileSystemProvider("ipcloud", placeholderProvider, {
      isCaseSensitive: true,
    }),
  );
}

const text = new TextEncoder().encode("IPCloud is not built yet.\n");

/** Stands in for the drive until its provider is written: one read-only text in one folder. */
const placeholderProvider: vscode.FileSystemProvider = {
  onDidChangeFile: new vscode.EventEmitter<vscode.FileChangeEvent[]>().event,
  watch: () => new vscode.Disposable(() => undefined),
  stat: (uri) => {
    if (uri.path === "/") return { type: vscode.FileType.Directory, ctime: 0, mtime: 0, size: 0 };
    if (uri.path === "/hello.txt")
      return { type: vscode.FileType.File, ctime: 0, mtime: 0, size: text.length };
    throw vscode.FileSystemError.FileNotFound(uri);
  },
  readDirectory: () => [["hello.txt", vscode.FileType.File]],
  readFile: () => text,
  createDirectory: refuse,
  writeFile: refuse,
  delete: refuse,
  rename: refuse,
};

function refuse(uri: vscode.Uri): never {
  throw vscode.FileSystemError.NoPermissions(uri);
}
