import { DatabaseSync } from "node:sqlite";
import { CloudError } from "../core/cloud-error.ts";

/** The right to be the one node of a data folder, held until it is released or the process ends. */
export interface NodeLock {
  release(): void;
}

/**
 * Takes the lock of a data folder. It is SQLite's exclusive lock on a file that stays empty: a lock
 * of the operating system on every platform, which ends with the process, however that dies.
 * @param file - made if it is missing, never written to. Opening and closing it by other means
 * within the same process would drop the lock on POSIX systems.
 * @returns `undefined` if another process holds it.
 * @throws storage, if the file can't be opened or locked at all.
 */
export function takeNodeLock(file: string): NodeLock | undefined {
  let database: DatabaseSync | undefined;
  try {
    // A short wait inside SQLite, for two that try at once each see the other for a moment.
    database = new DatabaseSync(file, { timeout: 50 });
    database.exec("BEGIN EXCLUSIVE");
    const held = database;
    return {
      release: () => {
        held.close();
      },
    };
  } catch (cause) {
    database?.close();
    if (isBusy(cause)) return undefined;
    throw new CloudError("storage", `can't lock ${file}`, { cause });
  }
}

/** SQLITE_BUSY, whatever its extension (sqlite.org/rescode.html: the low byte is the primary code). */
function isBusy(error: unknown): boolean {
  return (
    error instanceof Error &&
    "errcode" in error &&
    typeof error.errcode === "number" &&
    (error.errcode & 0xff) === 5
  );
}
