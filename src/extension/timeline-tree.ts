import * as vscode from "vscode";
import {
  type FileVersion,
  isCloudError,
  type JournalItem,
  type Stat,
} from "../node/rpc/contract.ts";
import { driveUri } from "../provider/drive-provider.ts";
import { nameOf } from "../provider/drive-path.ts";
import type { NodeClient } from "../provider/node-client.ts";
import { groupByDay, summarize, withPrevious } from "./timeline-groups.ts";
import { count, hereAndNow, showClocks, showDay, showMoment, showSize } from "./words.ts";

/** A day with what happened on it. */
export interface DayNode {
  readonly type: "day";
  readonly day: string;
  readonly items: readonly TimelineNode[];
}

/** One version of the file that is shown. */
export interface VersionNode {
  readonly type: "version";
  /** Where the file stands now. */
  readonly path: string;
  /** When, within its day. */
  readonly clock: string;
  readonly version: FileVersion;
  /** The version before; absent for the first. */
  readonly previous?: FileVersion;
}

/** One change of the folder that is shown. */
export interface RevisionNode {
  readonly type: "revision";
  readonly path: string;
  /** When, within its day. */
  readonly clock: string;
  readonly revision: JournalItem;
  /** The change before; absent for the first. */
  readonly previous?: JournalItem;
}

/** Leads to what is older than the items shown. */
export interface MoreNode {
  readonly type: "more";
}

export type TimelineNode = DayNode | VersionNode | RevisionNode | MoreNode;

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

function versionItem(node: VersionNode): vscode.TreeItem {
  const { version, previous, path, clock } = node;
  const { time, device, size, current, saves, damaged = false } = version;
  const here = hereAndNow();
  const item = new vscode.TreeItem(clock);
  const facts = [device, damaged ? "damaged" : showSize(size)];
  const moved = version.path === path ? [] : [`was ${nameOf(version.path)}`];
  item.id = `${path} ${version.version}`;
  item.description = [...(current ? ["current"] : []), ...facts, ...moved].join(" · ");
  item.iconPath = icon(current ? "circle-filled" : damaged ? "warning" : "circle-outline", current);
  item.contextValue = [
    "version",
    current ? "current" : "earlier",
    previous === undefined ? "first" : "later",
    damaged ? "damaged" : "sound",
  ].join(" ");
  item.tooltip = [
    `${showDay(time, here)} ${new Date(time).toLocaleString()}`,
    `Written on ${device}, ${showSize(size)}${saves > 1 ? `, ${count(saves, "save")}` : ""}`,
    `At ${version.path}`,
    `Version ${version.version}`,
  ].join("\n");
  item.accessibilityInformation = {
    label: `Version of ${showMoment(time, here)}, ${[...facts, ...moved].join(", ")}${current ? ", current" : ""}`,
  };
  item.command = current
    ? { command: "vscode.open", title: "Open", arguments: [driveUri(path)] }
    : {
        command: "ipcloud.version.compareWithCurrent",
        title: "Compare with Current",
        arguments: [node],
      };
  return item;
}

function revisionItem(node: RevisionNode): vscode.TreeItem {
  const { revision, path, clock } = node;
  const { time, device, tags, changes } = revision;
  const here = hereAndNow();
  const item = new vscode.TreeItem(clock);
  const summary = [summarize(revision), ...tags.map((tag) => `#${tag}`)].join(" · ");
  item.id = `${path} ${revision.revision}`;
  item.description = `${summary} · ${device}`;
  item.iconPath = icon(tags.length > 0 ? "tag" : "circle-outline", false);
  item.contextValue = "revision";
  item.tooltip = [
    `${showDay(time, here)} ${new Date(time).toLocaleString()}, on ${device}`,
    ...changes.map(
      ({ type, path: at, from }) => `${type} ${from === undefined ? "" : `${from} → `}${at}`,
    ),
  ].join("\n");
  item.command = {
    command: "ipcloud.revision.showChanges",
    title: "Show Changes",
    arguments: [node],
  };
  item.accessibilityInformation = { label: `Change of ${showMoment(time, here)}, ${summary}` };
  return item;
}

function icon(name: string, strong: boolean): vscode.ThemeIcon {
  return strong
    ? new vscode.ThemeIcon(name, new vscode.ThemeColor("charts.green"))
    : new vscode.ThemeIcon(name);
}
