import * as vscode from "vscode";

/** The scheme of texts that only memory holds. */
export const reportScheme = "ipcloud-report";

/**
 * Shows long answers (a journal, what an import left out) as read-only texts. They name files, so
 * they are kept in memory only, and their addresses name none.
 */
export class Reports implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #texts = new Map<string, string>();
  readonly #registrations = [
    vscode.workspace.registerTextDocumentContentProvider(reportScheme, this),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      if (uri.scheme === reportScheme) this.#texts.delete(uri.path);
    }),
  ];
  #count = 0;

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.path) ?? "This was shown once and is not kept.\n";
  }

  /** @param title - what the tab says, `Journal`: the editor keeps it, so it names no file. */
  async show(title: string, lines: readonly string[]): Promise<void> {
    const path = `/${title} ${String(++this.#count)}`;
    this.#texts.set(path, `${lines.join("\n")}\n`);
    const uri = vscode.Uri.from({ scheme: reportScheme, path });
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: false });
  }

  /** A lock leaves nothing of the drive in memory. */
  forget(): void {
    this.#texts.clear();
  }

  dispose(): void {
    vscode.Disposable.from(...this.#registrations).dispose();
    this.#texts.clear();
  }
}
