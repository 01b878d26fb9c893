import { statSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import type { CloudError } from "../core/cloud-error.ts";
import { LogMark } from "./log/log-mark.ts";
import { integerOf } from "./row-values.ts";
import { isFailedSync, isWritable, readOnlyError, storageError } from "./storage-error.ts";
import { syncFile } from "./sync-files.ts";
import type { OnWritePoint } from "./write-point.ts";

/** Bytes of pages in the log after which they are brought into the database file. */
const checkpointBytes = 4 * 1024 * 1024;

/** Size of a file in bytes, 0 if there is none. */
export function fileBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/**
 * The store's one connection to SQLite: a write-ahead log, and a lock on the file that no second
 * connection gets past and that dies with the process.
 *
 * Invariants:
 * 1. Nobody else in this process opens the database file: closing any descriptor of it would drop
 *    the process's POSIX lock. So its size is asked of the path, and a copy is made by SQLite.
 * 2. A transaction runs without an `await`, so no two interleave.
 * 3. A transaction that need not be durable is ordered before every later one: the log is a chain,
 *    and the sync of a later commit covers it.
 * 4. After a failed sync nothing more is written until the store is opened again: the system may
 *    have dropped pages of the log and report the next sync as good.
 */
export class Database {
  readonly path: string;
  readonly folder: string;
  /** Why nothing can be written; `undefined` if it can. */
  readonly refusal: CloudError | undefined;
  readonly #connection: DatabaseSync;
  readonly #mark: LogMark;
  readonly #onWritePoint: OnWritePoint;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #rollback: StatementSync;
  #syncing = true;
  /** At the start too, unless nothing can be written: a killed node may have left its log unsynced. */
  #unsynced: boolean;
  #failedSync: unknown;
  #logBytes = 0;
  #checkpointing = false;
  #beginLog: () => void = () => undefined;
  #isLogNew = true;
  #closed = false;

  /**
   * Opens or creates the database file at `path`.
   * @param refusal - why it is opened for reading alone, and without its log, though it could be written.
   * @throws storage-busy, if another node has it; damaged, if it isn't one; storage-read-only
   */
  constructor(folder: string, path: string, onWritePoint: OnWritePoint, refusal?: CloudError) {
    this.folder = folder;
    this.path = path;
    this.#mark = new LogMark(folder);
    const canWrite = isWritable(folder) && isWritable(path);
    this.refusal = refusal ?? (canWrite ? undefined : readOnlyError(folder));
    this.#unsynced = !this.readOnly;
    this.#onWritePoint = onWritePoint;
    let connection: DatabaseSync | undefined;
    try {
      connection = new DatabaseSync(this.#url(refusal === undefined), { readOnly: this.readOnly });
      // Exclusive: taken by the first read, kept until the end; the log needs no shared memory.
      connection.exec(
        `PRAGMA locking_mode = EXCLUSIVE; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -8000; PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = FULL;
         PRAGMA journal_size_limit = ${(4 * checkpointBytes).toString()}; PRAGMA fullfsync = ON`,
      );
      connection.prepare("SELECT count(*) FROM sqlite_schema").get();
      this.#begin = connection.prepare("BEGIN IMMEDIATE");
      this.#commit = connection.prepare("COMMIT");
      this.#rollback = connection.prepare("ROLLBACK");
      this.#connection = connection;
    } catch (error) {
      connection?.close();
      throw storageError(error, folder, "opening the database");
    }
  }

  /**
   * A file that can't be written can't be locked either. Without a log it is opened as one that
   * nobody changes, which would skip a log that a killed node left, so then only without locks.
   */
  #url(withLog: boolean): URL {
    const url = pathToFileURL(this.path);
    if (!this.readOnly) return url;
    const noLocks = process.platform === "win32" ? "win32-none" : "unix-none";
    const hasLog = withLog && fileBytes(this.logPath) > 0;
    url.search = hasLog ? `vfs=${noLocks}` : "immutable=1";
    return url;
  }

  get readOnly(): boolean {
    return this.refusal !== undefined;
  }

  /** Where the log lies while there is one. */
  get logPath(): string {
    return `${this.path}-wal`;
  }

  /** An integer that SQLite keeps about the file, as `user_version`. */
  pragma(name: string): number {
    return integerOf(this.prepare(`PRAGMA ${name}`).get(), name);
  }

  /** Runs statements that return nothing. */
  run(sql: string): void {
    try {
      this.#connection.exec(sql);
    } catch (error) {
      throw storageError(error, this.folder, "changing the database");
    }
  }

  /** @throws damaged, if a table that it names is missing. */
  prepare(sql: string): StatementSync {
    try {
      return this.#connection.prepare(sql);
    } catch (error) {
      throw storageError(error, this.folder, "opening the database");
    }
  }

  /**
   * Says what the first transaction of each log writes beside its own: the count of commits, by which
   * a log that was not brought in as a whole is told from one that is lost.
   */
  beginLogsWith(write: () => void): void {
    this.#beginLog = write;
  }

  /**
   * Runs `work` in one transaction; if it throws, nothing of it stays.
   * @param durable - whether it must be on disk on return; it then has to change something.
   * @throws storage-full, storage-read-only, damaged, storage
   */
  transaction<Result>(durable: boolean, work: () => Result): Result {
    if (this.refusal !== undefined) throw this.refusal;
    this.#mustBeWhole();
    try {
      this.#setSyncing(durable);
      this.#begin.run();
      if (this.#isLogNew) this.#beginLog();
      const result = work();
      const step = durable ? "durable commit" : "commit";
      this.#onWritePoint(`before ${step}`, this.path);
      this.#commit.run();
      this.#isLogNew = false;
      this.#unsynced = !durable;
      this.#onWritePoint(`after ${step}`, this.path);
      this.noteWritten(16 * 1024);
      return result;
    } catch (error) {
      this.#undo();
      this.#noteFailure(error);
      throw storageError(error, this.folder, "writing the database");
    }
  }

  /** Whether the last transaction may be lost if the machine stops now. */
  get unsynced(): boolean {
    return this.#unsynced;
  }

  /** Counts bytes on their way into the log, so that a checkpoint follows when they are many. */
  noteWritten(bytes: number): void {
    this.#logBytes += bytes;
    if (this.#logBytes < checkpointBytes || this.#checkpointing) return;
    this.#checkpointing = true;
    // Not in the commit that happens to fill the log, whose caller is waiting; and the log is synced
    // beside the event loop, since the checkpoint begins with that.
    void syncFile(this.logPath)
      .catch((error: unknown) => {
        this.#noteFailure(error);
      })
      .then(() => {
        this.#checkpointing = false;
        this.checkpoint();
      });
  }

  /**
   * Brings the log into the file. A full disk leaves it where it is, which loses nothing.
   * @returns whether the file has all of it now.
   */
  checkpoint(): boolean {
    if (this.#closed || this.readOnly || this.#failedSync !== undefined) return false;
    this.#logBytes = 0;
    // To say that it is being moved would call for one after a kill.
    if (fileBytes(this.logPath) === 0) return true;
    return this.#mark.whileMoving(this.logPath, () => this.#moveLog());
  }

  #moveLog(): boolean {
    try {
      this.#setSyncing(true);
      this.#onWritePoint("before checkpoint", this.path);
      const result = this.prepare("PRAGMA wal_checkpoint(PASSIVE)").get();
      this.#onWritePoint("after checkpoint", this.path);
      this.#isLogNew = true;
      return integerOf(result, "busy") === 0 && result?.["log"] === result?.["checkpointed"];
    } catch (error) {
      // The log is complete without it, and the next commit tells what is wrong with the disk.
      this.#noteFailure(error);
      return false;
    }
  }

  /** Notes beside the database that so many durable commits were made, so that a lost one shows. */
  noteCommits(commits: number): void {
    this.#mark.note(commits);
  }

  /** Brings the log into the file and gives back its space. Where that fails nothing is lost. */
  truncateLog(): void {
    if (!this.checkpoint()) return;
    try {
      this.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
    } catch (error) {
      this.#noteFailure(error);
    }
  }

  /** Gives back at most `pages` free pages at the end of the file. @returns how many are left. */
  vacuumSlice(pages: number): number {
    this.#mustBeWhole();
    if (this.#isLogNew) this.transaction(false, () => undefined);
    try {
      this.#setSyncing(false);
      this.#connection.exec(`PRAGMA incremental_vacuum(${pages.toString()})`);
    } catch (error) {
      this.#noteFailure(error);
      throw storageError(error, this.folder, "giving back free pages");
    }
    this.#unsynced = true;
    this.noteWritten(2 * pages * 4096);
    return this.pragma("freelist_count");
  }

  /** Bytes of the database and its log on disk. */
  diskBytes(): number {
    return fileBytes(this.path) + fileBytes(this.logPath);
  }

  /** Checkpoints, lets go of the lock and closes the file. */
  close(): void {
    if (this.#closed) return;
    this.checkpoint();
    this.#closed = true;
    this.#connection.close();
    this.#mark.close();
  }

  #setSyncing(syncing: boolean): void {
    if (this.#syncing === syncing) return;
    this.#connection.exec(`PRAGMA synchronous = ${syncing ? "FULL" : "NORMAL"}`);
    this.#syncing = syncing;
  }

  #noteFailure(error: unknown): void {
    if (isFailedSync(error)) this.#failedSync ??= error;
  }

  #mustBeWhole(): void {
    if (this.#failedSync === undefined) return;
    throw storageError(this.#failedSync, this.folder, "syncing the database");
  }

  #undo(): void {
    try {
      this.#rollback.run();
    } catch {
      // SQLite has rolled back by itself, as it does on a full disk.
    }
  }
}
