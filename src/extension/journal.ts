import * as vscode from "vscode";
import { nameOf } from "../node/core/path.ts";
import type { NodeClient } from "../provider/node-client.ts";
import { journalLines } from "./journal-lines.ts";
import type { Reports } from "./reports.ts";
import { hereAndNow } from "./words.ts";

const limit = 500;
const changesEach = 50;

/** Shows what happened below a folder: when, on which device, to which path. */
export async function showJournal(node: NodeClient, reports: Reports, path: string): Promise<void> {
  const progress = { location: vscode.ProgressLocation.Window, title: "Reading the journal" };
  const items = await vscode.window.withProgress(progress, () =>
    node.request("journal", { path, limit, changesEach }),
  );
  const title = path === "/" ? "Journal" : `Journal of ${nameOf(path)}`;
  const lines = journalLines(items, hereAndNow());
  if (items.length === limit) lines.push("What is older is not shown here.");
  await reports.show(title, lines);
}
