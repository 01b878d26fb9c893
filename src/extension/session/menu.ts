import * as vscode from "vscode";
import type { Status } from "../../node/rpc/contract.ts";
import { driveIsOpen } from "../documents/shown-resource.ts";
import type { DriveState } from "./drive-session.ts";

interface Choice extends vscode.QuickPickItem {
  readonly command?: string;
}

const separator: Choice = { label: "", kind: vscode.QuickPickItemKind.Separator };

function choice(icon: string, label: string, command: string): Choice {
  return { label: `$(${icon}) ${label}`, command: `ipcloud.${command}` };
}

function choicesFor(state: DriveState, hasKey: boolean): Choice[] {
  switch (state.kind) {
    case "idle":
    case "connecting":
    case "unavailable":
      return [choice("refresh", "Try Again", "retry")];
    case "no-account":
      return [choice("add", "Create Account…", "createAccount")];
    case "locked":
      return [
        choice("unlock", "Unlock…", "unlock"),
        ...wordsChoices(state.status),
        ...(state.status.unconfirmed?.mayBeReplaced === true
          ? [choice("add", "Create Another Account…", "createAccount")]
          : []),
      ];
    case "unlocked":
      return [
        ...wordsChoices(state.status),
        choice("lock", "Lock", "lock"),
        ...(driveIsOpen() ? [] : [choice("folder-opened", "Open Drive", "openDrive")]),
        separator,
        choice("go-to-file", "Go to File…", "goToFile"),
        choice("search", "Find in Drive…", "findInDrive"),
        separator,
        choice("cloud-upload", "Import Folder…", "importFolder"),
        choice("cloud-download", "Export…", "exportFolder"),
        separator,
        choice("history", "Show Drive Timeline", "showDriveTimeline"),
        choice("tag", "Go to Tag…", "goToTag"),
        choice("list-unordered", "Show Journal", "showJournal"),
        choice("trash", "Show Removed Files…", "showRemovedFiles"),
        separator,
        choice("verified", "Verify", "verify"),
        choice("clear-all", "Collect Garbage…", "collectGarbage"),
        separator,
        hasKey
          ? choice("key", "Ask for the Passphrase Again", "askForPassphraseAgain")
          : choice("key", "Keep Unlocked on This Computer…", "keepUnlocked"),
        choice("edit", "Change Passphrase…", "changePassphrase"),
        choice("gear", "Settings", "openSettings"),
      ];
  }
}

/** While nobody has confirmed to have the words. */
function wordsChoices({ unconfirmed }: Status): Choice[] {
  return unconfirmed === undefined ? [] : [choice("shield", "Show Recovery Words…", "showWords")];
}

/** Shows what can be done with the drive as it stands. */
export async function showMenu(state: DriveState, hasKey: boolean): Promise<void> {
  const placeHolder =
    state.kind === "unavailable" ? state.error.message : "What to do with the drive";
  const picked = await vscode.window.showQuickPick(choicesFor(state, hasKey), {
    title: "IPCloud",
    placeHolder,
  });
  if (picked?.command !== undefined) await vscode.commands.executeCommand(picked.command);
}
