import { join } from "node:path";
import * as vscode from "vscode";
import { nameOf } from "../../node/core/path.ts";
import type { NodeClient } from "../../provider/link/node-client.ts";
import { count, showSize } from "../words.ts";
import { runLong } from "./progress.ts";
import type { Reports } from "./reports.ts";
import { tellReport } from "./tell-report.ts";

/** Writes a folder or file of the drive, readable, into a folder of this computer. */
export async function exportFolder(
  node: NodeClient,
  reports: Reports,
  path: string,
): Promise<void> {
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
    void vscode.window.showErrorMessage("IPCloud: an export goes to a folder of this computer.");
    return;
  }
  const dest = join(target.fsPath, name);
  const report = await runLong(node, `Exporting ${name}`, "export", { path, dest });
  if (report === undefined) return;
  const { files, bytes } = report;
  const went = `${count(files, "file")}, ${showSize(bytes)}, went to ${dest}, where they are not encrypted`;
  await tellReport(reports, "Export", went, report);
}
