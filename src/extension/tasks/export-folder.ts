import { join } from "node:path";
import * as vscode from "vscode";
import { nameOf } from "../../node/core/path.ts";
import { showSize } from "../../node/core/show-size.ts";
import type { ExportReport } from "../../node/rpc/contract.ts";
import { count } from "../words.ts";
import { type Came, runLong, type Tasks } from "./progress.ts";
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
  const write = (replaceNewer: boolean): Promise<Came<ExportReport>> => {
    const params = { path, dest, ...(replaceNewer ? { replaceNewer } : {}) };
    return runLong(tasks, `Exporting ${name}`, "export", params, (report) =>
      endedOf(told(report, dest), report),
    );
  };
  let came = await write(false);
  if ("result" in came && (await mayReplace(came.result, dest))) came = await write(true);
  if ("cancelled" in came) return;
  await tellReport(reports, "Export", told(came.result, dest), came.result);
}

/** Asks whether files may be replaced that are newer than what the drive holds. */
async function mayReplace({ newer }: ExportReport, dest: string): Promise<boolean> {
  if (newer === 0) return false;
  const replace = "Replace";
  const are = newer === 1 ? "is" : "are";
  const choice = await vscode.window.showWarningMessage(
    `${count(newer, "file")} in ${dest} ${are} newer than in the drive.`,
    { modal: true, detail: "Replaced, what stands there now is lost. All else was exported." },
    replace,
  );
  return choice === replace;
}

function told({ files, bytes }: ExportReport, dest: string): string {
  return `${count(files, "file")}, ${showSize(bytes)}, went to ${dest}, where they are not encrypted`;
}
