import { hash } from "node:crypto";
import { closeSync, constants, openSync, readFileSync, writeSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { equalBytes } from "../../core/bytes.ts";
import { storageError } from "../storage-error.ts";
import { syncFile, syncFolder } from "../sync-files.ts";
import { readSalts } from "./log-file.ts";

const checkBytes = 8;
const saltBytes = 8;
const contentBytes = 8 + 1 + saltBytes;
const markBytes = contentBytes + checkBytes;

/** What was said last. */
export interface LogMarkContent {
  /** How many durable commits the store has acknowledged, at least. */
  readonly commits: number;
  /** Whether the log was being brought into the database, which is then not whole without it. */
  readonly isMoving: boolean;
  /** The salts of the log that was brought in last; zeros if none was. 8 bytes. */
  readonly moved: Uint8Array;
}

const noSalts = new Uint8Array(saltBytes);

/** Where the mark of a data folder lies. */
export function logMarkPath(folder: string): string {
  return join(folder, "store.mark");
}

/**
 * Count (8 bytes, big endian) ‖ whether it is moving (1) ‖ salts of the log that was moved last (8) ‖
 * the first 8 bytes of the SHA-256 of these.
 */
function encodeMark({ commits, isMoving, moved }: LogMarkContent): Uint8Array {
  const mark = Buffer.alloc(markBytes);
  mark.writeBigUInt64BE(BigInt(commits));
  mark[8] = isMoving ? 1 : 0;
  mark.set(moved, 9);
  const check = hash("sha256", mark.subarray(0, contentBytes), "buffer");
  mark.set(check.subarray(0, checkBytes), contentBytes);
  return mark;
}

/** The mark beside a store. It counts 0 beside one of an older IPCloud, or if a crash tore it. */
export function readLogMark(folder: string): LogMarkContent {
  const none = { commits: 0, isMoving: false, moved: noSalts };
  let mark: Buffer;
  try {
    mark = readFileSync(logMarkPath(folder));
  } catch {
    return none;
  }
  if (mark.length !== markBytes) return none;
  const commits = Number(mark.readBigUInt64BE());
  if (!Number.isSafeInteger(commits)) return none;
  const moved = new Uint8Array(mark.subarray(9, contentBytes));
  const content = { commits, isMoving: mark[8] === 1, moved };
  return equalBytes(mark, encodeMark(content)) ? content : none;
}

/** Has the mark of a folder say another count, durably and in one step. @throws storage and its kin */
export async function replaceLogMark(folder: string, commits: number): Promise<void> {
  const path = logMarkPath(folder);
  const next = `${path}.next`;
  try {
    await writeFile(next, encodeMark({ commits, isMoving: false, moved: noSalts }), {
      mode: 0o600,
    });
    await syncFile(next);
    await rename(next, path);
    await syncFolder(folder, () => undefined);
  } catch (error) {
    throw storageError(error, folder, "writing the mark of the log");
  }
}

/**
 * Says beside the database how many durable commits were acknowledged, so that it shows when its log
 * is lost, or a part of it: then the database has fewer.
 *
 * Invariants:
 * 1. It is written after the commit that it counts is durable, so it never promises too much.
 * 2. No commit waits for its sync: a kill loses nothing of it, and against a stop of the machine the
 *    first of each log is synced beside the event loop. A log that is lost as a whole always shows.
 * 3. It is a help: where it can't be written, commits go on without it.
 */
export class LogMark {
  readonly #folder: string;
  #content: LogMarkContent;
  #file: number | undefined;
  #isSynced = false;

  constructor(folder: string) {
    this.#folder = folder;
    this.#content = readLogMark(folder);
  }

  /** Notes a durable commit. @param commits - how many there were with it. */
  note(commits: number): void {
    if (!this.#say({ ...this.#content, commits }) || this.#isSynced) return;
    this.#isSynced = true;
    syncFile(logMarkPath(this.#folder))
      .then(() => syncFolder(this.#folder, () => undefined))
      .catch(() => undefined);
  }

  /**
   * Brings the log into the database.
   * @param move - returns whether all of it is there now.
   */
  whileMoving(logPath: string, move: () => boolean): boolean {
    if (this.#content.commits === 0) return move();
    this.#say({ ...this.#content, isMoving: true });
    const isMoved = move();
    if (isMoved) {
      this.#say({ ...this.#content, isMoving: false, moved: readSalts(logPath) ?? noSalts });
      this.#isSynced = false; // what comes is in another log
    }
    return isMoved;
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  #say(content: LogMarkContent): boolean {
    this.#content = content;
    try {
      const flags = constants.O_RDWR | constants.O_CREAT;
      this.#file ??= openSync(logMarkPath(this.#folder), flags, 0o600);
      return writeSync(this.#file, encodeMark(content), 0, markBytes, 0) === markBytes;
    } catch {
      return false;
    }
  }
}
