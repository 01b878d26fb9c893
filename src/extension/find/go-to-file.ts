import * as vscode from "vscode";
import { nameOf, parentOf } from "../../node/core/path.ts";
import { isCloudError } from "../../node/rpc/contract.ts";
import { driveUri } from "../../provider/drive-uri.ts";
import type { NodeClient } from "../../provider/link/node-client.ts";
import { showError } from "../show-error.ts";
import type { RecentFiles } from "./recent-files.ts";
import { parseTypedFile } from "./typed-file.ts";

/** More in a list make each key slow. */
const limit = 200;
/** What is known of names so far is asked for again after so long. */
const againMs = 60;
const contextKey = "ipcloud.inGoToFile";

const sideButton: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon("split-horizontal"),
  tooltip: "Open to the Side",
};

interface FilePick extends vscode.QuickPickItem {
  /** Absent: there is nothing to open. */
  readonly path?: string;
}

/** The box in which a file of the drive is found by its name, as the editor's own Quick Open. */
export class GoToFile implements vscode.Disposable {
  readonly #node: NodeClient;
  readonly #recent: RecentFiles;
  #box: vscode.QuickPick<FilePick> | undefined;
  #asking = new AbortController();

  constructor(node: NodeClient, recent: RecentFiles) {
    this.#node = node;
    this.#recent = recent;
  }

  /** What the box lists now: for tests. */
  get shown(): readonly string[] {
    return this.#box?.items.map(({ path }) => path ?? "") ?? [];
  }

  /** Has the node read the names, so that they are there when somebody types. */
  async warm(): Promise<void> {
    await this.#node.request("findFiles", { query: "", limit: 1, partial: true });
  }

  show(): void {
    this.#box?.dispose();
    const box = vscode.window.createQuickPick<FilePick>();
    this.#box = box;
    box.placeholder = "Type letters of a file's name; append :12 to go to a line";
    box.onDidChangeValue(() => {
      void this.#list(box);
    });
    box.onDidAccept(() => {
      void this.#open(box, box.selectedItems[0], false);
    });
    box.onDidTriggerItemButton(({ item }) => {
      void this.#open(box, item, true);
    });
    box.onDidHide(() => {
      this.#end(box);
    });
    void vscode.commands.executeCommand("setContext", contextKey, true);
    box.show();
    void this.#list(box);
  }

  /** Opens what the box is at, beside the editor that is active. */
  async openToSide(): Promise<void> {
    const box = this.#box;
    if (box !== undefined) await this.#open(box, box.activeItems[0], true);
  }

  hide(): void {
    this.#box?.hide();
  }

  dispose(): void {
    this.#box?.dispose();
    this.#asking.abort();
  }

  #end(box: vscode.QuickPick<FilePick>): void {
    box.dispose();
    if (this.#box !== box) return;
    this.#asking.abort();
    this.#box = undefined;
    void vscode.commands.executeCommand("setContext", contextKey, false);
  }

  /** Lists what fits what is typed; what was asked before is not wanted any more. */
  async #list(box: vscode.QuickPick<FilePick>): Promise<void> {
    this.#asking.abort();
    const asking = new AbortController();
    this.#asking = asking;
    const { query } = parseTypedFile(box.value);
    const recent = query === "" ? this.#recent.paths : [];
    if (recent.length > 0) box.items = recent.map((path) => asPick(path, "recently opened"));
    box.busy = true;
    const isStale = (): boolean => asking.signal.aborted || this.#box !== box;
    try {
      for (let isComplete = false; !isComplete; ) {
        const found = await this.#node.request(
          "findFiles",
          { query, limit, partial: true },
          { signal: asking.signal },
        );
        if (isStale()) return;
        ({ isComplete } = found);
        const paths = found.items.map(({ path }) => path).filter((path) => !recent.includes(path));
        const picks = [
          ...recent.map((path) => asPick(path, "recently opened")),
          ...paths.map((path) => asPick(path)),
        ].slice(0, limit);
        box.items = picks.length > 0 || !isComplete ? picks : [nothing];
        if (!isComplete) await new Promise((settle) => setTimeout(settle, againMs));
        if (isStale()) return;
      }
      box.busy = false;
    } catch (error) {
      if (isStale() || isCloudError(error, "cancelled")) return;
      box.hide();
      showError(error);
    }
  }

  async #open(
    box: vscode.QuickPick<FilePick>,
    pick: FilePick | undefined,
    toSide: boolean,
  ): Promise<void> {
    if (pick?.path === undefined) return;
    const { line, column = 0 } = parseTypedFile(box.value);
    box.hide();
    const place = line === undefined ? undefined : new vscode.Position(line, column);
    const options = {
      preview: !toSide,
      viewColumn: toSide ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active,
      ...(place === undefined ? {} : { selection: new vscode.Range(place, place) }),
    };
    await vscode.commands.executeCommand("vscode.open", driveUri(pick.path), options);
  }
}

const nothing: FilePick = { label: "No file of the drive fits", alwaysShow: true };

function asPick(path: string, note?: string): FilePick {
  const folder = parentOf(path).slice(1);
  return {
    path,
    label: nameOf(path),
    description: [folder, note].filter((part) => part !== undefined && part !== "").join(" · "),
    iconPath: vscode.ThemeIcon.File,
    // What the node has found stays, whatever the editor thinks of it.
    alwaysShow: true,
    buttons: [sideButton],
  };
}
