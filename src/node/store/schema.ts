import { rename, rm } from "node:fs/promises";
import { CloudError } from "../core/cloud-error.ts";
import type { Database } from "./database.ts";
import { logMarkPath, readLogMark } from "./log/log-mark.ts";
import { integerOf } from "./row-values.ts";
import { storageError } from "./storage-error.ts";
import { syncFile, syncFolder } from "./sync-files.ts";
import type { OnWritePoint } from "./write-point.ts";

/** `IPCS`: tells an IPCloud store from another SQLite database. */
const applicationId = 0x49504353;
/** `IPCs`: before the first release, when a store held one space. */
const trialApplicationId = 0x49504373;

/**
 * What makes schema n + 1 of schema n; a new database takes all of them. A step is never changed
 * once a store was written with it: add another.
 */
const steps: readonly string[] = [
  // 1: every block in the database.
  `CREATE TABLE block (
     id INTEGER PRIMARY KEY, hash BLOB NOT NULL, length INTEGER NOT NULL, bytes BLOB
   );
   CREATE UNIQUE INDEX block_hash ON block (hash);
   CREATE TABLE head (
     space BLOB NOT NULL, writer BLOB NOT NULL, seq INTEGER NOT NULL,
     hash BLOB NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (space, writer, seq)
   ) WITHOUT ROWID;
   CREATE INDEX head_hash ON head (hash);
   CREATE TABLE setting (
     space BLOB NOT NULL, name TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (space, name)
   ) WITHOUT ROWID;`,
  // 2: large blocks in segments (then bytes is null), quarantine, Helia's records.
  `CREATE TABLE extent (
     id INTEGER PRIMARY KEY,
     segment INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL
   );
   CREATE INDEX extent_place ON extent (segment, offset, length);
   CREATE TABLE quarantine (id INTEGER PRIMARY KEY);
   CREATE TABLE record (name TEXT PRIMARY KEY, value BLOB NOT NULL);
   CREATE TABLE total (blocks INTEGER NOT NULL, bytes INTEGER NOT NULL);
   INSERT INTO total SELECT count(*), coalesce(sum(length), 0) FROM block;`,
  // 3: how many durable commits there were, which is also said beside the database.
  "ALTER TABLE total ADD COLUMN commits INTEGER NOT NULL DEFAULT 0;",
];

/** The schema that this IPCloud writes. */
const currentSchema = steps.length;

/** Where the copy lies that was made before a store of schema `from` was changed. */
function backupPath(database: Database, from: number): string {
  return database.path.replace(/\.db$/, `-schema-${from.toString()}.backup.db`);
}

/**
 * Brings the database to the current schema: a new one from nothing, an older one after a copy of
 * it was made beside it.
 * @throws newer, if a later IPCloud wrote it; damaged, if it isn't a store; storage-read-only
 */
export async function prepareSchema(database: Database, onWritePoint: OnWritePoint): Promise<void> {
  const found = database.pragma("user_version");
  if (found > currentSchema) {
    throw new CloudError(
      "newer",
      `the store in ${database.folder} has schema ${found.toString()}, and this IPCloud knows up to ${currentSchema.toString()}; it needs a newer IPCloud`,
    );
  }
  const fresh = found === 0 && isEmpty(database);
  const madeBy = database.pragma("application_id");
  if (madeBy === trialApplicationId) {
    throw new CloudError(
      "damaged",
      `the store in ${database.folder} was made before the first release of IPCloud, and its drive can't be read any more: move the folder away to begin anew`,
    );
  }
  if (!fresh && (found === 0 || madeBy !== applicationId)) {
    throw new CloudError("damaged", `${database.path} is a database, but not that of a store`);
  }
  const { commits: marked } = readLogMark(database.folder);
  if (found < currentSchema && marked > 0) {
    throw new CloudError(
      "damaged",
      `the database ${database.path} is older than the mark ${logMarkPath(database.folder)} beside it, which counts ${marked.toString()} changes: put its log (${database.path}-wal) or a later copy back, or remove the mark to go on without them`,
    );
  }
  if (database.readOnly) {
    if (found < currentSchema) {
      throw new CloudError(
        "storage-read-only",
        `the store in ${database.folder} has schema ${found.toString()} and must be brought to ${currentSchema.toString()} before use, but it is read-only`,
      );
    }
    return;
  }
  // Free pages can only be given back if the file was made for it.
  if (fresh) database.run("PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL");
  database.run("PRAGMA journal_mode = WAL");
  if (found === currentSchema) return;
  if (!fresh) await backUp(database, found, onWritePoint);
  database.transaction(true, () => {
    for (const step of steps.slice(found)) database.run(step);
    database.run(`PRAGMA application_id = ${applicationId.toString()}`);
    database.run(`PRAGMA user_version = ${currentSchema.toString()}`);
  });
  // So that a store whose log is lost is never taken for a new or an older one.
  database.checkpoint();
  await syncFolder(database.folder, onWritePoint);
}

/** Whether it has no table yet: new, or its making was cut short. */
function isEmpty(database: Database): boolean {
  return integerOf(database.prepare("SELECT count(*) AS n FROM sqlite_schema").get(), "n") === 0;
}

/** Copies the database as a whole: a killed copy leaves only a part file. */
async function backUp(database: Database, from: number, onWritePoint: OnWritePoint): Promise<void> {
  const path = backupPath(database, from);
  const part = `${path}.part`;
  onWritePoint("before backup", path);
  try {
    await rm(part, { force: true });
    database.prepare("VACUUM INTO ?").run(part);
    await syncFile(part);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw storageError(error, database.folder, "copying the database before its migration");
  }
  await syncFolder(database.folder, onWritePoint);
  onWritePoint("after backup", path);
}
