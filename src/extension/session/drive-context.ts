import * as vscode from "vscode";
import type { CachedDrive } from "../../provider/memory/cached-drive.ts";
import { driveIsOpen, onlyDriveIsOpen } from "../documents/shown-resource.ts";
import type { DriveState } from "./drive-session.ts";
import { repeatable } from "./repeatable.ts";

const seenKey = "ipcloud.timelineSeen";

/**
 * Sets what package.json's `when` clauses ask for (`ipcloud.state`, `ipcloud.empty`,
 * `ipcloud.driveOpen`, `ipcloud.onlyDriveOpen`), and opens our view when its welcome text has something to say: the editor
 * shows it collapsed, and the Explorer of a drive that can't be listed is only empty.
 */
export class DriveContext {
  readonly #drive: CachedDrive;
  readonly #memory: vscode.Memento;
  readonly #offered = new Set<string>();
  readonly #look = repeatable(() => this.#lookOnce());

  /** @param memory - remembers across windows that the person has seen the view. */
  constructor(drive: CachedDrive, memory: vscode.Memento) {
    this.#drive = drive;
    this.#memory = memory;
  }

  showState({ kind }: DriveState): void {
    set("state", kind);
    if (kind === "unlocked") void this.lookForFiles();
    else if (kind !== "idle" && kind !== "connecting") this.#openView(kind);
  }

  showFolders(): void {
    set("driveOpen", driveIsOpen());
    set("onlyDriveOpen", driveIsOpen() && onlyDriveIsOpen());
  }

  /** Finds out whether the drive is empty. */
  lookForFiles(): Promise<void> {
    return this.#look();
  }

  async #lookOnce(): Promise<void> {
    try {
      const isEmpty = (await this.#drive.list("/")).size === 0;
      set("empty", isEmpty);
      if (isEmpty) this.#openView("empty");
      else if (this.#memory.get(seenKey) !== true && this.#openView("files")) {
        await this.#memory.update(seenKey, true);
      }
    } catch {
      // The state tells why it can't be seen.
    }
  }

  /** Once for each reason, so that a person who closes the view has it closed. */
  #openView(reason: string): boolean {
    if (!driveIsOpen() || this.#offered.has(reason)) return false;
    this.#offered.add(reason);
    void vscode.commands.executeCommand("ipcloud.timeline.focus", { preserveFocus: true });
    return true;
  }
}

function set(name: string, value: unknown): void {
  void vscode.commands.executeCommand("setContext", `ipcloud.${name}`, value);
}
