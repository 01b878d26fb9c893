import * as vscode from "vscode";
import type { BaseVersions } from "../../provider/documents/base-versions.ts";
import { documentAt } from "../../provider/documents/open-documents.ts";
import type { SaveConflict } from "../../provider/documents/save-file.ts";
import { driveScheme } from "../../provider/drive-uri.ts";
import type { CachedDrive } from "../../provider/memory/cached-drive.ts";
import type { DriveSession } from "../session/drive-session.ts";
import { showError } from "../show-error.ts";
import { conflictCommands } from "./conflict-commands.ts";
import { tellConflict } from "./conflict-notice.ts";
import { closeConflictTabs } from "./conflict-tabs.ts";
import { ConflictView } from "./conflict-view.ts";
import { whatCame } from "./conflict-words.ts";
import { Conflicts } from "./conflicts.ts";
import { MergeResults } from "./merge-results.ts";
import { takeMerge } from "./resolve-conflict.ts";

/** Everything of this window that is about conflicts. */
export interface ConflictDesk {
  /** A save was refused. */
  readonly refused: (conflict: SaveConflict) => void;
  readonly commands: ReturnType<typeof conflictCommands>;
  dispose(): void;
}

/** What conflicts are about. */
export interface ConflictSurroundings {
  readonly bases: BaseVersions;
  readonly drive: CachedDrive;
  readonly session: DriveSession;
}

/** Registers the scheme of merges at once, and shows the conflicts that there are from now on. */
export function startConflicts({ bases, drive, session }: ConflictSurroundings): ConflictDesk {
  const conflicts = new Conflicts({ bases, drive });
  const merges = new MergeResults((merge, text) => takeMerge(bases, merge, text));
  const view = new ConflictView({
    onDidChange: conflicts.onDidChange,
    rows: () =>
      conflicts.all.map((conflict) => ({
        path: conflict.path,
        what: whatCame(conflict),
        isText: documentAt(conflict.path) !== undefined,
      })),
  });
  let wasUnlocked = false;
  const listeners = [
    session.onDidChangeState(({ kind }) => {
      const isUnlocked = kind === "unlocked";
      if (isUnlocked && !wasUnlocked) void conflicts.look();
      wasUnlocked = isUnlocked;
    }),
    // Unsaved text of an earlier window comes late, and is told as unsaved later still.
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      const { uri, isDirty } = document;
      if (contentChanges.length > 0 || !isDirty || uri.scheme !== driveScheme) return;
      if (wasUnlocked) void conflicts.look();
    }),
    conflicts.onDidEnd((conflict) => {
      closeConflictTabs(conflict).catch(showError);
    }),
  ];
  return {
    refused: (conflict) => {
      conflicts.note(conflict);
      tellConflict(conflict);
    },
    commands: conflictCommands({ conflicts, merges, bases }),
    dispose: () => {
      vscode.Disposable.from(...listeners, view, merges, conflicts).dispose();
    },
  };
}
