import { accessSync, constants } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { CloudError } from "../core/cloud-error.ts";
import { systemErrorCode } from "./system-error.ts";

const sqliteBusy = 5;
const sqliteFull = 13;

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
 * @throws storage-read-only; storage-full; storage, if the file can't be opened or locked at all.
 */
export function takeNodeLock(file: string): NodeLock | undefined {
  const folder = dirname(file);
  if (isReadOnly(folder)) {
    throw new CloudError(
      "storage-read-only",
      `no node can run in the data folder ${folder}, for it is read-only: make it writable, or copy it to where it is`,
    );
  }
  let database: DatabaseSync | undefined;
  try {
    // A short wait inside SQLite, for two that try at once each see the other for a moment.
    database = new DatabaseSync(file, { timeout: 50 });
    // A journal in a file would need room on the disk; there is nothing to roll back.
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    const held = database;
    return {
      release: () => {
        held.close();
      },
    };
  } catch (cause) {
    database?.close();
    if (primaryCode(cause) === sqliteBusy) return undefined;
    if (primaryCode(cause) === sqliteFull) {
      throw new CloudError(
        "storage-full",
        `no node can run in the data folder ${folder}, for its disk is full; free some space and try again`,
        { cause },
      );
    }
    throw new CloudError("storage", `can't lock ${file}`, { cause });
  }
}

function isReadOnly(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return false;
  } catch (error) {
    return ["EROFS", "EACCES", "EPERM"].includes(systemErrorCode(error) ?? "");
  }
}

/** SQLite's primary result code (sqlite.org/rescode.html: the low byte), if the error is its. */
function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}
