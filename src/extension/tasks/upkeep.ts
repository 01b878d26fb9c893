import * as vscode from "vscode";
import { showSize } from "../../node/core/show-size.ts";
import type { Result, VerifyReport } from "../../node/rpc/contract.ts";
import { asSentence } from "../../provider/sentence.ts";
import { count } from "../words.ts";
import { runLong, type Tasks } from "./progress.ts";
import type { Reports } from "./reports.ts";

/** Checks everything that the drive keeps, and tells what is damaged. */
export async function verifyDrive(tasks: Tasks, reports: Reports): Promise<void> {
  const sound = ({ blocks }: VerifyReport): string =>
    `everything is sound; ${count(blocks, "block")} checked`;
  const came = await runLong(tasks, "Verifying the drive", "verify", {}, (report) =>
    report.ok
      ? { state: "done", text: sound(report) }
      : { state: "incomplete", text: "the drive is damaged", notes: damageLines(report) },
  );
  if ("cancelled" in came) return;
  const report = came.result;
  if (report.ok) {
    void vscode.window.showInformationMessage(asSentence(sound(report)));
    return;
  }
  const show = "Show Report";
  const choice = await vscode.window.showErrorMessage("The drive is damaged.", show);
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
export async function collectGarbage(tasks: Tasks): Promise<void> {
  const planned = await runLong(tasks, "Looking for garbage", "gc", { dryRun: true }, (plan) => ({
    state: "done",
    text: `${showSize(plan.freedBytes)} could be freed`,
  }));
  if ("cancelled" in planned) return;
  const { droppedVersions, droppedRevisions, thinnedStates, freedBytes } = planned.result;
  if (freedBytes + droppedVersions + droppedRevisions + thinnedStates === 0) {
    void vscode.window.showInformationMessage("There is nothing to free.");
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
  const freed = (report: Result<"gc">): string =>
    `freed ${showSize(report.freedBytes)} in ${count(report.freedBlocks, "block")}`;
  const came = await runLong(tasks, "Collecting garbage", "gc", {}, (report) => ({
    state: "done",
    text: freed(report),
  }));
  if ("cancelled" in came) return;
  void vscode.window.showInformationMessage(asSentence(freed(came.result)));
}
