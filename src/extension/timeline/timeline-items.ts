import * as vscode from "vscode";
import { nameOf } from "../../node/core/path.ts";
import { showSize } from "../../node/core/show-size.ts";
import { driveUri } from "../../provider/drive-uri.ts";
import { count, hereAndNow, showDay, showMoment } from "../words.ts";
import { summarize } from "./timeline-groups.ts";
import type { RevisionNode, VersionNode } from "./timeline-nodes.ts";

/**
 * A version as a row: a click compares it with the current text, or opens the current one. Where
 * nothing stands any more it opens the version itself.
 */
export function versionItem(node: VersionNode): vscode.TreeItem {
  const { version, previous, path, place, stands, clock } = node;
  const { time, device, size, current, saves, restoredFrom, damaged = false } = version;
  const here = hereAndNow();
  const item = new vscode.TreeItem(clock);
  const restored =
    restoredFrom === undefined ? [] : [`Restored from ${showMoment(restoredFrom, here)}`];
  const facts = [...restored, device, damaged ? "damaged" : showSize(size)];
  const moved = version.path === place ? [] : [`was ${nameOf(version.path)}`];
  item.id = `${path} ${version.version}`;
  item.description = [...(current ? ["current"] : []), ...facts, ...moved].join(" · ");
  item.iconPath = icon(current ? "circle-filled" : damaged ? "warning" : "circle-outline", current);
  item.contextValue = [
    "version",
    current ? "current" : stands ? "earlier" : "removed",
    previous === undefined ? "first" : "later",
    damaged ? "damaged" : "sound",
  ].join(" ");
  item.tooltip = [
    `${showDay(time, here)} ${new Date(time).toLocaleString()}`,
    ...restored,
    `Written on ${device}, ${showSize(size)}${saves > 1 ? `, ${count(saves, "save")}` : ""}`,
    `At ${version.path}`,
    `Version ${version.version}`,
  ].join("\n");
  item.accessibilityInformation = {
    label: `Version of ${showMoment(time, here)}, ${[...facts, ...moved].join(", ")}${current ? ", current" : ""}`,
  };
  item.command = versionCommand(node);
  return item;
}

function versionCommand(node: VersionNode): vscode.Command {
  const { path, stands, version } = node;
  if (version.current) {
    return { command: "vscode.open", title: "Open", arguments: [driveUri(path)] };
  }
  return stands
    ? {
        command: "ipcloud.version.compareWithCurrent",
        title: "Compare with Current",
        arguments: [node],
      }
    : { command: "ipcloud.version.open", title: "Open This Version", arguments: [node] };
}

/** A change below a folder as a row: a click shows it side by side. */
export function revisionItem(node: RevisionNode): vscode.TreeItem {
  const { revision, path, clock } = node;
  const { time, device, tags, changes } = revision;
  const here = hereAndNow();
  const item = new vscode.TreeItem(clock);
  const summary = [...tags.map((tag) => `#${tag}`), summarize(revision, here)].join(" · ");
  item.id = `${path} ${revision.revision}`;
  item.description = `${summary} · ${device}`;
  item.iconPath = icon(tags.length > 0 ? "tag" : "circle-outline", false);
  item.contextValue = "revision";
  item.tooltip = [
    `${showDay(time, here)} ${new Date(time).toLocaleString()}, on ${device}`,
    ...changes.map(({ type, path: at, from, restoredFrom }) =>
      restoredFrom === undefined
        ? `${type} ${from === undefined ? "" : `${from} → `}${at}`
        : `restored ${at} from ${showMoment(restoredFrom, here)}`,
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
