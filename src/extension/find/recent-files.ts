import * as vscode from "vscode";
import { activeDrivePath } from "../documents/shown-resource.ts";

const most = 50;

/** The files of the drive that this window showed, the last first. In memory only. */
export class RecentFiles implements vscode.Disposable {
  #paths: string[] = [];
  readonly #listeners: vscode.Disposable;

  constructor() {
    const note = (): void => {
      const path = activeDrivePath();
      if (path === undefined || path === this.#paths[0]) return;
      this.#paths = [path, ...this.#paths.filter((other) => other !== path)].slice(0, most);
    };
    this.#listeners = vscode.Disposable.from(
      vscode.window.onDidChangeActiveTextEditor(note),
      vscode.window.tabGroups.onDidChangeTabs(note),
      vscode.window.tabGroups.onDidChangeTabGroups(note),
    );
    note();
  }

  /** But for the one that is in front of the person: that comes last. */
  get paths(): readonly string[] {
    const active = activeDrivePath();
    if (active === undefined || active !== this.#paths[0]) return this.#paths;
    return [...this.#paths.slice(1), active];
  }

  forget(): void {
    this.#paths = [];
  }

  dispose(): void {
    this.#listeners.dispose();
  }
}
