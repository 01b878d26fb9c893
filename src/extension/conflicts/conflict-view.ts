import * as vscode from "vscode";
import { nameOf } from "../../node/core/path.ts";
import { driveScheme, driveUri } from "../../provider/drive-uri.ts";
import { activeDrivePath } from "../documents/shown-resource.ts";
import { count } from "../words.ts";

/** A file with two contents between which somebody has to decide. */
export interface ConflictRow {
  /** As the editor names the file. */
  readonly path: string;
  /** What happened, `changed on laptop, today 14:02`. */
  readonly what: string;
  /** Whether both are texts, which can be merged. */
  readonly isText: boolean;
}

/** Who knows of conflicts: refused saves of this window, and later what peers have brought. */
export interface ConflictSource {
  readonly onDidChange: vscode.Event<void>;
  readonly rows: () => readonly ConflictRow[];
}

/**
 * The lasting place of conflicts: the view "Conflicts", which is there while there are any, an item
 * of the status bar while one of their files is in front, and what the menus of package.json ask for
 * (`ipcloud.hasConflicts`, `ipcloud.conflictPaths`).
 */
export class ConflictView implements vscode.TreeDataProvider<ConflictRow>, vscode.Disposable {
  readonly #source: ConflictSource;
  readonly #changes = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changes.event;
  readonly #view = vscode.window.createTreeView("ipcloud.conflicts", { treeDataProvider: this });
  readonly #status = vscode.window.createStatusBarItem(
    "ipcloud.conflict",
    vscode.StatusBarAlignment.Left,
    9,
  );
  readonly #listeners: readonly vscode.Disposable[];
  #shown = 0;

  constructor(source: ConflictSource) {
    this.#source = source;
    this.#status.name = "IPCloud Conflict";
    this.#status.command = "ipcloud.conflict.resolve";
    this.#status.backgroundColor = new vscode.ThemeColor("statusBarItem.warningBackground");
    this.#listeners = [
      source.onDidChange(() => {
        this.#show();
      }),
      vscode.window.tabGroups.onDidChangeTabs(() => {
        this.#showStatus();
      }),
      vscode.window.tabGroups.onDidChangeTabGroups(() => {
        this.#showStatus();
      }),
    ];
  }

  getChildren(row?: ConflictRow): ConflictRow[] {
    return row === undefined ? [...this.#source.rows()] : [];
  }

  getTreeItem({ path, what, isText }: ConflictRow): vscode.TreeItem {
    const item = new vscode.TreeItem(driveUri(path));
    item.description = what;
    item.iconPath = new vscode.ThemeIcon("git-merge", new vscode.ThemeColor("charts.yellow"));
    item.contextValue = isText ? "conflict text" : "conflict";
    item.tooltip = `${path}\n${what.charAt(0).toUpperCase()}${what.slice(1)}. Your text is not saved.`;
    item.accessibilityInformation = { label: `Conflict of ${nameOf(path)}, ${what}` };
    item.command = {
      command: isText ? "ipcloud.conflict.resolve" : "ipcloud.conflict.compare",
      title: "Resolve Conflict",
      arguments: [vscode.Uri.from({ scheme: driveScheme, path })],
    };
    return item;
  }

  dispose(): void {
    vscode.Disposable.from(...this.#listeners, this.#view, this.#status, this.#changes).dispose();
  }

  #show(): void {
    const rows = this.#source.rows();
    const paths = rows.map(({ path }) => path);
    void vscode.commands.executeCommand("setContext", "ipcloud.conflictPaths", paths);
    void vscode.commands.executeCommand("setContext", "ipcloud.hasConflicts", rows.length > 0);
    this.#view.badge =
      rows.length === 0
        ? undefined
        : { value: rows.length, tooltip: count(rows.length, "conflict") };
    this.#changes.fire();
    this.#showStatus();
    // The editor shows a view that comes later collapsed.
    if (rows.length > 0 && this.#shown === 0) {
      void vscode.commands.executeCommand("ipcloud.conflicts.focus", { preserveFocus: true });
    }
    this.#shown = rows.length;
  }

  #showStatus(): void {
    const path = activeDrivePath();
    const row = this.#source.rows().find((each) => each.path === path);
    if (row === undefined) {
      this.#status.hide();
      return;
    }
    this.#status.text = "$(git-merge) Conflict";
    this.#status.tooltip = `"${nameOf(row.path)}" was ${row.what}. Click to resolve it.`;
    this.#status.show();
  }
}
