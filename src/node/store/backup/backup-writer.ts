import { toHex } from "../../core/bytes.ts";
import { showCid } from "../../core/cid.ts";
import { CloudError } from "../../core/cloud-error.ts";
import { asBlockId } from "../../core/ids.ts";
import { readKeystoreFile, writeKeystoreFile } from "../keystore.ts";
import type { LocalStore } from "../local-store.ts";
import { openStore } from "../open-store.ts";
import type { Collection } from "../store.ts";
import type { BackupCalls, CopiedBlock, FinishedBackup, OpenBackup } from "./backup-calls.ts";
import { finishBackupFolder, openBackupFolder } from "./backup-folder.ts";

const idBytes = 32;
/** The keystore counts as changed before the rows do, but for the first backup. */
type Step = () => Promise<void>;

/**
 * Writes the backup of one data folder: a store of its own that gets every block of the other, and
 * then, by one transaction, its heads and settings.
 *
 * Invariants:
 * 1. Until `finish` the folder is the last good backup, however the process ends: blocks are only
 *    added, and nothing refers to them.
 * 2. What is removed is removed after it, and the source doesn't have it any more.
 * 3. A keystore is never older than the heads beside it: it opens all that they lead to. Of a first
 *    backup it comes last, so that there is no drive to be opened before it is whole.
 */
export class BackupWriter {
  readonly #onGoingOn: () => void;
  #folder = "";
  #store: LocalStore | undefined;
  #collection: Collection | undefined;

  /** @param onGoingOn - told now and then during what takes long. */
  constructor(onGoingOn: () => void) {
    this.#onGoingOn = onGoingOn;
  }

  async open({ folder, home, spaces }: OpenBackup): Promise<undefined> {
    await openBackupFolder(folder, home);
    this.#folder = folder;
    const store = await openStore(folder);
    this.#store = store;
    const held = store.spaces().map(toHex);
    if (held.length > 0 && !held.some((space) => spaces.includes(space))) {
      const shown = JSON.stringify(folder);
      throw new CloudError(
        "conflict",
        `${shown} is the backup of another drive: choose another folder`,
      );
    }
    return undefined;
  }

  async check(): Promise<BackupCalls["check"]["gives"]> {
    const { damaged, problems } = await this.#opened().check({ onProgress: this.#onGoingOn });
    return { damaged: damaged.length, problems };
  }

  missing(ids: Uint8Array): Promise<readonly number[]> {
    const store = this.#opened();
    this.#collection ??= store.collect();
    const missing: number[] = [];
    for (let i = 0; i * idBytes < ids.length; i++) {
      const id = asBlockId(ids.slice(i * idBytes, (i + 1) * idBytes));
      this.#collection.mark(id);
      if (!store.has(id)) missing.push(i);
    }
    return Promise.resolve(missing);
  }

  async put(blocks: readonly CopiedBlock[]): Promise<undefined> {
    const store = this.#opened();
    const batch = store.begin();
    const copies = blocks.map(({ id, bytes }) => ({ id: asBlockId(id), bytes }));
    for (const block of copies) batch.put(block);
    await batch.commit();
    for (const { id } of copies) {
      this.#onGoingOn();
      // Hashed as every read is.
      const read = await store.get(id).catch(() => undefined);
      if (read !== undefined) continue;
      const message = `block ${showCid(id)} was written to ${JSON.stringify(this.#folder)} and can't be read back: the disk there may be failing`;
      throw new CloudError("storage", message);
    }
    return undefined;
  }

  async finish({ rows, keystore }: FinishedBackup): Promise<undefined> {
    const store = this.#opened();
    const writeRows: Step = () => {
      store.replaceRows(rows);
      return Promise.resolve();
    };
    const writeKeystore: Step = () => writeKeystoreFile(this.#folder, keystore);
    const isFirst = (await readKeystoreFile(this.#folder)) === undefined;
    for (const step of isFirst ? [writeRows, writeKeystore] : [writeKeystore, writeRows]) {
      await step();
    }
    await finishBackupFolder(this.#folder, Date.now());
    return undefined;
  }

  async sweep(): Promise<{ freedBytes: number }> {
    const collection = this.#collection ?? this.#opened().collect();
    this.#collection = undefined;
    const { freedBytes } = await collection.sweep();
    return { freedBytes };
  }

  /** Closes the store, whatever is under way. */
  async close(): Promise<void> {
    await this.#store?.close();
  }

  #opened(): LocalStore {
    if (this.#store !== undefined) return this.#store;
    throw new CloudError("unexpected", "the backup was not opened");
  }
}
