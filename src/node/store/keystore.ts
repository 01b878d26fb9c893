import { constants, existsSync } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { CloudError } from "../core/cloud-error.ts";
import { storageError } from "./storage-error.ts";
import { syncFolder } from "./sync-files.ts";

/** Where the keystore of a data folder lies. */
export function keystorePath(folder: string): string {
  return join(folder, "keystore");
}

/** Where the database of a data folder lies. */
export function databasePath(folder: string): string {
  return join(folder, "store.db");
}

/** Whether a data folder holds a drive, or what is left of one; opens and makes nothing. */
export function holdsDrive(folder: string): boolean {
  return existsSync(keystorePath(folder)) || existsSync(databasePath(folder));
}

/** Opening a pipe would wait for somebody who writes to it. Windows, without such pipes, has no flag. */
const withoutWaiting = constants.O_RDONLY | ("O_NONBLOCK" in constants ? constants.O_NONBLOCK : 0);

/**
 * The keystore of a data folder as it lies on disk; `undefined` where there is none.
 * @throws storage, also where no file stands there
 */
export async function readKeystoreFile(folder: string): Promise<Uint8Array | undefined> {
  const path = keystorePath(folder);
  let file: FileHandle | undefined;
  try {
    file = await open(path, withoutWaiting);
    if (!(await file.stat()).isFile()) {
      throw new CloudError("storage", `expected ${path} to be a file, and it is not`);
    }
    return new Uint8Array(await file.readFile());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw storageError(error, folder, "reading the keystore");
  } finally {
    await file?.close();
  }
}

/** Takes the keystore of a data folder away, durably; one that is not there is no fault. @throws storage */
export async function removeKeystoreFile(folder: string): Promise<void> {
  try {
    await rm(keystorePath(folder), { force: true });
    await syncFolder(folder, () => undefined);
  } catch (error) {
    throw storageError(error, folder, "removing the keystore");
  }
}

/**
 * Replaces the keystore of a data folder, durably and in one step: whatever happens, the old one or
 * the new one is there. Which of them after a failure only a look at it tells.
 * @throws storage-full, storage-read-only, storage
 */
export async function writeKeystoreFile(folder: string, bytes: Uint8Array): Promise<void> {
  const path = keystorePath(folder);
  const next = `${path}.next`;
  try {
    await rm(next, { force: true });
    const file = await open(next, "wx", 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(next, path);
    await syncFolder(folder, () => undefined);
  } catch (error) {
    throw storageError(error, folder, "writing the keystore");
  }
}
