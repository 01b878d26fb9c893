import * as vscode from "vscode";
import type { FileVersion, JournalItem, VersionId } from "../node/rpc/contract.ts";
import { nameOf } from "../provider/drive-path.ts";
import { driveUri } from "../provider/drive-provider.ts";
import type { NodeClient } from "../provider/node-client.ts";
import { momentParts, versionParts } from "../provider/version-address.ts";
import type { RevisionNode, VersionNode } from "./timeline-nodes.ts";
import { count, fileMoment, hereAndNow, showMoment } from "./words.ts";

/** Where a version is read in the editor. */
export function versionUri(path: string, version: VersionId, time: number): vscode.Uri {
  return vscode.Uri.from(versionParts(path, version, fileMoment(time, hereAndNow())));
}

function uriOf(path: string, { version, time }: FileVersion): vscode.Uri {
  return versionUri(path, version, time);
}

/** Opens a version, read-only. */
export async function openVersion({ path, version }: VersionNode): Promise<void> {
  await vscode.commands.executeCommand("vscode.open", uriOf(path, version), { preview: true });
}

/** Shows what has changed since a version; the side of the current text can be edited. */
export async function compareWithCurrent({ path, version }: VersionNode): Promise<void> {
  const title = `${nameOf(path)} (${showMoment(version.time, hereAndNow())} ↔ current)`;
  await vscode.commands.executeCommand("vscode.diff", uriOf(path, version), driveUri(path), title);
}

/** Shows what a version changed. */
export async function compareWithPrevious(node: VersionNode): Promise<void> {
  const { path, version, previous } = node;
  if (previous === undefined) return openVersion(node);
  const here = hereAndNow();
  const title = `${nameOf(path)} (${showMoment(previous.time, here)} ↔ ${showMoment(version.time, here)})`;
  const [left, right] = [uriOf(path, previous), uriOf(path, version)];
  await vscode.commands.executeCommand("vscode.diff", left, right, title);
}

/** Makes a version the current one again; what stands there now stays in the timeline. */
export async function restoreVersion(node: NodeClient, shown: VersionNode): Promise<void> {
  const { path, version } = shown;
  if (!(await settleUnsaved(path))) return;
  await node.request("restore", { path, version: version.version });
  const when = showMoment(version.time, hereAndNow());
  vscode.window.setStatusBarMessage(`$(history) ${nameOf(path)} is as it was ${when}`, 5000);
}

/** Shows what a change did to the files below a folder, side by side. */
export async function showChanges({ path, revision, previous }: RevisionNode): Promise<void> {
  const uriAt = (file: string, at: JournalItem | undefined): vscode.Uri | undefined =>
    at === undefined ? undefined : vscode.Uri.from(momentParts(file, at.revision));
  const files = revision.changes
    .filter(({ kind }) => kind === "file")
    .map(({ type, path: file, from = file }) => [
      driveUri(file),
      type === "added" ? undefined : uriAt(from, previous),
      type === "removed" ? undefined : uriAt(file, revision),
    ]);
  const name = path === "/" ? "IPCloud" : nameOf(path);
  const title = `${name} (${showMoment(revision.time, hereAndNow())})`;
  await vscode.commands.executeCommand("vscode.changes", title, files);
}

/** Makes a folder what it was after a change, if the person really wants it. */
export async function restoreFolder(node: NodeClient, shown: RevisionNode): Promise<void> {
  const { path, revision } = shown;
  const name = path === "/" ? "the whole drive" : `"${nameOf(path)}"`;
  const restore = "Restore";
  const choice = await vscode.window.showWarningMessage(
    `Restore ${name} to ${showMoment(revision.time, hereAndNow())}?`,
    {
      modal: true,
      detail:
        "Files that came later are removed from it, changed ones go back. All of it stays in the timeline and can be brought back.",
    },
    restore,
  );
  if (choice !== restore) return;
  const { changes } = await node.request("restore", { path, at: revision.revision });
  void vscode.window.showInformationMessage(
    `IPCloud: ${name} was restored; ${count(changes, "change")}.`,
  );
}

/** Puts a version's name on the clipboard, for the command line. */
export async function copyVersionId(shown: VersionNode): Promise<void> {
  await vscode.env.clipboard.writeText(shown.version.version);
}

/** Unsaved text would be refused at its next save: it becomes a version first. @returns go on */
async function settleUnsaved(path: string): Promise<boolean> {
  const uri = driveUri(path).toString();
  const document = vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri);
  if (document?.isDirty !== true) return true;
  const save = "Save and Restore";
  const choice = await vscode.window.showWarningMessage(
    `"${nameOf(path)}" has unsaved text.`,
    { modal: true, detail: "Saved first, it stays in the timeline as a version." },
    save,
  );
  return choice === save && (await document.save());
}
