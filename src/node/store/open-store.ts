import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { fromUtf8, toUtf8 } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import { makeFolders } from "../platform/make-folders.ts";
import { BlockIndex } from "./block-index.ts";
import { Database, fileBytes } from "./database.ts";
import { ExtentIndex } from "./extent-index.ts";
import { databasePath, keystorePath } from "./keystore.ts";
import { LocalStore } from "./local-store.ts";
import { findLogLoss } from "./log/lost-log.ts";
import { lentRow, NamedRows } from "./named-rows.ts";
import { PaddingShare } from "./padding-share.ts";
import { prepareSchema } from "./schema.ts";
import { type LentNote, listSegments, Segments } from "./segments.ts";
import { isWritable, storageError } from "./storage-error.ts";
import type { OnWritePoint } from "./write-point.ts";

/** Options of {@link openStore}; the defaults are what a node uses. */
export interface OpenStoreOptions {
  /** Blocks longer than so many bytes go to a segment. Default: 16 KiB. */
  readonly inlineBytes?: number;
  /** Bytes from which a segment is full. Default: 256 MiB. */
  readonly segmentBytes?: number;
  /**
   * Bytes of blocks in the database from which a collection moves them into a segment. Default: 1 MiB,
   * for less isn't worth the syncs.
   */
  readonly leastMovedBytes?: number;
  /** For tests of crashes: told before and after every step that changes the disk. */
  readonly onWritePoint?: OnWritePoint;
}

/**
 * Opens the store in `folder` and makes one if there is none. A store on a read-only disk is opened
 * for reading, and so is one that has lost commits with its log: see {@link Store.refusal}. Orphans
 * that a killed node left are removed.
 * @throws storage-busy, if another node has it; newer; damaged; storage-full; storage-read-only;
 * storage
 */
export async function openStore(
  folder: string,
  options: OpenStoreOptions = {},
): Promise<LocalStore> {
  const {
    inlineBytes = 16 * 1024,
    segmentBytes = 256 * 1024 * 1024,
    leastMovedBytes = 1024 * 1024,
    onWritePoint = () => undefined,
  } = options;
  const path = databasePath(folder);
  await prepareFolder(folder, path);
  const loss = await findLogLoss(folder, path);
  const database = new Database(folder, path, onWritePoint, loss?.refusal);
  try {
    await prepareSchema(database, onWritePoint);
    const index = new BlockIndex(database);
    const extents = new ExtentIndex(database);
    const rows = new NamedRows(database);
    const { refusal } = database;
    const settleRows = (): boolean => index.settle();
    const lent = lentNote(index, rows);
    const segments = await Segments.open(
      { folder, refusal, segmentBytes, onWritePoint, settleRows, lent },
      extents,
    );
    const padding = new PaddingShare(database, index);
    const blocks = { index, extents, segments, padding };
    const parts = { database, ...blocks, rows, inlineBytes, leastMovedBytes, loss };
    return new LocalStore(parts);
  } catch (error) {
    database.close();
    throw storageError(error, folder, "opening the store");
  }
}

/** Kept in the database: what it says is there after a kill too, and after a power failure nobody writes. */
function lentNote(index: BlockIndex, rows: NamedRows): LentNote {
  const row = rows.setting(lentRow);
  return {
    before: row === undefined ? undefined : Number(fromUtf8(row)),
    set: (segment) => {
      const value = segment === undefined ? undefined : toUtf8(segment.toString());
      index.transaction(false, () => {
        rows.setSettings([{ name: lentRow, value }]);
      });
    },
  };
}

/**
 * Refuses to begin an empty database where one is lost, as its blocks or the keystore beside it
 * tell, or where nothing can be written.
 */
async function prepareFolder(folder: string, path: string): Promise<void> {
  if (fileBytes(path) > 0) return;
  const left =
    (await listSegments(folder)).length > 0
      ? "segments of its blocks are"
      : existsSync(keystorePath(folder))
        ? "the keystore of its drive is"
        : undefined;
  if (left !== undefined) {
    throw new CloudError(
      "damaged",
      `the database ${path} is missing or empty, though ${left} there; put it back from a copy, or move the folder away to begin anew`,
    );
  }
  if (!isWritable(nearestFolder(folder))) {
    throw new CloudError(
      "storage-read-only",
      `no store can be made in ${folder}: its disk or folder is read-only`,
    );
  }
  try {
    makeFolders(folder, 0o700);
  } catch (error) {
    throw storageError(error, folder, "making the folder");
  }
}

/** The folder itself, or the one above that exists. */
function nearestFolder(folder: string): string {
  const parent = dirname(folder);
  return existsSync(folder) || parent === folder ? folder : nearestFolder(parent);
}
