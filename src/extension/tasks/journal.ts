import * as vscode from "vscode";
import type { NodeClient } from "../../provider/link/node-client.ts";
import { hereAndNow } from "../words.ts";
import { journalLines } from "./journal-lines.ts";
import { type LinkedLine, linkedLine } from "./linked-line.ts";
import type { Reports } from "./reports.ts";

const limit = 500;
const changesEach = 50;

/** Shows what happened below a folder: when, on which device, to which path. */
export async function showJournal(node: NodeClient, reports: Reports, path: string): Promise<void> {
  const progress = { location: vscode.ProgressLocation.Window, title: "Reading the journal" };
  const items = await vscode.window.withProgress(progress, () =>
    node.request("journal", { path, limit, changesEach }),
  );
  const head = linkedLine(["What happened in ", { path }]);
  const lines: LinkedLine[] = path === "/" ? [] : [head, linkedLine([])];
  lines.push(...journalLines(items, hereAndNow()));
  if (items.length === limit) lines.push(linkedLine(["What is older is not shown here."]));
  await reports.show("Journal", lines);
}
