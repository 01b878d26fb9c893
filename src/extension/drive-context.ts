import * as vscode from "vscode";
import type { CachedDrive } from "../provider/cached-drive.ts";
import type { DriveState } from "./drive-session.ts";
import { driveIsOpen } from "./shown-resource.ts";

/** Sets what package.json's `when` clauses ask for: `ipcloud.state`, `ipcloud.empty`, `ipcloud.driveOpen`. */
export class DriveContext {
  readonly #drive: CachedDrive;
  #looking = false;

  constructor(drive: CachedDrive) {
    this.#drive = drive;
  }

  showState({ kind }: DriveState): void {
    set("state", kind);
    if (kind === "unlocked") void this.lookForFiles();
  }

  showFolders(): void {
    set("driveOpen", driveIsOpen());
  }

  /** Finds out whether the drive is empty. */
  async lookForFiles(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      set("empty", (await this.#drive.list("/")).size === 0);
    } catch {
      // The state tells why it can't be seen.
    } finally {
      this.#looking = false;
    }
  }
}

function set(name: string, value: unknown): void {
  void vscode.commands.executeCommand("setContext", `ipcloud.${name}`, value);
}
