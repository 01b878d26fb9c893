import * as vscode from "vscode";
import { isWithin, nameOf } from "../../node/core/path.ts";
import type { PathChange } from "../../node/rpc/contract.ts";
import { activeDrivePath } from "../documents/shown-resource.ts";
import type { DriveSession } from "../session/drive-session.ts";
import type { TimelineNode } from "./timeline-nodes.ts";
import type { TimelineSource } from "./timeline-source.ts";
import { TimelineTree } from "./timeline-tree.ts";

/** Several events of one save make one refresh. */
const settleMs = 150;
/** So long after it was opened an editor is active. */
const activeMs = 500;

/**
 * The view "Version Timeline", which follows the active editor. What is selected in the Explorer
 * can't be seen by an extension: its menu has "Show Versions" for that.
 */
export class TimelineView implements vscode.Disposable {
  readonly tree: TimelineTree;
  readonly #view: vscode.TreeView<TimelineNode>;
  readonly #listeners: vscode.Disposable[];
  #timer: NodeJS.Timeout | undefined;
  #keepsList = false;

  constructor(session: DriveSession, source: TimelineSource) {
    this.tree = new TimelineTree(session, source);
    this.#view = vscode.window.createTreeView("ipcloud.timeline", { treeDataProvider: this.tree });
    this.tree.onMessage = (message) => {
      this.#view.message = message ?? "";
    };
    let active = activeDrivePath();
    let wasUnlocked = session.state.kind === "unlocked";
    const follow = (): void => {
      const before = active;
      active = activeDrivePath();
      if (active !== before && !this.#keepsList) this.show(active);
    };
    this.#listeners = [
      vscode.window.onDidChangeActiveTextEditor(follow),
      vscode.window.tabGroups.onDidChangeTabs(follow),
      vscode.window.tabGroups.onDidChangeTabGroups(follow),
      session.onDidChangeFiles(({ changes, everything }) => {
        const touches = this.tree.paths.some((path) =>
          changes.some((change) => concerns(change, path)),
        );
        if (everything || touches) this.#refreshSoon();
      }),
      session.onDidChangeState(({ kind }) => {
        if ((kind === "unlocked") !== wasUnlocked) this.#refreshSoon();
        wasUnlocked = kind === "unlocked";
      }),
    ];
    this.show(active);
  }

  /** Shows a file or folder until another editor becomes active. */
  show(path: string | undefined): void {
    this.tree.show(path);
    this.#view.description = path === "/" ? "whole drive" : nameOf(path ?? "");
  }

  /** Brings the view to front. */
  async reveal(path: string): Promise<void> {
    this.show(path);
    await vscode.commands.executeCommand("ipcloud.timeline.focus");
  }

  /** Opens what a click in the list of a folder opens: the list stays, so that one can go on in it. */
  async keepList(open: () => Promise<unknown>): Promise<void> {
    this.#keepsList = true;
    try {
      await open();
      // The editor tells of what is active some time after the command has ended.
      await new Promise((settle) => setTimeout(settle, activeMs));
    } finally {
      this.#keepsList = false;
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    vscode.Disposable.from(...this.#listeners, this.#view, this.tree).dispose();
  }

  #refreshSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.tree.refresh();
    }, settleMs);
  }
}

/** Whether a change is one of `path`, of what stands below it, or of a folder above it. */
function concerns({ path: changed, from = changed }: PathChange, path: string): boolean {
  return [changed, from].some((at) => isWithin(at, path) || isWithin(path, at));
}
