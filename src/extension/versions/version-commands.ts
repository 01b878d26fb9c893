import * as vscode from "vscode";
import { nameOf } from "../../node/core/path.ts";
import type { FileVersion, JournalItem, PathChange, VersionId } from "../../node/rpc/contract.ts";
import { driveUri } from "../../provider/drive-uri.ts";
import type { NodeClient } from "../../provider/link/node-client.ts";
import { momentParts, versionParts } from "../../provider/versions/version-address.ts";
import type { RevisionNode, VersionNode } from "../timeline/timeline-nodes.ts";
import { count, fileMoment, hereAndNow, showMoment } from "../words.ts";
import { Selection } from "./selection.ts";

/** Beyond this the editor takes long to lay them out. */
const mostShown = 200;

/** Where a version is read in the editor. */
export function versionUri(path: string, version: VersionId, time: number): vscode.Uri {
  return vscode.Uri.from(versionParts(path, version, fileMoment(time, hereAndNow())));
}

function uriOf({ place }: VersionNode, { version, time }: FileVersion): vscode.Uri {
  return versionUri(place, version, time);
}

/** Opens a version, read-only. */
export async function openVersion(shown: VersionNode): Promise<void> {
  const uri = uriOf(shown, shown.version);
  await vscode.commands.executeCommand("vscode.open", uri, { preview: true });
}

/** Shows what has changed since a version; the side of the current text can be edited. */
export async function compareWithCurrent(shown: VersionNode): Promise<void> {
  const { path, stands, version } = shown;
  if (!stands) return openVersion(shown);
  const title = `${nameOf(path)} (${showMoment(version.time, hereAndNow())} ↔ current)`;
  const [left, right] = [uriOf(shown, version), driveUri(path)];
  await vscode.commands.executeCommand("vscode.diff", left, right, title);
}

/** Shows what a version changed. */
export async function compareWithPrevious(node: VersionNode): Promise<void> {
  const { path, version, previous } = node;
  if (previous === undefined) return openVersion(node);
  const here = hereAndNow();
  const title = `${nameOf(path)} (${showMoment(previous.time, here)} ↔ ${showMoment(version.time, here)})`;
  const [left, right] = [uriOf(node, previous), uriOf(node, version)];
  await vscode.commands.executeCommand("vscode.diff", left, right, title);
}

/** Shows what a change did to the files below a folder, side by side; of very many the first. */
export async function showChanges(node: NodeClient, shown: RevisionNode): Promise<void> {
  const { path, revision, previous } = shown;
  const uriAt = (file: string, at: JournalItem | undefined): vscode.Uri | undefined =>
    at === undefined ? undefined : vscode.Uri.from(momentParts(file, at.revision));
  const changes = (await allChanges(node, shown)).filter(({ kind }) => kind === "file");
  const files = changes
    .slice(0, mostShown)
    .map(({ type, path: file, from = file }) => [
      driveUri(file),
      type === "added" ? undefined : uriAt(from, previous),
      type === "removed" ? undefined : uriAt(file, revision),
    ]);
  const name = path === "/" ? "IPCloud" : nameOf(path);
  const when = showMoment(revision.time, hereAndNow());
  const title = `${name} (${[when, ...partOf(files.length, changes.length)].join(", ")})`;
  await vscode.commands.executeCommand("vscode.changes", title, files);
}

/** Shows what has become of the files of the drive since a moment with a name. */
export async function showChangesSince(
  node: NodeClient,
  { name, revision }: { readonly name: string; readonly revision: string },
): Promise<void> {
  const all = await node.request("diff", { from: revision });
  const changes = all.filter(({ kind }) => kind === "file");
  if (changes.length === 0) {
    void vscode.window.showInformationMessage(`No file has changed since "${name}".`);
    return;
  }
  const files = changes
    .slice(0, mostShown)
    .map(({ type, path, from = path }) => [
      driveUri(path),
      type === "added" ? undefined : vscode.Uri.from(momentParts(from, revision)),
      type === "removed" ? undefined : driveUri(path),
    ]);
  const title = `IPCloud (${[`since "${name}"`, ...partOf(files.length, changes.length)].join(", ")})`;
  await vscode.commands.executeCommand("vscode.changes", title, files);
}

/** The timeline itself holds only the first changes of a large one. */
async function allChanges(
  node: NodeClient,
  { path, revision, previous }: RevisionNode,
): Promise<readonly PathChange[]> {
  if (!revision.more) return revision.changes;
  const to = revision.revision;
  const before = previous ?? (await node.request("revisions", { limit: 1, before: to }))[0];
  if (before === undefined) return revision.changes;
  return node.request("diff", { from: before.revision, to, path });
}

function partOf(shown: number, all: number): string[] {
  return shown < all ? [`first ${String(shown)} of ${count(all, "file")}`] : [];
}

/** Puts a version's name on the clipboard, for the command line. */
export async function copyVersionId(shown: VersionNode): Promise<void> {
  await vscode.env.clipboard.writeText(shown.version.version);
}

/** The version that others can be compared with; the menus show "Compare with Selected" then. */
export type SelectedVersion = Selection<VersionNode>;

export function newSelectedVersion(): SelectedVersion {
  return new Selection((isThere) => {
    void vscode.commands.executeCommand("setContext", "ipcloud.versionSelected", isThere);
  });
}

/** Shows two versions side by side, of one file or of two, the older at the left. */
export async function compareWithSelected(
  { item: selected }: SelectedVersion,
  shown: VersionNode,
): Promise<void> {
  if (selected === undefined) return;
  const both = [selected, shown].sort((a, b) => a.version.time - b.version.time);
  const [left, right] = both.map((each) => uriOf(each, each.version));
  const names = both.map(
    ({ place, version }) => `${nameOf(place)} ${showMoment(version.time, hereAndNow())}`,
  );
  await vscode.commands.executeCommand("vscode.diff", left, right, names.join(" ↔ "));
}
