import { basename } from "node:path";
import * as vscode from "vscode";
import { childOf, nameOf } from "../../node/core/path.ts";
import type { ImportReport } from "../../node/rpc/contract.ts";
import type { NodeClient } from "../../provider/link/node-client.ts";
import { count, showSize } from "../words.ts";
import { runLong } from "./progress.ts";
import type { Reports } from "./reports.ts";
import { tellReport } from "./tell-report.ts";

/** Takes a folder of this computer into a folder of the drive. */
export async function importFolder(
  node: NodeClient,
  reports: Reports,
  into: string,
): Promise<void> {
  const [source] =
    (await vscode.window.showOpenDialog({
      title: "Import a Folder into the Drive",
      openLabel: "Import",
      canSelectFolders: true,
      canSelectFiles: false,
      canSelectMany: false,
    })) ?? [];
  if (source === undefined) return;
  if (source.scheme !== "file") {
    void vscode.window.showErrorMessage("IPCloud: only folders of this computer can be imported.");
    return;
  }
  const dest = await askDestination(source.fsPath, into);
  if (dest === undefined) return;
  const report = await runLong(node, `Importing ${basename(source.fsPath)}`, "import", {
    source: source.fsPath,
    dest,
  });
  if (report !== undefined) await tell(report, dest, reports);
}

/** The contents of the folder go there. */
async function askDestination(source: string, into: string): Promise<string | undefined> {
  const own = childOf(into, basename(source));
  const place = into === "/" ? "the drive itself" : `"${nameOf(into)}" itself`;
  const picks = [
    { label: `$(new-folder) Into ${own.slice(1)}`, description: "a folder of its name", dest: own },
    { label: `$(folder) Into ${place}`, description: "beside what is there", dest: into },
  ];
  const picked = await vscode.window.showQuickPick(picks, {
    title: `Import "${basename(source)}"`,
    placeHolder: "Where should its contents go? Nothing that is there is deleted",
  });
  return picked?.dest;
}

async function tell(report: ImportReport, dest: string, reports: Reports): Promise<void> {
  const { files, bytes, unchanged } = report;
  const parts = [`${count(files, "file")}, ${showSize(bytes)}`];
  if (unchanged > 0) parts.push(`${count(unchanged, "file")} unchanged`);
  const where = dest === "/" ? "the drive" : `"${nameOf(dest)}"`;
  await tellReport(reports, "Import", `${where} has taken in ${parts.join("; ")}`, report);
}
