import { join } from "node:path";
import * as vscode from "vscode";
import { nameOf } from "../../node/core/path.ts";
import { showSize } from "../../node/core/show-size.ts";
import type { ExportReport } from "../../node/rpc/contract.ts";
import { count } from "../words.ts";
import { runLong, type Tasks } from "./progress.ts";
import type { Reports } from "./reports.ts";
import { endedOf, tellReport } from "./tell-report.ts";

/** Writes a folder or file of the drive, readable, into a folder of this computer. */
export async function exportFolder(tasks: Tasks, reports: Reports, path: string): Promise<void> {
  const name = path === "/" ? "IPCloud" : nameOf(path);
  const [target] =
    (await vscode.window.showOpenDialog({
      title: `Export "${name}"`,
      openLabel: "Export Here",
      canSelectFolders: true,
      canSelectFiles: false,
      canSelectMany: false,
    })) ?? [];
  if (target === undefined) return;
  if (target.scheme !== "file") {
    void vscode.window.showErrorMessage("An export goes to a folder of this computer.");
    return;
  }
  const dest = join(target.fsPath, name);
  const title = `Exporting ${name}`;
  const came = await runLong(tasks, title, "export", { path, dest }, (report) =>
    endedOf(told(report, dest), report),
  );
  if ("cancelled" in came) return;
  await tellReport(reports, "Export", told(came.result, dest), came.result);
}

function told({ files, bytes }: ExportReport, dest: string): string {
  return `${count(files, "file")}, ${showSize(bytes)}, went to ${dest}, where they are not encrypted`;
}
