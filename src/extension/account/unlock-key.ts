import { createHash, randomBytes } from "node:crypto";
import type * as vscode from "vscode";
import { isCloudError, type Status } from "../../node/rpc/contract.ts";
import type { NodeClient } from "../../provider/link/node-client.ts";

const lockedByHand = "ipcloud.lockedByHand";

/**
 * A key of the editor's own that opens the drive without the passphrase, for those who ask for it.
 * It lies in the editor's SecretStorage, which the operating system protects more or less.
 */
export class UnlockKey {
  readonly #secrets: vscode.SecretStorage;
  readonly #memory: vscode.Memento;

  /** @param memory - remembers that the person has locked the drive, across windows. */
  constructor(secrets: vscode.SecretStorage, memory: vscode.Memento) {
    this.#secrets = secrets;
    this.#memory = memory;
  }

  /** Whether a key for this data folder lies on this computer. */
  async has(status: Status): Promise<boolean> {
    return (await this.#secrets.get(nameOf(status))) !== undefined;
  }

  /**
   * Opens the drive by the key, unless the person locked it by hand.
   * @returns whether it did. A key that the drive does not know any more is dropped.
   */
  async unlock(node: NodeClient, status: Status): Promise<boolean> {
    if (this.#memory.get(lockedByHand) === true) return false;
    const key = await this.#secrets.get(nameOf(status));
    if (key === undefined) return false;
    try {
      await node.request("unlock", { secret: { key: new Uint8Array(Buffer.from(key, "base64")) } });
      return true;
    } catch (error) {
      if (!isCloudError(error, "wrong-passphrase")) throw error;
      await this.#secrets.delete(nameOf(status));
      return false;
    }
  }

  /** Makes a key and keeps it. @throws wrong-passphrase */
  async keep(node: NodeClient, status: Status, passphrase: string): Promise<void> {
    const key = randomBytes(32);
    await node.request("setSecret", {
      current: { passphrase },
      next: { key: new Uint8Array(key) },
    });
    await this.#secrets.store(nameOf(status), key.toString("base64"));
    key.fill(0);
  }

  /** Takes the key away, here and from the drive's keystore. */
  async forget(node: NodeClient, status: Status): Promise<void> {
    await this.#secrets.delete(nameOf(status));
    await node.request("removeEditorKey", {});
  }

  /** The person has locked (or unlocked) the drive: the key alone does not open it then. */
  async noteHand(locked: boolean): Promise<void> {
    await this.#memory.update(lockedByHand, locked ? true : undefined);
  }
}

/** By the data folder: the account's name is not known while it is locked. */
function nameOf({ home }: Status): string {
  return `ipcloud.unlockKey.${createHash("sha256").update(home).digest("hex").slice(0, 16)}`;
}
