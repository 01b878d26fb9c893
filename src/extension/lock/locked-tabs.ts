import * as vscode from "vscode";
import { nameOf } from "../../node/core/path.ts";
import { allTabs, unsavedPaths } from "../../provider/documents/open-documents.ts";
import type { DriveSession, DriveState } from "../session/drive-session.ts";
import { showError } from "../show-error.ts";
import { count } from "../words.ts";
import { type Reopen, reopening, showsDrive } from "./drive-tabs.ts";
import { keepsTabsOpen } from "./keeps-tabs-open.ts";

/**
 * Closes what shows the drive's text when it is locked, and opens it again when it is unlocked.
 *
 * 1. What is unsaved stays, whoever locked: no lock loses a text.
 * 2. Which tabs there were is known to this window's memory alone.
 * 3. Only a lock closes: a node that ended otherwise is no one's wish.
 */
export class LockedTabs implements vscode.Disposable {
  readonly #unlockAndSave: () => Promise<void>;
  readonly #listener: vscode.Disposable;
  #closed: Reopen[] = [];
  #before: DriveState["kind"];
  #underway: Promise<void> = Promise.resolve();

  /** @param unlockAndSave - for who is told that a text is unsaved still. */
  constructor(session: DriveSession, unlockAndSave: () => Promise<void>) {
    this.#unlockAndSave = unlockAndSave;
    this.#before = session.state.kind;
    this.#listener = session.onDidChangeState(({ kind }) => {
      if (kind === "locked" && this.#before === "unlocked") this.#then(() => this.#close());
      if (kind === "unlocked") this.#then(() => this.#reopen());
      this.#before = kind;
    });
  }

  dispose(): void {
    this.#listener.dispose();
  }

  #then(act: () => Promise<void>): void {
    this.#underway = this.#underway.then(act).catch(showError);
  }

  async #close(): Promise<void> {
    if (keepsTabsOpen()) return;
    const tabs = allTabs().filter((tab) => !tab.isDirty && showsDrive(tab));
    // What is in front of its group is opened last, so that it is in front again.
    const order = [...tabs].sort((a, b) => Number(a.isActive) - Number(b.isActive));
    this.#closed.push(...order.flatMap((tab) => reopening(tab) ?? []));
    await vscode.window.tabGroups.close(tabs, true);
    const unsaved = unsavedPaths().map(nameOf);
    if (unsaved.length > 0) this.#tell(unsaved).catch(showError);
  }

  async #reopen(): Promise<void> {
    const closed = this.#closed;
    this.#closed = [];
    for (const reopen of closed) await reopen();
  }

  async #tell(unsaved: readonly string[]): Promise<void> {
    const [first = ""] = unsaved;
    const what =
      unsaved.length === 1
        ? `"${first}" has unsaved changes, so it stays open`
        : `${count(unsaved.length, "file")} have unsaved changes, so they stay open`;
    const unlock = "Unlock and Save";
    const choice = await vscode.window.showWarningMessage(`The drive is locked. ${what}.`, unlock);
    if (choice === unlock) await this.#unlockAndSave();
  }
}
