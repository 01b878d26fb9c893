import { basename } from "node:path";
import * as vscode from "vscode";
import { childOf, nameOf } from "../../node/core/path.ts";
import { showSize } from "../../node/core/show-size.ts";
import type { ImportReport } from "../../node/rpc/contract.ts";
import type { NodeClient } from "../../provider/link/node-client.ts";
import { statOf } from "../timeline/stat-of.ts";
import { count } from "../words.ts";
import { runLong, type Tasks } from "./progress.ts";
import type { Reports } from "./reports.ts";
import { endedOf, tellReport } from "./tell-report.ts";

/** Takes a folder of this computer into a folder of the drive. */
export async function importFolder(tasks: Tasks, reports: Reports, into: string): Promise<void> {
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
    void vscode.window.showErrorMessage("Only folders of this computer can be imported.");
    return;
  }
  const dest = await askDestination(source.fsPath, into);
  if (dest === undefined) return;
  const { node } = tasks;
  const before = {
    revision: (await node.request("status", {})).revision,
    dest,
    existed: await exists(node, dest),
  };
  const title = `Importing ${basename(source.fsPath)}`;
  const came = await runLong(tasks, title, "import", { source: source.fsPath, dest }, (report) =>
    endedOf(told(report, dest), report),
  );
  if ("cancelled" in came) await tellLeft(tasks, before, came.cancelled);
  else await tellReport(reports, "Import", told(came.result, dest), came.result);
}

/** How the drive was before an import. */
interface Before {
  readonly revision: string | undefined;
  readonly dest: string;
  readonly existed: boolean;
}

const exists = async (node: NodeClient, path: string): Promise<boolean> =>
  path === "/" || (await statOf(node, path)) !== undefined;

/** Says what a cancelled import left, and takes it out again if the person wants that. */
async function tellLeft(tasks: Tasks, before: Before, sentence: string): Promise<void> {
  const { node } = tasks;
  const { revision, dest, existed } = before;
  const isLeft =
    (await node.request("status", {})).revision !== revision && (await exists(node, dest));
  const remove = existed ? "Restore to Before the Import" : "Remove and Free";
  const choice = await vscode.window.showInformationMessage(sentence, ...(isLeft ? [remove] : []));
  if (choice !== remove) return;
  if (existed && revision !== undefined) {
    const { changes } = await node.request("restore", { path: dest, at: revision });
    const place = dest === "/" ? "The drive" : `"${nameOf(dest)}"`;
    void vscode.window.showInformationMessage(
      `${place} is as it was before the import; ${count(changes, "change")}.`,
    );
    return;
  }
  const title = `Removing ${nameOf(dest)}`;
  const came = await runLong(tasks, title, "purge", { path: dest }, (purged) => ({
    state: "done",
    text: `freed ${showSize(purged.freedBytes)}`,
  }));
  if ("cancelled" in came) return;
  void vscode.window.showInformationMessage(
    `"${nameOf(dest)}" is gone again; ${showSize(came.result.freedBytes)} are free.`,
  );
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

function told({ files, bytes, unchanged }: ImportReport, dest: string): string {
  const parts = [`${count(files, "file")}, ${showSize(bytes)}`];
  if (unchanged > 0) parts.push(`${count(unchanged, "file")} unchanged`);
  const where = dest === "/" ? "the drive" : `"${nameOf(dest)}"`;
  return `${where} has taken in ${parts.join("; ")}`;
}
