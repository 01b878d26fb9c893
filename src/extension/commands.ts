import * as vscode from "vscode";
import type { CachedDrive } from "../provider/memory/cached-drive.ts";
import { createAccount, showWordsAgain } from "./account/create-account.ts";
import { askAgain, changePassphrase, keepUnlocked } from "./account/keep-unlocked.ts";
import type { UnlockKey } from "./account/unlock-key.ts";
import type { Unlocking } from "./account/unlocking.ts";
import { activeDrivePath, drivePathOf } from "./documents/shown-resource.ts";
import type { FindInDrive } from "./find/find-in-drive.ts";
import type { LineResult } from "./find/find-results.ts";
import type { GoToFile } from "./find/go-to-file.ts";
import { settleBeforeLock } from "./lock/settle-before-lock.ts";
import { openDriveFolder } from "./open-drive.ts";
import type { DriveSession } from "./session/drive-session.ts";
import { showMenu } from "./session/menu.ts";
import { showError } from "./show-error.ts";
import type { Task } from "./tasks/activity.ts";
import type { ActivityView } from "./tasks/activity-view.ts";
import { exportFolder } from "./tasks/export-folder.ts";
import { importFolder } from "./tasks/import-folder.ts";
import { showJournal } from "./tasks/journal.ts";
import type { Reports } from "./tasks/reports.ts";
import { collectGarbage, verifyDrive } from "./tasks/upkeep.ts";
import { showPath } from "./timeline/show-path.ts";
import type { RevisionNode, VersionNode } from "./timeline/timeline-nodes.ts";
import type { TimelineView } from "./timeline/timeline-view.ts";
import { goToTag } from "./versions/go-to-tag.ts";
import {
  compareActiveWithPrevious,
  compareActiveWithVersion,
  restoreActive,
} from "./versions/pick-version.ts";
import { showRemovedFiles } from "./versions/removed-files.ts";
import { restoreFolder, restoreVersion } from "./versions/restore-commands.ts";
import { tagMoment } from "./versions/tag-moment.ts";
import {
  compareWithCurrent,
  compareWithPrevious,
  compareWithSelected,
  copyVersionId,
  openVersion,
  type SelectedVersion,
  showChanges,
} from "./versions/version-commands.ts";

/** What the commands work on. */
export interface CommandParts {
  readonly session: DriveSession;
  readonly drive: CachedDrive;
  readonly unlocking: Unlocking;
  readonly key: UnlockKey;
  readonly reports: Reports;
  readonly activity: ActivityView;
  readonly timeline: TimelineView;
  readonly goToFile: GoToFile;
  readonly finding: FindInDrive;
  readonly selected: SelectedVersion;
  /** Those of conflicts, by name; the drive is unlocked when they run. */
  readonly conflicts: Readonly<Record<string, (...args: never[]) => Promise<void>>>;
  /** The extension's own folder for what it keeps. */
  readonly storage: vscode.Uri;
}

/** Registers every command of package.json. What fails is shown to the person. */
export function registerCommands(parts: CommandParts): vscode.Disposable {
  const {
    session,
    drive,
    unlocking,
    key,
    reports,
    activity,
    timeline,
    selected,
    conflicts,
    storage,
  } = parts;
  const { goToFile, finding } = parts;
  const { node } = session;
  const source = { node, drive };
  const tasks = { node, activity: activity.activity };

  /** For what needs the keys: makes an account or unlocks first, if the person wants to. */
  const opened = async (): Promise<boolean> => {
    const { state } = await node.request("status", {});
    if (state === "no-account") return createAccount(node);
    return state === "unlocked" || unlocking.unlock();
  };
  const whenOpened =
    <Args extends unknown[]>(action: (...args: Args) => unknown) =>
    async (...args: Args): Promise<void> => {
      if (await opened()) await action(...args);
    };

  const table: Readonly<Record<string, (...args: never[]) => unknown>> = {
    showMenu: async () => {
      const { state } = session;
      await showMenu(state, state.kind === "unlocked" && (await key.has(state.status)));
    },
    retry: () => session.refresh(),
    createAccount: async () => {
      if (await createAccount(node)) await openDriveFolder(storage);
    },
    showWords: () => showWordsAgain(node),
    unlock: () => unlocking.unlock(),
    lock: async () => {
      if (session.state.kind !== "unlocked" || (await settleBeforeLock())) await unlocking.lock();
    },
    openDrive: whenOpened(() => openDriveFolder(storage)),
    importFolder: whenOpened((uri?: vscode.Uri) => importFolder(tasks, reports, pathFor(uri))),
    exportFolder: whenOpened((uri?: vscode.Uri) => exportFolder(tasks, reports, pathFor(uri))),
    goToFile: whenOpened(() => {
      goToFile.show();
    }),
    "goToFile.openToSide": () => goToFile.openToSide(),
    findInDrive: whenOpened(() => finding.ask()),
    "find.toggleCase": () => {
      finding.toggle("matchCase");
    },
    "find.toggleWord": () => {
      finding.toggle("word");
    },
    "find.toggleRegExp": () => {
      finding.toggle("isRegExp");
    },
    "find.refresh": whenOpened(() => finding.again()),
    "find.cancel": () => {
      finding.cancel();
    },
    "find.clear": () => {
      finding.clear();
    },
    "find.openResult": (line: LineResult) => finding.open(line),
    "find.next": () => finding.step(1),
    "find.previous": () => finding.step(-1),
    showJournal: whenOpened((uri?: vscode.Uri) => showJournal(node, reports, pathFor(uri))),
    showRemovedFiles: whenOpened((uri?: vscode.Uri) => showRemovedFiles(node, pathFor(uri))),
    showVersions: whenOpened((uri?: vscode.Uri) =>
      timeline.reveal(drivePathOf(uri) ?? activeDrivePath() ?? "/"),
    ),
    showDriveTimeline: whenOpened(() => timeline.reveal("/")),
    goToTag: whenOpened(() => goToTag(node)),
    showPath: whenOpened((path: string) => showPath(node, timeline, path)),
    compareActiveWithPrevious: whenOpened(() => compareActiveWithPrevious(source)),
    compareActiveWithVersion: whenOpened(() => compareActiveWithVersion(source)),
    restoreActive: whenOpened(() => restoreActive(node, source)),
    tagMoment: whenOpened((shown?: RevisionNode) => tagMoment(node, shown)),
    verify: whenOpened(() => verifyDrive(tasks, reports)),
    collectGarbage: whenOpened(() => collectGarbage(tasks)),
    keepUnlocked: whenOpened(() => keepUnlocked(node, key)),
    askForPassphraseAgain: whenOpened(() => askAgain(node, key)),
    changePassphrase: whenOpened(() => changePassphrase(node)),
    openSettings,
    "activity.cancel": ({ id }: Task) => {
      activity.activity.cancel(id);
    },
    "activity.showNotes": (task: Task) => activity.showNotes(task),
    "activity.clear": () => {
      activity.activity.clear();
    },
    "timeline.refresh": () => {
      timeline.tree.refresh();
    },
    "timeline.showMore": () => {
      timeline.tree.showMore();
    },
    "version.open": (shown: VersionNode) => openVersion(shown),
    "version.compareWithCurrent": (shown: VersionNode) => compareWithCurrent(shown),
    "version.compareWithPrevious": (shown: VersionNode) => compareWithPrevious(shown),
    "version.selectForCompare": (shown: VersionNode) => {
      selected.select(shown);
    },
    "version.compareWithSelected": (shown: VersionNode) => compareWithSelected(selected, shown),
    "version.restore": (shown: VersionNode) => restoreVersion(node, shown),
    "version.copyId": (shown: VersionNode) => copyVersionId(shown),
    "revision.showChanges": (shown: RevisionNode) =>
      timeline.keepList(() => showChanges(node, shown)),
    "revision.restore": (shown: RevisionNode) => restoreFolder(node, shown),
    ...Object.fromEntries(
      Object.entries(conflicts).map(([name, action]) => [name, whenOpened(action)]),
    ),
  };
  const registrations = Object.entries(table).map(([name, action]) =>
    vscode.commands.registerCommand(`ipcloud.${name}`, async (...args: never[]) => {
      try {
        await action(...args);
      } catch (error) {
        showError(error);
      }
    }),
  );
  return vscode.Disposable.from(...registrations);
}

/** Where the editor runs elsewhere, what holds for this machine has a page of its own. */
function openSettings(): Thenable<unknown> {
  const page = vscode.env.remoteName === undefined ? "openSettings" : "openRemoteSettings";
  const query = "@ext:ipcloud.ipcloud";
  return vscode.commands.executeCommand(`workbench.action.${page}`, { query });
}

/** What a menu was opened on; the whole drive from elsewhere. */
function pathFor(uri: vscode.Uri | undefined): string {
  return drivePathOf(uri) ?? "/";
}
