import { join } from "node:path";
import * as vscode from "vscode";
import { connect } from "../node/rpc/client.ts";
import { BaseVersions } from "../provider/documents/base-versions.ts";
import { LargeFileGate } from "../provider/documents/large-file-gate.ts";
import { trackDocuments } from "../provider/documents/track-documents.ts";
import { DriveFiles } from "../provider/drive-files.ts";
import { DriveProvider } from "../provider/drive-provider.ts";
import { driveScheme } from "../provider/drive-uri.ts";
import { CachedDrive } from "../provider/memory/cached-drive.ts";
import { Announced } from "../provider/patience/announced.ts";
import { PatientClient } from "../provider/patience/patient-client.ts";
import { RemovedFolders } from "../provider/undo/removed-folders.ts";
import { UndoableFiles } from "../provider/undo/undoable-files.ts";
import { versionScheme } from "../provider/versions/version-address.ts";
import { VersionProvider } from "../provider/versions/version-provider.ts";
import { UnlockKey } from "./account/unlock-key.ts";
import { Unlocking } from "./account/unlocking.ts";
import { registerCommands } from "./commands.ts";
import { startConflicts } from "./conflicts/start-conflicts.ts";
import { keptBases } from "./documents/kept-bases.ts";
import { largeFileBytes } from "./documents/large-file-bytes.ts";
import { driveIsOpen } from "./documents/shown-resource.ts";
import { FindInDrive } from "./find/find-in-drive.ts";
import { GoToFile } from "./find/go-to-file.ts";
import { RecentFiles } from "./find/recent-files.ts";
import { LockedTabs } from "./lock/locked-tabs.ts";
import { ComingBack } from "./session/come-back.ts";
import { DriveContext } from "./session/drive-context.ts";
import { DriveSession } from "./session/drive-session.ts";
import { chosenHome, NodeSettings } from "./session/node-settings.ts";
import { SlowSaves } from "./session/slow-saves.ts";
import { StatusBar } from "./session/status-bar.ts";
import { watchDrive } from "./session/watch-drive.ts";
import { showError } from "./show-error.ts";
import { ActivityView } from "./tasks/activity-view.ts";
import { Reports } from "./tasks/reports.ts";
import { registerTerminalProfile } from "./terminal/terminal-profile.ts";
import type { TestAccess } from "./test-access.ts";
import { TimelineView } from "./timeline/timeline-view.ts";
import { newSelectedVersion } from "./versions/version-commands.ts";

/** How long a call waits for the node to start. */
const nodeTimeoutMs = 20_000;
/** Whoever makes a folder to put something into it does so within this time. */
const settleMs = 400;

/**
 * Registers the schemes at once, so that no call of the editor finds them missing, and everything
 * else of this window; the node is waited for inside the calls.
 */
export function activate(context: vscode.ExtensionContext): TestAccess | undefined {
  const session = openSession(context.extensionPath);
  const key = new UnlockKey(context.secrets, context.globalState);
  const unlocking = new Unlocking(session, key);
  const statusBar = new StatusBar();
  const isShut = (): boolean => session.isShut;
  const ask = (): void => {
    session.ask();
  };
  const node = new PatientClient(session.node, {
    isShut,
    unlocking: (need) => unlocking.whileAsking(need),
    need: (name, path) => documents.need(name, path),
  });
  const saves = new SlowSaves((underway) => {
    statusBar.showSaves(underway);
  });

  const drive = new CachedDrive(node);
  const bases = new BaseVersions(keptBases(context.workspaceState));
  const now = (): number => performance.now();
  const removed = new RemovedFolders(now);
  const gate = new LargeFileGate(now);
  const documents = trackDocuments({ bases, removed, gate, announced: new Announced(now) });
  const conflicts = startConflicts({ bases, drive, session });
  const plainFiles = new DriveFiles({
    drive,
    documents,
    bases,
    gate,
    largeFileBytes,
    onConflict: (conflict) => {
      conflicts.refused(conflict);
    },
  });
  const files = new UndoableFiles(plainFiles, {
    drive,
    documents,
    removed,
    onError: showError,
    settled: () => new Promise((settle) => setTimeout(settle, settleMs)),
  });
  const provider = new DriveProvider(files, {
    whileWriting: (path, write) => saves.during(() => documents.whileWriting(path, write)),
    isReload: documents.isReload,
    isShut,
    ask,
  });
  const versions = new VersionProvider({ node, gate, largeFileBytes, ask });
  const { registerFileSystemProvider } = vscode.workspace;
  const registrations = [
    registerFileSystemProvider(driveScheme, provider, { isCaseSensitive: true }),
    registerFileSystemProvider(versionScheme, versions, {
      isCaseSensitive: true,
      isReadonly: new vscode.MarkdownString("This is what the drive held before."),
    }),
  ];

  const reports = new Reports();
  const activity = new ActivityView(reports);
  const settings = new NodeSettings();
  const timeline = new TimelineView(session, { node, drive });
  const selected = newSelectedVersion();
  const recent = new RecentFiles();
  const goToFile = new GoToFile(session.node, recent);
  const finding = new FindInDrive(session.node, activity.activity);
  const comingBack = new ComingBack(session, nodeRuns);
  const driveContext = new DriveContext(drive, context.globalState);
  context.subscriptions.push(
    ...registrations,
    documents,
    conflicts,
    statusBar,
    reports,
    activity,
    timeline,
    recent,
    goToFile,
    finding,
    watchDrive({ session, drive, removed, provider, statusBar, driveContext, unlocking, settings }),
    comingBack,
    registerTerminalProfile(context),
    new LockedTabs(session, () => unlocking.unlockAndSave()),
    registerCommands({
      session,
      drive,
      unlocking,
      key,
      reports,
      activity,
      timeline,
      goToFile,
      finding,
      selected,
      conflicts: conflicts.commands,
      storage: context.globalStorageUri,
    }),
    session.onDidChangeState(({ kind }) => {
      if (kind === "locked") {
        selected.forget();
        reports.forget();
      }
      if (kind !== "unlocked") {
        finding.forget();
        recent.forget();
        goToFile.hide();
      } else if (driveIsOpen()) goToFile.warm().catch(() => undefined);
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("ipcloud.home")) void offerReload();
      else if (event.affectsConfiguration("ipcloud") && session.state.kind === "unlocked") {
        settings.tell(session.node).catch(showError);
      }
    }),
  );
  leave = async () => {
    await files.finishUndos();
    session.dispose();
  };
  void session.refresh();
  const isTest = context.extensionMode === vscode.ExtensionMode.Test;
  if (!isTest) return undefined;
  const { tree } = timeline;
  const onDidLookForNode = comingBack.onDidLook;
  return { timeline: tree, session, bases, files, onDidLookForNode, goToFile, finding };
}

/** What remains to be done when the window closes; `activate` sets it. */
let leave: () => Promise<void> = () => Promise.resolve();

/**
 * Ends what this window has begun. The editor waits for this for a few seconds, and disposes of the
 * subscriptions meanwhile: the way to the node is none of them.
 */
export async function deactivate(): Promise<void> {
  await leave();
}

/** The node is run by the program that runs this: Node itself, or Electron told to be Node. */
function openSession(extensionPath: string): DriveSession {
  const home = chosenHome();
  const launch = {
    execPath: process.execPath,
    entry: join(extensionPath, "dist", "node.mjs"),
    ...("electron" in process.versions ? { env: { ELECTRON_RUN_AS_NODE: "1" } } : {}),
  };
  return new DriveSession((hooks) => connect({ home, launch, timeoutMs: nodeTimeoutMs, ...hooks }));
}

/** Whether a node runs that this window did not start. */
async function nodeRuns(): Promise<boolean> {
  try {
    (await connect({ home: chosenHome(), timeoutMs: 2000 })).close();
    return true;
  } catch {
    return false;
  }
}

async function offerReload(): Promise<void> {
  const reload = "Reload Window";
  const choice = await vscode.window.showInformationMessage(
    "The window has to be reloaded to open another data folder.",
    reload,
  );
  if (choice === reload) await vscode.commands.executeCommand("workbench.action.reloadWindow");
}
