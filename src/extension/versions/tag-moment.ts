import * as vscode from "vscode";
import type { NodeClient } from "../../provider/link/node-client.ts";
import type { RevisionNode } from "../timeline/timeline-nodes.ts";
import { hereAndNow, showMoment } from "../words.ts";

/**
 * Names the drive as it is, or as it was after a change: a moment with a name is kept whatever the
 * retention says.
 */
export async function tagMoment(node: NodeClient, shown?: RevisionNode): Promise<void> {
  const at = shown?.revision;
  const when = at === undefined ? "as it is now" : `as it was ${showMoment(at.time, hereAndNow())}`;
  const taken = new Set((await node.request("tags", {})).map(({ name }) => name));
  const name = await vscode.window.showInputBox({
    title: `Tag the Drive ${when}`,
    prompt: "A moment with a tag is kept whatever the retention says.",
    placeHolder: "before-the-move",
    validateInput: (typed) => {
      if (typed.trim() === "") return "A tag needs a name.";
      return taken.has(typed) ? "There is a tag of that name." : undefined;
    },
  });
  if (name === undefined) return;
  await node.request("tag", { name, ...(at === undefined ? {} : { at: at.revision }) });
  void vscode.window.showInformationMessage(`The drive ${when} is tagged "${name}".`);
}
