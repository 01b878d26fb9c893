import * as vscode from "vscode";
import type { NodeClient } from "../../provider/link/node-client.ts";
import { hereAndNow, showMoments } from "../words.ts";
import { restoreFolder } from "./restore-commands.ts";
import { showChangesSince } from "./version-commands.ts";

/** Asks for a moment that has a name, and what to do with it. */
export async function goToTag(node: NodeClient): Promise<void> {
  const tags = [...(await node.request("tags", {}))].sort((a, b) => b.time - a.time);
  if (tags.length === 0) {
    void vscode.window.showInformationMessage(
      'No moment has a tag yet. "IPCloud: Tag This Moment" gives it one.',
    );
    return;
  }
  const moments = showMoments(
    tags.map(({ time }) => time),
    hereAndNow(),
  );
  const picks = tags.map((tag, i) => ({
    tag,
    label: `$(tag) ${tag.name}`,
    description: moments[i] ?? "",
  }));
  const picked = await vscode.window.showQuickPick(picks, {
    title: "Go to Tag",
    placeHolder: "Pick a moment of the drive",
  });
  if (picked === undefined) return;
  const { name, revision, time } = picked.tag;
  const act = await vscode.window.showQuickPick(
    [
      {
        label: "$(diff-multiple) Show What Has Changed Since",
        run: () => showChangesSince(node, { name, revision }),
      },
      {
        label: "$(discard) Restore the Whole Drive to It…",
        run: () => restoreFolder(node, { path: "/", revision: { revision, time } }),
      },
    ],
    { title: `The drive as of "${name}"` },
  );
  await act?.run();
}
