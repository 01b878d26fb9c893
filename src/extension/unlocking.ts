import type { Status } from "../node/rpc/contract.ts";
import { askPassphrase, showError } from "./ask-passphrase.ts";
import type { DriveSession } from "./drive-session.ts";
import type { UnlockKey } from "./unlock-key.ts";

/** How a window unlocks the drive: by the key kept here if there is one, else by asking. */
export class Unlocking {
  readonly #session: DriveSession;
  readonly #key: UnlockKey;
  #underway: Promise<boolean> | undefined;
  #offered = false;

  constructor(session: DriveSession, key: UnlockKey) {
    this.#session = session;
    this.#key = key;
    // Who locks the drive in an open window is not asked to unlock it at once; a node that was
    // started anew is locked by nobody's wish.
    session.onDidConnect(() => {
      this.#offered = false;
    });
    session.onDidChangeState(({ kind }) => {
      if (kind === "unlocked") this.#offered = true;
    });
  }

  /**
   * For a call that found the drive locked: whether it is unlocked now. The window asks by itself
   * once for each start of the node; later only who wants to unlock is asked.
   * @returns `undefined` if nobody is being asked.
   */
  whileAsking(): Promise<boolean> | undefined {
    if (this.#underway === undefined && !this.#offered) return this.unlock();
    return this.#underway;
  }

  /** Unlocks the drive, asking if need be. @returns whether it is unlocked. */
  unlock(): Promise<boolean> {
    this.#offered = true;
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
    const question = {
      title: "Unlock IPCloud",
      prompt: "The passphrase of your drive on this computer",
    };
    return askPassphrase(question, async (passphrase) => {
      await node.request("unlock", { secret: { passphrase } });
      await this.#key.noteHand(false);
    });
  }
}
