import * as vscode from "vscode";
import { nameOf, parentOf } from "../../node/core/path.ts";
import { driveUri } from "../../provider/drive-uri.ts";
import { count } from "../words.ts";
import {
  type FailedResult,
  type FileResult,
  FindResults,
  type LineResult,
  shownLine,
} from "./find-results.ts";

/** The group of what could not be looked into. */
interface FailedGroup {
  readonly type: "failures";
}

/** What the view lists. */
export type FindNode = FileResult | LineResult | FailedGroup | FailedResult;

/** So many files show their lines by themselves. */
const openFiles = 100;
const failures: FailedGroup = { type: "failures" };

/** What was found, by files. */
export class FindTree implements vscode.TreeDataProvider<FindNode>, vscode.Disposable {
  readonly #changes = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changes.event;
  results = new FindResults();

  refresh(): void {
    this.#changes.fire(undefined);
  }

  dispose(): void {
    this.#changes.dispose();
  }

  getChildren(node?: FindNode): FindNode[] {
    const { files, failed } = this.results;
    if (node === undefined) return failed.length > 0 ? [...files, failures] : [...files];
    if (node.type === "file") return [...node.lines];
    return node.type === "failures" ? [...failed] : [];
  }

  getParent(node: FindNode): FindNode | undefined {
    if (node.type === "line") return node.file;
    return node.type === "failed" ? failures : undefined;
  }

  getTreeItem(node: FindNode): vscode.TreeItem {
    switch (node.type) {
      case "file":
        return this.#fileItem(node);
      case "line":
        return lineItem(node);
      case "failures": {
        const title = `${count(this.results.failed.length, "file")} not searched`;
        const item = new vscode.TreeItem(title, vscode.TreeItemCollapsibleState.Collapsed);
        item.iconPath = new vscode.ThemeIcon("warning");
        item.id = "failures";
        return item;
      }
      case "failed": {
        const item = new vscode.TreeItem(node.path.slice(1));
        item.description = node.why;
        item.tooltip = node.why;
        return item;
      }
    }
  }

  #fileItem(file: FileResult): vscode.TreeItem {
    const { Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
    const isOpen = this.results.files.indexOf(file) < openFiles;
    const item = new vscode.TreeItem(nameOf(file.path), isOpen ? Expanded : Collapsed);
    item.resourceUri = driveUri(file.path);
    item.iconPath = vscode.ThemeIcon.File;
    const folder = parentOf(file.path).slice(1);
    const lines = file.lines.length.toLocaleString("en");
    item.description = folder === "" ? lines : `${folder} · ${lines}`;
    item.tooltip = `${file.path}: ${count(file.lines.length, "line")}`;
    item.id = `file ${file.path}`;
    item.contextValue = "file";
    return item;
  }
}

function lineItem(node: LineResult): vscode.TreeItem {
  const { found, file } = node;
  const { label, highlights } = shownLine(found);
  const item = new vscode.TreeItem({ label, highlights });
  item.id = `line ${found.line.toString()} ${(found.cut ?? 0).toString()} ${file.path}`;
  item.tooltip = `Line ${found.line.toString()}: ${found.text}`;
  item.accessibilityInformation = { label: `${label}, line ${found.line.toString()}` };
  item.contextValue = "line";
  item.command = {
    command: "ipcloud.find.openResult",
    title: "Open This Result",
    arguments: [node],
  };
  return item;
}
