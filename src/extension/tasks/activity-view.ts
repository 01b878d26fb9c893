import * as vscode from "vscode";
import { Activity, type Task, type TaskState } from "./activity.ts";
import type { Reports } from "./reports.ts";

/** Progress comes ten times a second from each task. */
const refreshMs = 200;

const icons: Readonly<Record<TaskState, vscode.ThemeIcon>> = {
  running: new vscode.ThemeIcon("sync~spin"),
  cancelling: new vscode.ThemeIcon("sync~spin"),
  done: new vscode.ThemeIcon("pass", new vscode.ThemeColor("testing.iconPassed")),
  incomplete: new vscode.ThemeIcon("warning", new vscode.ThemeColor("list.warningForeground")),
  cancelled: new vscode.ThemeIcon("circle-slash"),
  failed: new vscode.ThemeIcon("error", new vscode.ThemeColor("list.errorForeground")),
};

/** The view "Activity": what takes long, how far it is, what came of it. It is there once there was any. */
export class ActivityView implements vscode.TreeDataProvider<Task>, vscode.Disposable {
  readonly activity: Activity;
  readonly #reports: Reports;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly #view: vscode.TreeView<Task>;
  #timer: NodeJS.Timeout | undefined;
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(reports: Reports) {
    this.#reports = reports;
    this.activity = new Activity(
      () => performance.now(),
      () => {
        this.#timer ??= setTimeout(() => {
          this.#refresh();
        }, refreshMs);
      },
    );
    this.#view = vscode.window.createTreeView("ipcloud.activity", { treeDataProvider: this });
  }

  getChildren(of?: Task): Task[] {
    return of === undefined ? [...this.activity.tasks] : [];
  }

  getTreeItem({ id, title, state, text, share, notes }: Task): vscode.TreeItem {
    const item = new vscode.TreeItem(title);
    item.id = id.toString();
    item.iconPath = icons[state];
    const percent = share === undefined ? "" : `${Math.floor(100 * share).toString()} %, `;
    const isRunning = state === "running" || state === "cancelling";
    if (state === "cancelling") item.description = "cancelling";
    else item.description = isRunning ? `${percent}${text}` : text;
    item.tooltip = `${title}\n${text}`;
    item.contextValue = isRunning
      ? `task ${state}`
      : `task ended${notes.length > 0 ? " notes" : ""}`;
    if (notes.length > 0) {
      item.command = {
        title: "Show Notes",
        command: "ipcloud.activity.showNotes",
        arguments: [this.activity.tasks.find((task) => task.id === id)],
      };
    }
    return item;
  }

  /** Shows what a task could not say in a line. */
  async showNotes({ title, notes }: Task): Promise<void> {
    const [what = title] = title.split(" ");
    if (notes.length > 0) await this.#reports.show(what, notes);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    vscode.Disposable.from(this.#view, this.#changed).dispose();
  }

  #refresh(): void {
    this.#timer = undefined;
    const { tasks, running } = this.activity;
    const tooltip =
      running === 1 ? "1 task is under way" : `${running.toString()} tasks are under way`;
    this.#view.badge = running === 0 ? undefined : { value: running, tooltip };
    void vscode.commands.executeCommand("setContext", "ipcloud.activity", tasks.length > 0);
    this.#changed.fire(undefined);
  }
}
