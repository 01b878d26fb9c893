import * as vscode from "vscode";
import { driveUri } from "../../provider/drive-uri.ts";
import type { NodeClient } from "../../provider/link/node-client.ts";
import { statOf } from "./stat-of.ts";
import type { TimelineView } from "./timeline-view.ts";

/**
 * Shows what a report names: a file in an editor, a folder in the Explorer, and of what stands there
 * no more the versions that it had.
 */
export async function showPath(
  node: NodeClient,
  timeline: Pick<TimelineView, "reveal">,
  path: string,
): Promise<void> {
  const stat = await statOf(node, path);
  if (stat === undefined) await timeline.reveal(path);
  else if (stat.kind === "folder") {
    await vscode.commands.executeCommand("revealInExplorer", driveUri(path));
  } else await vscode.commands.executeCommand("vscode.open", driveUri(path));
}
