import * as vscode from "vscode";
import { isCloudError, type Stat } from "../node/rpc/contract.ts";
import type { NodeClient } from "../provider/node-client.ts";
import { groupByDay, withPrevious } from "./timeline-groups.ts";
import { revisionItem, versionItem } from "./timeline-items.ts";
import type { DayNode, TimelineNode } from "./timeline-nodes.ts";
import { hereAndNow, showClocks } from "./words.ts";

const pageSize = 100;
/** Enough to say what a change was; the journal tells all. */
const changesEach = 20;

/** The versions of one file, or the changes below one folder, by days. */
export class TimelineTree implements vscode.TreeDataProvider<TimelineNode>, vscode.Disposable {
  readonly #node: NodeClient;
  readonly #changes = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changes.event;
  /** What the view should say above its items; `undefined`: nothing. */
  onMessage: (message: string | undefined) => void = () => undefined;
  #path: string | undefined;
  #limit = pageSize;

  constructor(node: NodeClient) {
    this.#node = node;
  }

  get path(): string | undefined {
    return this.#path;
  }

  /** Shows another file or folder, or nothing. */
  show(path: string | undefined): void {
    if (path === this.#path) return;
    this.#path = path;
    this.#limit = pageSize;
    this.refresh();
  }

  refresh(): void {
    this.#changes.fire(undefined);
  }

  showMore(): void {
    this.#limit += pageSize * 4;
    this.refresh();
  }

  dispose(): void {
    this.#changes.dispose();
  }

  async getChildren(node?: TimelineNode): Promise<TimelineNode[]> {
    if (node !== undefined) return node.type === "day" ? [...node.items] : [];
    const path = this.#path;
    if (path === undefined) return [];
    try {
      const stat = await this.#statOf(path);
      const items =
        stat?.kind === "folder" ? await this.#revisions(path) : await this.#versions(path);
      if (path === this.#path) this.onMessage(stat === undefined ? removedMessage : undefined);
      const days = dayNodes(items);
      return items.length < this.#limit ? days : [...days, { type: "more" }];
    } catch (error) {
      // Locked, not reachable, or never there: the welcome text of the view says it.
      if (!isCloudError(error)) throw error;
      if (path === this.#path) this.onMessage(undefined);
      return [];
    }
  }

  getTreeItem(node: TimelineNode): vscode.TreeItem {
    switch (node.type) {
      case "day": {
        const item = new vscode.TreeItem(node.day, vscode.TreeItemCollapsibleState.Expanded);
        item.contextValue = "day";
        item.id = `${this.#path ?? ""} ${node.day}`;
        return item;
      }
      case "version":
        return versionItem(node);
      case "revision":
        return revisionItem(node);
      case "more": {
        const item = new vscode.TreeItem("Show older…");
        item.command = { command: "ipcloud.timeline.showMore", title: "Show Older Versions" };
        return item;
      }
    }
  }

  async #statOf(path: string): Promise<Stat | undefined> {
    try {
      return await this.#node.request("stat", { path });
    } catch (error) {
      if (isCloudError(error, "not-found", "not-a-folder")) return undefined;
      throw error;
    }
  }

  async #versions(path: string): Promise<Dated[]> {
    const limit = this.#limit;
    const versions = await this.#node.request("log", { path, limit: limit + 1 });
    return withPrevious(versions, limit).map(({ item: version, ...rest }) => ({
      time: version.time,
      at: (clock) => ({ type: "version", path, clock, version, ...rest }),
    }));
  }

  async #revisions(path: string): Promise<Dated[]> {
    const limit = this.#limit;
    const request = { path, limit: limit + 1, changesEach };
    const revisions = await this.#node.request("journal", request);
    return withPrevious(revisions, limit).map(({ item: revision, ...rest }) => ({
      time: revision.time,
      at: (clock) => ({ type: "revision", path, clock, revision, ...rest }),
    }));
  }
}

/** What becomes a node once it is known how its time is written among its neighbours. */
interface Dated {
  readonly time: number;
  readonly at: (clock: string) => TimelineNode;
}

function dayNodes(dated: readonly Dated[]): DayNode[] {
  const here = hereAndNow();
  return groupByDay(dated, here).map(({ day, items }) => {
    const clocks = showClocks(
      items.map(({ time }) => time),
      here,
    );
    return { type: "day", day, items: items.map(({ at }, i) => at(clocks[i] ?? "")) };
  });
}

const removedMessage = "This file was removed. Any of its versions can be restored.";
