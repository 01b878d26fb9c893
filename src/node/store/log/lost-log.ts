import { constants, existsSync } from "node:fs";
import { copyFile, mkdir, open, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { equalBytes } from "../../core/bytes.ts";
import { CloudError } from "../../core/cloud-error.ts";
import { fileBytes } from "../database.ts";
import type { ExtentIndex } from "../extent-index.ts";
import { integerOf } from "../row-values.ts";
import { segmentPath } from "../segments.ts";
import { isWritable, storageError, systemCode } from "../storage-error.ts";
import { syncFile, syncFolder } from "../sync-files.ts";
import { commitsInLog, readSalts } from "./log-file.ts";
import { readLogMark, replaceLogMark } from "./log-mark.ts";

/** Bytes copied at once. */
const copyBytes = 4 * 1024 * 1024;

/** What a store without a whole log has left, and how it can go on. */
export interface LogLoss {
  /** What is said whenever something is to be written. */
  readonly refusal: CloudError;
  /** Goes on with what is left, from the next start on. @throws storage-full, storage */
  accept(): Promise<void>;
}

/**
 * Looks whether the log of a database has all that the mark beside it promises, before SQLite opens it:
 * SQLite would take a log that was cut for a shorter one, and in the end delete it. A log that was cut
 * after all of it was in the database file is put aside, for it would only take back what is there.
 * @returns `undefined` if nothing is missing.
 * @throws storage-full, storage
 */
export async function findLogLoss(folder: string, path: string): Promise<LogLoss | undefined> {
  const mark = readLogMark(folder);
  const logPath = `${path}-wal`;
  if (mark.commits === 0) return undefined;
  const total = readTotal(path);
  // No such table, or a page that makes no sense: whoever opens it says so.
  if (total === undefined) return undefined;
  const hasLog = fileBytes(logPath) > 0;
  const inLog = hasLog ? commitsInLog(logPath, total.page) : undefined;
  if (inLog !== undefined && inLog >= mark.commits) return undefined;
  const isFileWhole = total.commits >= mark.commits && !mark.isMoving;
  if (isFileWhole) {
    // One that was brought in as a whole, and was cut since.
    const salts = readSalts(logPath);
    const isMoved = salts !== undefined && equalBytes(salts, mark.moved);
    if (isMoved && isWritable(folder)) await putLogAside(folder, logPath);
    return undefined;
  }
  return {
    refusal: lostLogError(folder, logPath, mark.commits - total.commits),
    accept: async () => {
      const goesOnWithLog = inLog !== undefined && inLog > total.commits;
      if (hasLog) await (goesOnWithLog ? copyLog(folder, logPath) : putLogAside(folder, logPath));
      await replaceLogMark(folder, goesOnWithLog ? inLog : total.commits);
    },
  };
}

/** What the database file says without its log. */
function readTotal(path: string): { page: number; commits: number } | undefined {
  const url = pathToFileURL(path);
  url.search = "immutable=1";
  let connection: DatabaseSync | undefined;
  try {
    connection = new DatabaseSync(url, { readOnly: true });
    const table = connection
      .prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'total'")
      .get();
    const row = connection.prepare("SELECT commits FROM total").get();
    return { page: integerOf(table, "rootpage"), commits: integerOf(row, "commits") };
  } catch {
    return undefined;
  } finally {
    connection?.close();
  }
}

function lostLogError(folder: string, logPath: string, missing: number): CloudError {
  const what =
    missing === 1
      ? "the last acknowledged change is missing from"
      : missing > 1
        ? `the last ${missing.toString()} acknowledged changes are missing from`
        : "acknowledged changes may be missing from";
  return new CloudError(
    "storage-read-only",
    `${what} the store in ${folder}, for the log of its database was deleted, cut or left out of a copy: it can be read, and nothing is written. Stop the node ("ipcloud node stop") and put ${logPath} back; if there is no other, "ipcloud verify --accept-loss" goes on with what is there`,
  );
}

async function copyLog(folder: string, logPath: string): Promise<void> {
  try {
    const path = await freePath(folder);
    await copyFile(logPath, path, constants.COPYFILE_EXCL);
    await syncFile(path);
    await syncFolder(dirname(path), () => undefined);
  } catch (error) {
    throw storageError(error, folder, "keeping the log");
  }
}

async function putLogAside(folder: string, logPath: string): Promise<void> {
  try {
    const path = await freePath(folder);
    await rename(logPath, path);
    await syncFolder(dirname(path), () => undefined);
    await syncFolder(folder, () => undefined);
  } catch (error) {
    throw storageError(error, folder, "putting the log aside");
  }
}

/** A name for a log that is kept. */
async function freePath(folder: string): Promise<string> {
  const kept = await folderOfLost(folder);
  for (let number = 1; ; number++) {
    const path = join(kept, `store.db-wal.${number.toString()}`);
    if (!existsSync(path)) return path;
  }
}

/**
 * Copies what lies in segments after the last block that the database knows, for the next start cuts
 * it off: blocks whose rows were lost with the log.
 * @throws storage-full, storage
 */
export async function keepTails(
  folder: string,
  sizes: ReadonlyMap<number, number>,
  extents: ExtentIndex,
): Promise<void> {
  try {
    for (const [segment, size] of sizes) {
      const end = (await extents.endByAll(segment)) ?? 0;
      if (end < size) await keepTail(folder, segment, end);
    }
  } catch (error) {
    throw storageError(error, folder, "keeping what lies beyond the last block");
  }
}

/** @param start - where it begins; the copy is named after it. */
async function keepTail(folder: string, segment: number, start: number): Promise<void> {
  const kept = await folderOfLost(folder);
  const name = `${segment.toString().padStart(8, "0")}-${start.toString()}.tail`;
  const from = await open(segmentPath(folder, segment), "r");
  try {
    const to = await open(join(kept, name), "w", 0o600);
    try {
      const buffer = Buffer.allocUnsafeSlow(copyBytes);
      for (let position = start; ; ) {
        const { bytesRead } = await from.read(buffer, 0, copyBytes, position);
        if (bytesRead === 0) break;
        await to.writeFile(buffer.subarray(0, bytesRead));
        position += bytesRead;
      }
      await to.sync();
    } finally {
      await to.close();
    }
  } finally {
    await from.close();
  }
  await syncFolder(kept, () => undefined);
}

/** Where what a lost log leaves behind is kept; nobody deletes it. */
async function folderOfLost(folder: string): Promise<string> {
  const path = join(folder, "lost");
  await mkdir(path, { mode: 0o700 }).catch(unlessThere);
  await syncFolder(folder, () => undefined);
  return path;
}

function unlessThere(error: unknown): void {
  if (systemCode(error) !== "EEXIST") throw error;
}
