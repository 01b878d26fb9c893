import * as vscode from "vscode";
import { nameOf } from "../../node/core/path.ts";
import { CloudError } from "../../node/rpc/contract.ts";
import { forSave } from "../../provider/file-system-error.ts";
import { type Merge, mergeScheme, readMerge } from "./merge-address.ts";

/** With these lines in it the merge editor begins by joining what it can by itself. */
const unmerged = new TextEncoder().encode("<<<<<<<\n=======\n>>>>>>>\n");

/** Takes what a merge came to. */
export type AcceptMerge = (merge: Merge, text: string) => Promise<void>;

interface Draft {
  readonly content: Uint8Array;
  readonly mtime: number;
}

/**
 * What the merge editor writes into, so that the file itself keeps the person's own text, unsaved,
 * until the merge is accepted: whatever becomes of the merge editor, nothing is lost.
 *
 * 1. Only an accepted merge goes on to the drive: any save by hand asks whether it is one, since the
 *    editor also saves merges in which places are open still. Nobody asks for the save that the merge
 *    editor does by itself as it brings an unfinished merge back after a restart: it is refused.
 * 2. An automatic save is taken as a draft, which memory alone holds: both texts that are merged are
 *    elsewhere.
 */
export class MergeResults implements vscode.FileSystemProvider, vscode.Disposable {
  readonly #accept: AcceptMerge;
  readonly #drafts = new Map<string, Draft>();
  readonly #accepting = new Set<string>();
  readonly #autoSaves = new Set<string>();
  /** Those that the person has begun in this window. */
  readonly #begun = new Set<string>();
  /** Nobody else writes here. */
  readonly onDidChangeFile = new vscode.EventEmitter<vscode.FileChangeEvent[]>().event;
  readonly #registrations = [
    vscode.workspace.registerFileSystemProvider(mergeScheme, this, { isCaseSensitive: true }),
    vscode.workspace.onWillSaveTextDocument(({ document: { uri }, reason }) => {
      if (uri.scheme !== mergeScheme) return;
      if (reason === vscode.TextDocumentSaveReason.Manual) this.#autoSaves.delete(uri.toString());
      else this.#autoSaves.add(uri.toString());
    }),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      this.#drafts.delete(uri.toString());
    }),
  ];

  constructor(accept: AcceptMerge) {
    this.#accept = accept;
  }

  /**
   * Accepts the merge that the active merge editor shows, as its own command does.
   * @returns whether it was, which the person may decide against while places are open.
   */
  async acceptActive(uri: vscode.Uri): Promise<boolean> {
    const key = uri.toString();
    const drafted = this.#drafts.get(key);
    this.#accepting.add(key);
    try {
      const answer: unknown = await vscode.commands.executeCommand("mergeEditor.acceptMerge");
      if (!isSuccessful(answer)) return false;
      if (!this.#accepting.has(key)) return true;
      // The editor had nothing to save: it is a draft already, or was not merged yet.
      if (drafted === undefined) return false;
      await this.#take(uri, drafted.content);
      return true;
    } finally {
      this.#accepting.delete(key);
    }
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  stat(uri: vscode.Uri): vscode.FileStat {
    const { content, mtime } = this.#draft(uri);
    return { type: vscode.FileType.File, ctime: mtime, mtime, size: content.length };
  }

  readFile(uri: vscode.Uri): Uint8Array {
    // What the editor brings back it does not read.
    this.#begun.add(uri.toString());
    return this.#draft(uri).content;
  }

  writeFile(uri: vscode.Uri, content: Uint8Array): Promise<void> {
    return forSave(async () => {
      const key = uri.toString();
      if (this.#accepting.has(key) || (await this.#isComplete(uri))) {
        await this.#take(uri, content);
        this.#accepting.delete(key);
      } else if (!this.#autoSaves.has(key)) throw notAccepted(uri);
      this.#drafts.set(key, { content, mtime: Date.now() });
    });
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  dispose(): void {
    vscode.Disposable.from(...this.#registrations).dispose();
    this.#drafts.clear();
  }

  #draft(uri: vscode.Uri): Draft {
    return this.#drafts.get(uri.toString()) ?? { content: unmerged, mtime: 0 };
  }

  async #isComplete(uri: vscode.Uri): Promise<boolean> {
    const key = uri.toString();
    if (this.#autoSaves.has(key)) return false;
    if (this.#begun.has(key)) return isComplete(uri);
    this.#begun.add(key);
    return false;
  }

  async #take(uri: vscode.Uri, content: Uint8Array): Promise<void> {
    await this.#accept(readMerge(uri), await vscode.workspace.decode(content, { uri }));
  }
}

function isSuccessful(answer: unknown): boolean {
  return (
    typeof answer === "object" && answer !== null && Reflect.get(answer, "successful") === true
  );
}

async function isComplete(uri: vscode.Uri): Promise<boolean> {
  const save = "Save Merge";
  const choice = await vscode.window.showWarningMessage(
    `Save this merge of "${nameOf(uri.path)}" into the drive?`,
    { modal: true, detail: "Places that are open still are saved as they stand in the result." },
    save,
  );
  return choice === save;
}

function notAccepted(uri: vscode.Uri): CloudError {
  return new CloudError(
    "conflict",
    `the merge of "${nameOf(uri.path)}" is not in the drive yet. "Accept Merge" in the editor's title saves it`,
  );
}
