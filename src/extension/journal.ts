import * as vscode from "vscode";
import type { JournalItem } from "../node/rpc/contract.ts";
import { nameOf } from "../provider/drive-path.ts";
import type { NodeClient } from "../provider/node-client.ts";
import type { Reports } from "./reports.ts";
import { groupByDay } from "./timeline-groups.ts";
import { hereAndNow, type Reader, showClock } from "./words.ts";

const limit = 500;
const changesEach = 50;

/** Shows what happened below a folder: when, on which device, to which path. */
export async function showJournal(node: NodeClient, reports: Reports, path: string): Promise<void> {
  const progress = { location: vscode.ProgressLocation.Window, title: "Reading the journal" };
  const items = await vscode.window.withProgress(progress, () =>
    node.request("journal", { path, limit, changesEach }),
  );
  const title = path === "/" ? "Journal" : `Journal of ${nameOf(path)}`;
  await reports.show(title, journalLines(items, hereAndNow()));
}

/** The journal as lines of text, below the days. */
export function journalLines(items: readonly JournalItem[], reader: Reader): string[] {
  if (items.length === 0) return ["Nothing has happened yet."];
  const lines = groupByDay(items, reader).flatMap(({ day, items: of }) => [
    day,
    "",
    ...of.flatMap((item) => [...itemLines(item, reader), ""]),
  ]);
  if (items.length === limit) lines.push("What is older is not shown here.");
  return lines;
}

function itemLines({ time, device, tags, changes, more }: JournalItem, reader: Reader): string[] {
  const head = [showClock(time, reader), device, ...tags.map((tag) => `#${tag}`)].join("  ");
  const rows = changes.map(
    ({ type, path, from }) =>
      `    ${type.padEnd(8)} ${from === undefined ? "" : `${from} → `}${path}`,
  );
  return [`  ${head}`, ...rows, ...(more ? ["    and more"] : [])];
}
