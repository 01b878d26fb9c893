import { open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { storageError } from "./storage-error.ts";
import { syncFolder } from "./sync-files.ts";

/** Where the keystore of a data folder lies. */
export function keystorePath(folder: string): string {
  return join(folder, "keystore");
}

/** The keystore of a data folder as it lies on disk; `undefined` where there is none. @throws storage */
export async function readKeystoreFile(folder: string): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await readFile(keystorePath(folder)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw storageError(error, folder, "reading the keystore");
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
