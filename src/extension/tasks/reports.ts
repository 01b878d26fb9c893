import * as vscode from "vscode";
import type { LinkedLine } from "./linked-line.ts";

/** The scheme of texts that only memory holds. */
export const reportScheme = "ipcloud-report";

/**
 * Shows long answers (a journal, what an import left out) as read-only texts. They name files, so
 * they are kept in memory only, and their addresses name none.
 */
export class Reports
  implements vscode.TextDocumentContentProvider, vscode.DocumentLinkProvider, vscode.Disposable
{
  readonly #texts = new Map<string, string>();
  readonly #links = new Map<string, vscode.DocumentLink[]>();
  readonly #registrations = [
    vscode.workspace.registerTextDocumentContentProvider(reportScheme, this),
    vscode.languages.registerDocumentLinkProvider({ scheme: reportScheme }, this),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      if (uri.scheme !== reportScheme) return;
      this.#texts.delete(uri.path);
      this.#links.delete(uri.path);
    }),
  ];
  #count = 0;

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.path) ?? "This was shown once and is not kept.\n";
  }

  provideDocumentLinks({ uri }: vscode.TextDocument): vscode.DocumentLink[] {
    return this.#links.get(uri.path) ?? [];
  }

  /** @param title - what the tab says, `Journal`: the editor keeps it, so it names no file. */
  async show(title: string, lines: readonly (string | LinkedLine)[]): Promise<void> {
    const path = `/${title} ${String(++this.#count)}`;
    const texts = lines.map((line) => (typeof line === "string" ? line : line.text));
    this.#texts.set(path, `${texts.join("\n")}\n`);
    this.#links.set(path, lines.flatMap(linksIn));
    const uri = vscode.Uri.from({ scheme: reportScheme, path });
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: false });
  }

  /** A lock leaves nothing of the drive in memory. */
  forget(): void {
    this.#texts.clear();
    this.#links.clear();
  }

  dispose(): void {
    vscode.Disposable.from(...this.#registrations).dispose();
    this.forget();
  }
}

/** A path may stand no more, or be a folder's: a command of ours finds out what to show. */
function linksIn(line: string | LinkedLine, number: number): vscode.DocumentLink[] {
  if (typeof line === "string") return [];
  return line.links.map(({ at, path }) => {
    const range = new vscode.Range(number, at, number, at + path.length);
    const query = encodeURIComponent(JSON.stringify([path]));
    const target = vscode.Uri.parse(`command:ipcloud.showPath?${query}`);
    const link = new vscode.DocumentLink(range, target);
    link.tooltip = `Show ${path}`;
    return link;
  });
}
