import * as vscode from "vscode";
import { isCloudError } from "../../node/rpc/contract.ts";
import type { DriveSession } from "../session/drive-session.ts";
import { hereAndNow, showClocks } from "../words.ts";
import { groupByDay } from "./timeline-groups.ts";
import { revisionItem, versionItem } from "./timeline-items.ts";
import type { DayNode, TimelineNode } from "./timeline-nodes.ts";
import { type Dated, readTimeline, type TimelineSource } from "./timeline-source.ts";

const pageSize = 100;

/**
 * The versions of one file, or the changes below one folder, by days. Asks nothing of the node
 * unless the drive is unlocked: a view that is only open must not start it.
 */
export class TimelineTree implements vscode.TreeDataProvider<TimelineNode>, vscode.Disposable {
  readonly #session: Pick<DriveSession, "state">;
  readonly #source: TimelineSource;
  readonly #changes = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changes.event;
  /** What the view should say above its items; `undefined`: nothing. */
  onMessage: (message: string | undefined) => void = () => undefined;
  #path: string | undefined;
  #place: string | undefined;
  #limit = pageSize;

  constructor(session: Pick<DriveSession, "state">, source: TimelineSource) {
    this.#session = session;
    this.#source = source;
  }

  get path(): string | undefined {
    return this.#path;
  }

  /** The paths whose changes it shows: as the editor names it, and where links lead. */
  get paths(): string[] {
    return [this.#path, this.#place].filter((path) => path !== undefined);
  }

  /** Shows another file or folder, or nothing. */
  show(path: string | undefined): void {
    if (path === this.#path) return;
    this.#path = path;
    this.#place = undefined;
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
    if (path === undefined || this.#session.state.kind !== "unlocked") {
      this.onMessage(undefined);
      return [];
    }
    try {
      const { place, stands, items } = await readTimeline(this.#source, path, this.#limit);
      if (path === this.#path) {
        this.#place = place;
        this.onMessage(stands ? undefined : removedMessage);
      }
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
