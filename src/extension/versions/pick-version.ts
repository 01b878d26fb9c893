import * as vscode from "vscode";
import { nameOf } from "../../node/core/path.ts";
import { showSize } from "../../node/core/show-size.ts";
import type { NodeClient } from "../../provider/link/node-client.ts";
import { activeDrivePath } from "../documents/shown-resource.ts";
import type { VersionNode } from "../timeline/timeline-nodes.ts";
import { readTimeline, type TimelineSource } from "../timeline/timeline-source.ts";
import { hereAndNow, showMoments } from "../words.ts";
import { restoreVersion } from "./restore-commands.ts";
import { compareWithCurrent } from "./version-commands.ts";

/** The list can be typed into: beyond this it gets slow. */
const limit = 500;

interface VersionPick extends vscode.QuickPickItem {
  readonly version: VersionNode;
}

/** Shows what the newest version of the active file changed, unsaved text included. */
export async function compareActiveWithPrevious(source: TimelineSource): Promise<void> {
  const [previous] = await earlierVersions(source, 2);
  if (previous !== undefined) await compareWithCurrent(previous);
}

/** Asks for a version of the active file and shows what has changed since. */
export async function compareActiveWithVersion(source: TimelineSource): Promise<void> {
  const picked = await pickVersion(source, "Pick what to compare with");
  if (picked !== undefined) await compareWithCurrent(picked);
}

/** Asks for a version of the active file and makes it the current one. */
export async function restoreActive(node: NodeClient, source: TimelineSource): Promise<void> {
  const picked = await pickVersion(source, "Pick what to restore");
  if (picked !== undefined) await restoreVersion(node, picked);
}

async function pickVersion(
  source: TimelineSource,
  placeHolder: string,
): Promise<VersionNode | undefined> {
  const versions = await earlierVersions(source, limit);
  const [first] = versions;
  if (first === undefined) return undefined;
  const times = versions.map(({ version }) => version.time);
  const moments = showMoments(times, hereAndNow());
  const picks = versions.map((version, i) => asPick(version, moments[i] ?? ""));
  const title = `Versions of "${nameOf(first.path)}"`;
  const options = { title, placeHolder, matchOnDescription: true };
  return (await vscode.window.showQuickPick(picks, options))?.version;
}

/** Those before the current one; says so if there are none. */
async function earlierVersions(source: TimelineSource, most: number): Promise<VersionNode[]> {
  const path = activeDrivePath();
  if (path === undefined) {
    void vscode.window.showInformationMessage("No file of the drive is open here.");
    return [];
  }
  const { items } = await readTimeline(source, path, most);
  const versions = items
    .map(({ at }) => at(""))
    .filter((node) => node.type === "version")
    .filter(({ version }) => !version.current);
  if (versions.length === 0) {
    const name = nameOf(path);
    void vscode.window.showInformationMessage(`"${name}" has no earlier version.`);
  }
  return versions;
}

function asPick(version: VersionNode, moment: string): VersionPick {
  const { device, size, path: then } = version.version;
  const moved = then === version.place ? [] : [`was ${nameOf(then)}`];
  return {
    version,
    label: `$(history) ${moment}`,
    description: [device, showSize(size), ...moved].join(" · "),
  };
}
