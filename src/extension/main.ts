import * as vscode from "vscode";
import { placeholderProvider } from "../provider/placeholder-provider.ts";

/** Registers the `ipcloud:` scheme at once; the editor calls it when the scheme is first used. */
export function activate(context: vscode.ExtensionContext): void {
  context.subscriptions.push(
    vscode.workspace.registerFileSystemProvider("ipcloud", placeholderProvider, {
      isCaseSensitive: true,
    }),
  );
}
