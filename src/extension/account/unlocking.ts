import * as vscode from "vscode";
import type { Status } from "../../node/rpc/contract.ts";
import type { Need } from "../../provider/patience/announced.ts";
import { saveTexts } from "../documents/unsaved.ts";
import type { DriveSession } from "../session/drive-session.ts";
import { showError } from "../show-error.ts";
import { askPassphrase } from "./ask-passphrase.ts";
import type { UnlockKey } from "./unlock-key.ts";

/**
 * How a window unlocks the drive: by the key kept here if there is one, else by asking.
 *
 * 1. A node that was started anew is locked by nobody's wish: the first call asks, once.
 * 2. A drive that was locked stays locked while the editor or another extension only works by itself;
 *    a save and what a person does with files asks, whoever locked it.
 * 3. An automatic save takes nobody's keys: it offers to unlock, and fails meanwhile.
 */
export class Unlocking {
  readonly #session: DriveSession;
  readonly #key: UnlockKey;
  #underway: Promise<boolean> | undefined;
  /** Whether also what nobody needs asks. */
  #asksForAll = true;
  #isOffering = false;

  constructor(session: DriveSession, key: UnlockKey) {
    this.#session = session;
    this.#key = key;
    session.onDidConnect(() => {
      this.#asksForAll = true;
    });
    session.onDidChangeState(({ kind }) => {
      if (kind === "unlocked") this.#asksForAll = false;
    });
  }

  /**
   * For a call that found the drive locked: whether it is unlocked now.
   * @returns `undefined` if nobody is being asked.
   */
  whileAsking(need: Need): Promise<boolean> | undefined {
    if (this.#underway !== undefined) return this.#underway;
    if (need === "auto-save") return this.#forAutoSave();
    return need === "work" || this.#asksForAll ? this.unlock() : undefined;
  }

  /** Unlocks the drive, asking if need be. @returns whether it is unlocked. */
  unlock(): Promise<boolean> {
    this.#asksForAll = false;
    this.#underway ??= this.#unlock()
      .catch((error: unknown) => {
        showError(error);
        return false;
      })
      .finally(() => {
        this.#underway = undefined;
      });
    return this.#underway;
  }

  /** For who is told that texts are unsaved because the drive is locked. */
  async unlockAndSave(): Promise<void> {
    if (await this.unlock()) await saveTexts();
  }

  /** Locks the drive because the person wants it locked. */
  async lock(): Promise<void> {
    await this.#key.noteHand(true);
    await this.#session.node.request("lock", {});
    this.#asksForAll = false;
  }

  /** By the kept key alone, without a question: for a node that was started anew. */
  async unlockSilently(status: Status): Promise<void> {
    try {
      await this.#key.unlock(this.#session.node, status);
    } catch (error) {
      showError(error);
    }
  }

  async #unlock(): Promise<boolean> {
    const { node } = this.#session;
    const status = await node.request("status", {});
    if (status.state !== "locked") return status.state === "unlocked";
    if (await this.#key.unlock(node, status)) return true;
    return this.#ask();
  }

  /** By the kept key if there is one; else the person is told, and may unlock the drive later. */
  async #forAutoSave(): Promise<boolean> {
    const { node } = this.#session;
    const status = await node.request("status", {});
    if (status.state !== "locked") return status.state === "unlocked";
    if (await this.#key.unlock(node, status)) return true;
    if (!this.#isOffering) {
      this.#isOffering = true;
      this.#offer()
        .catch(showError)
        .finally(() => {
          this.#isOffering = false;
        });
    }
    return false;
  }

  async #offer(): Promise<void> {
    const unlock = "Unlock";
    const choice = await vscode.window.showWarningMessage(
      "The drive is locked, so your changes are not saved yet.",
      unlock,
    );
    if (choice === unlock) await this.unlockAndSave();
  }

  /** Until it is unlocked, here or by another window or the command line. */
  async #ask(): Promise<boolean> {
    const { node } = this.#session;
    const elsewhere = new AbortController();
    const listener = this.#session.onDidChangeState(({ kind }) => {
      if (kind === "unlocked") elsewhere.abort();
    });
    const question = {
      title: "Unlock IPCloud",
      prompt: "The passphrase of your drive on this computer",
    };
    const accept = async (passphrase: string): Promise<void> => {
      await node.request("unlock", { secret: { passphrase } });
      await this.#key.noteHand(false);
    };
    try {
      return await askPassphrase(question, accept, elsewhere.signal);
    } finally {
      listener.dispose();
    }
  }
}
