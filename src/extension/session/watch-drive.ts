import * as vscode from "vscode";
import { openPaths } from "../../provider/documents/open-documents.ts";
import type { DriveProvider } from "../../provider/drive-provider.ts";
import type { CachedDrive } from "../../provider/memory/cached-drive.ts";
import { sentenceOf } from "../../provider/sentence.ts";
import type { RemovedFolders } from "../../provider/undo/removed-folders.ts";
import type { Unlocking } from "../account/unlocking.ts";
import { driveIsOpen } from "../documents/shown-resource.ts";
import { showError } from "../show-error.ts";
import type { DriveContext } from "./drive-context.ts";
import type { DriveSession, DriveState } from "./drive-session.ts";
import type { NodeSettings } from "./node-settings.ts";
import type { StatusBar } from "./status-bar.ts";

/** Who is told what the node tells. */
export interface DriveWatchers {
  readonly session: DriveSession;
  readonly drive: CachedDrive;
  readonly removed: RemovedFolders;
  readonly provider: DriveProvider;
  readonly statusBar: StatusBar;
  readonly driveContext: DriveContext;
  readonly unlocking: Unlocking;
  readonly settings: NodeSettings;
}

/**
 * Passes on what the node tells, for as long as the window lives.
 *
 * 1. The memory is told before the editor: the editor asks again at once.
 * 2. An unlock and "everything" forget all that was known and have the editor look again, texts
 *    included. A lock forgets all that was known and empties the Explorer; what becomes of
 *    open texts is decided elsewhere, since they may hold unsaved work (`lock/locked-tabs.ts`).
 * 3. The questions by which the Explorer is emptied are refused without the node: it may be about to
 *    stop, and they would start it again.
 */
export function watchDrive(watchers: DriveWatchers): vscode.Disposable {
  const { session, drive, removed, provider, statusBar, driveContext, unlocking, settings } =
    watchers;
  let before: DriveState["kind"] = session.state.kind;
  let isNewConnection = false;
  let saidUnavailable = false;

  const refreshExplorer = (): void => {
    drive.clear();
    if (!driveIsOpen()) return;
    void vscode.commands.executeCommand("workbench.files.action.refreshFilesExplorer");
  };
  const lookAgain = (): void => {
    refreshExplorer();
    provider.tell(openPaths().map((path) => ({ type: "changed", kind: "file", path })));
  };
  const entered = (state: DriveState): void => {
    if (state.kind === "unavailable") {
      if (!saidUnavailable) void sayUnavailable(sentenceOf(state.error), session);
      saidUnavailable = true;
    } else if (state.kind === "locked") {
      refreshExplorer();
      if (isNewConnection && driveIsOpen()) void unlocking.unlockSilently(state.status);
    } else if (state.kind === "idle") {
      if (session.isShut) refreshExplorer();
    } else if (state.kind === "unlocked") {
      lookAgain();
      settings.tell(session.node).catch(showError);
    }
    if (state.kind === "unlocked") saidUnavailable = false;
    isNewConnection = false;
  };

  driveContext.showFolders();
  driveContext.showState(session.state);
  return vscode.Disposable.from(
    session.onDidConnect(() => {
      drive.clear();
      isNewConnection = true;
    }),
    session.onDidChangeState((state) => {
      statusBar.showState(state);
      driveContext.showState(state);
      if (state.kind !== before) entered(state);
      before = state.kind;
    }),
    session.onDidChangeFiles((event) => {
      drive.took(event);
      removed.took(event);
      if (event.everything) lookAgain();
      else provider.tell(event.changes);
      void driveContext.lookForFiles();
    }),
    vscode.workspace.onDidChangeWorkspaceFolders(() => {
      driveContext.showFolders();
    }),
  );
}

async function sayUnavailable(reason: string, session: DriveSession): Promise<void> {
  const retry = "Retry";
  const choice = await vscode.window.showErrorMessage(
    `The drive can't be reached. ${reason}`,
    retry,
  );
  if (choice === retry) await session.refresh();
}
