import { accessSync, constants } from "node:fs";
import { CloudError, isCloudError } from "../core/cloud-error.ts";

/** Primary result codes of SQLite, https://sqlite.org/rescode.html. */
const sqlite = {
  error: 1,
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  notADatabase: 26,
} as const;

/** SQLite's primary result code, if `error` came from it. */
function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}

/** SQLite's extended result codes of a file or folder that could not be synced. */
const failedSyncs: ReadonlySet<number> = new Set([1034, 1290]);

/** Whether the disk refused to say that what was written is there, to SQLite or to a sync here. */
export function isFailedSync(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("errcode" in error)
    return typeof error.errcode === "number" && failedSyncs.has(error.errcode);
  return "syscall" in error && (error.syscall === "fsync" || error.syscall === "fdatasync");
}

/** The system's name for what went wrong (`ENOSPC`), if `error` came from it. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Whether SQLite met a page that makes no sense, rather than a fault of the disk. */
export function isCorruption(error: unknown): boolean {
  const code = sqliteCode(error);
  if (code === sqlite.corrupt || code === sqlite.notADatabase) return true;
  // A table that is gone: the page that lists the tables was damaged.
  const lost = code === sqlite.error && error instanceof Error && error.message.includes("no such");
  return lost || isCloudError(error, "damaged");
}

/** Whether the disk refused a read, which says nothing about the bytes: it may succeed the next time. */
export function isReadFault(error: unknown): boolean {
  return sqliteCode(error) === sqlite.ioError || systemCode(error) === "EIO";
}

/** Whether files can be made, or this file changed, at `path`. */
export function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch (error) {
    return systemCode(error) === "ENOENT";
  }
}

/** What a write to a store says that can't be written. */
export function readOnlyError(folder: string, cause?: unknown): CloudError {
  return new CloudError(
    "storage-read-only",
    `the store in ${folder} can be read but not written: its disk or folder is read-only`,
    { cause },
  );
}

/**
 * The one translation of what SQLite and the file system throw.
 * @param folder - the store's folder, which the sentence names.
 * @param doing - what was being done, as `writing a segment`.
 */
export function storageError(error: unknown, folder: string, doing: string): CloudError {
  if (isCloudError(error)) return error;
  const cause = { cause: error };
  const system = systemCode(error) ?? "";
  const code = sqliteCode(error);
  if (code === sqlite.full || ["ENOSPC", "EDQUOT", "EFBIG"].includes(system)) {
    const where = `the disk that holds the store in ${folder} is full`;
    return new CloudError("storage-full", `${where}; free some space and try again`, cause);
  }
  if (code === sqlite.readOnly || ["EROFS", "EACCES", "EPERM"].includes(system)) {
    return readOnlyError(folder, error);
  }
  if (code === sqlite.busy || code === sqlite.locked) {
    return new CloudError(
      "storage-busy",
      `the store in ${folder} is in use by another node`,
      cause,
    );
  }
  if (isCorruption(error)) {
    return new CloudError(
      "damaged",
      `the database of the store in ${folder} is damaged (found while ${doing}); put back a copy of the folder`,
      cause,
    );
  }
  // A disk that turned read-only under an open file shows as a plain input/output error.
  if (code === sqlite.ioError && !isWritable(folder)) return readOnlyError(folder, error);
  const reason = error instanceof Error ? error.message : String(error);
  return new CloudError("storage", `${doing} failed in the store in ${folder}: ${reason}`, cause);
}
