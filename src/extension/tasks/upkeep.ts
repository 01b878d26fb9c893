import * as vscode from "vscode";
import type { VerifyReport } from "../../node/rpc/contract.ts";
import type { NodeClient } from "../../provider/link/node-client.ts";
import { count, showSize } from "../words.ts";
import { runLong } from "./progress.ts";
import type { Reports } from "./reports.ts";

/** Checks everything that the drive keeps, and tells what is damaged. */
export async function verifyDrive(node: NodeClient, reports: Reports): Promise<void> {
  const report = await runLong(node, "Verifying the drive", "verify", {});
  if (report === undefined) return;
  if (report.ok) {
    void vscode.window.showInformationMessage(
      `IPCloud: everything is sound; ${count(report.blocks, "block")} checked.`,
    );
    return;
  }
  const show = "Show Report";
  const choice = await vscode.window.showErrorMessage("IPCloud: the drive is damaged.", show);
  if (choice === show) await reports.show("Damage", damageLines(report));
}

/** What is damaged and which files it concerns, as lines of text. */
export function damageLines({ damaged, problems, blocks }: VerifyReport): string[] {
  const concerned = damaged.flatMap(({ cid, paths }) => [
    "",
    `Block ${cid} is needed by`,
    ...(paths.length === 0 ? ["    no file that could be named"] : paths.map((at) => `    ${at}`)),
  ]);
  return [`${count(blocks, "block")} checked, ${count(damaged.length, "block")} damaged.`]
    .concat(concerned)
    .concat(
      problems.length === 0 ? [] : ["", "Besides:", ...problems.map((each) => `    ${each}`)],
    );
}

/** Frees what no kept version needs, if the person wants it once the amount is known. */
export async function collectGarbage(node: NodeClient): Promise<void> {
  const plan = await runLong(node, "Looking for garbage", "gc", { dryRun: true });
  if (plan === undefined) return;
  const { droppedVersions, droppedRevisions, thinnedStates, freedBytes } = plan;
  if (freedBytes + droppedVersions + droppedRevisions + thinnedStates === 0) {
    void vscode.window.showInformationMessage("IPCloud: there is nothing to free.");
    return;
  }
  const free = "Free";
  const choice = await vscode.window.showWarningMessage(
    `Free ${showSize(freedBytes)}?`,
    {
      modal: true,
      detail: `What goes: ${count(droppedVersions, "version")} and ${count(droppedRevisions, "revision")} that the retention policy keeps no longer, ${count(thinnedStates, "state")} of the whole drive close to others, and what was left over. They can't be brought back.`,
    },
    free,
  );
  if (choice !== free) return;
  const report = await runLong(node, "Collecting garbage", "gc", {});
  if (report === undefined) return;
  void vscode.window.showInformationMessage(
    `IPCloud: freed ${showSize(report.freedBytes)} in ${count(report.freedBlocks, "block")}.`,
  );
}
