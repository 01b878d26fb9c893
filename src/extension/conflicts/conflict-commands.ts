import * as vscode from "vscode";
import { nameOf } from "../../node/core/path.ts";
import type { BaseVersions } from "../../provider/documents/base-versions.ts";
import type { SaveConflict } from "../../provider/documents/save-file.ts";
import { activeDrivePath, drivePathOf } from "../documents/shown-resource.ts";
import { unsavedAt } from "../documents/unsaved.ts";
import { mergeResultOf } from "./conflict-tabs.ts";
import type { ConflictRow } from "./conflict-view.ts";
import type { Conflicts } from "./conflicts.ts";
import type { MergeResults } from "./merge-results.ts";
import { compareConflict, openMerge } from "./resolve-conflict.ts";
import { keepMine, saveAsCopy, takeTheirs } from "./settle-conflict.ts";

/** What the commands work on. */
export interface ConflictCommandParts {
  readonly conflicts: Conflicts;
  readonly merges: MergeResults;
  readonly bases: Pick<BaseVersions, "rebase">;
}

/** What a menu hands over: a file's URI, or a row of the view. */
type Given = vscode.Uri | ConflictRow | undefined;

/** The commands of conflicts by name, each on what a menu was opened on, or the file in front. */
export function conflictCommands({
  conflicts,
  merges,
  bases,
}: ConflictCommandParts): Readonly<Record<string, (given?: Given) => Promise<void>>> {
  const withConflict =
    (
      act: (conflict: SaveConflict) => Promise<void>,
      find = (path: string) => conflicts.newest(path),
    ) =>
    async (given?: Given): Promise<void> => {
      const path = pathOf(given, conflicts);
      if (path === undefined) {
        void vscode.window.showInformationMessage("No file in front has a conflict.");
        return;
      }
      const conflict = await find(path);
      if (conflict !== undefined) await act(conflict);
      // Nothing stands in the way any more: it was removed there, or taken back.
      else await unsavedAt(path)?.save();
    };
  return {
    "conflict.resolve": withConflict(async (conflict) => {
      if (unsavedAt(conflict.path)?.document === undefined) await compareConflict(conflict);
      else await openMerge(conflict);
    }),
    "conflict.accept": async () => {
      const uri = mergeResultOf(vscode.window.tabGroups.activeTabGroup.activeTab);
      if (uri !== undefined && (await merges.acceptActive(uri)))
        vscode.window.setStatusBarMessage(`Merged "${nameOf(uri.path)}"`, 5000);
    },
    "conflict.compare": withConflict(compareConflict),
    "conflict.keepMine": withConflict(
      (conflict) => keepMine(bases, conflict),
      // Over what the person was told of: what came since is a conflict of its own.
      async (path) => conflicts.at(path) ?? conflicts.newest(path),
    ),
    "conflict.takeTheirs": withConflict(takeTheirs),
    "conflict.saveCopy": withConflict(({ path }) => saveAsCopy(path)),
  };
}

function pathOf(given: Given, conflicts: Conflicts): string | undefined {
  const named = given instanceof vscode.Uri ? drivePathOf(given) : given?.path;
  const path = named ?? activeDrivePath();
  if (path !== undefined && conflicts.at(path) !== undefined) return path;
  const [only, ...others] = conflicts.all;
  return others.length === 0 ? only?.path : undefined;
}
