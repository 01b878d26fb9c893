import {
  chmodSync,
  closeSync,
  fsyncSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
} from "node:fs";
import { basename, dirname } from "node:path";
import { asFileTime } from "../../core/file-time.ts";
import { systemErrorCode } from "../../platform/system-error.ts";
import { beat } from "../../platform/thread-watch.ts";
import { type DiskFolder, enterFolder, inFolder } from "../worker/disk-folder.ts";
import {
  createEmptyFile,
  type FileMeta,
  finishFile,
  refuseNewer,
  temporaryName,
} from "../worker/new-file.ts";
import { failedItem } from "../worker/open-records.ts";
import type { FailedItem } from "../worker/seal-jobs.ts";
import { mustNotBeHome } from "./export-dest.ts";

/** Until its time has come only its owner looks into a folder. */
const privateMode = 0o700;

/** A folder to write into, and whether it was made. */
export interface FilledFolder {
  readonly folder: DiskFolder;
  readonly isNew: boolean;
}

/**
 * Makes folders to write into, unless they are there.
 * @param path - of the folder that they are in. @param names - joined by NUL.
 * @param home - the data folder, which is refused.
 * @throws usage
 */
export function fillFolders(
  path: string,
  folder: DiskFolder,
  names: string,
  home: string,
): (FilledFolder | FailedItem)[] {
  return names.split("\0").map((name) => {
    beat();
    let made: FilledFolder;
    try {
      made = inFolder(path, folder, (inside) => {
        const isNew = makeFolder(`${inside}/${name}`);
        return { folder: enterFolder(`${inside}/${name}`), isNew };
      });
    } catch (error) {
      return failedItem(error);
    }
    if (!made.isNew) mustNotBeHome(`${path}/${name}`, made.folder, home);
    return made;
  });
}

/**
 * Makes a folder, unless it is there. A symbolic link at its place gives way: nothing is written to
 * where it leads.
 * @returns whether it was made.
 * @throws what the system says, EEXIST if a file stands there
 */
function makeFolder(path: string): boolean {
  try {
    mkdirSync(path, { mode: privateMode });
    return true;
  } catch (error) {
    if (systemErrorCode(error) !== "EEXIST") throw error;
    const stat = lstatSync(path);
    if (stat.isDirectory()) return false;
    if (!stat.isSymbolicLink()) throw error;
    unlinkSync(path);
    mkdirSync(path, { mode: privateMode });
    return true;
  }
}

/** A symbolic link to make. */
export interface NewLink {
  /** Absolute. */
  readonly path: string;
  /** The folder that it is in. */
  readonly folder: DiskFolder;
  /** Where it leads, as it was given. */
  readonly target: Uint8Array;
  readonly meta: FileMeta;
}

/** Makes symbolic links, in place of files or links that stand there. @returns what went wrong with each */
export function makeLinks(links: readonly NewLink[]): (FailedItem | undefined)[] {
  return links.map(({ path, folder, target, meta }) =>
    attempt(() => {
      inFolder(dirname(path), folder, (inside) => {
        makeLink(inside, basename(path), target, meta);
      });
    }),
  );
}

function makeLink(inside: string, name: string, target: Uint8Array, { mtime }: FileMeta): void {
  const path = `${inside}/${name}`;
  const bytes = Buffer.from(target);
  try {
    symlinkSync(bytes, path);
  } catch (error) {
    if (systemErrorCode(error) !== "EEXIST") throw error;
    const temporary = `${inside}/${temporaryName()}`;
    symlinkSync(bytes, temporary);
    try {
      renameSync(temporary, path);
    } catch (failure) {
      unlinkSync(temporary);
      throw failure;
    }
  }
  const time = asFileTime(mtime);
  lutimesSync(path, time, time);
}

/** A folder that is filled. */
export interface FinishedFolder {
  readonly path: string;
  readonly folder: DiskFolder;
  readonly mode: number;
  /** Microseconds since 1970; absent: as it is. */
  readonly mtime: number | undefined;
}

/** Gives folders their modes and times, in the order given. @returns what went wrong with each */
export function finishFolders(folders: readonly FinishedFolder[]): (FailedItem | undefined)[] {
  return folders.map(({ path, folder, mode, mtime }) =>
    attempt(() => {
      inFolder(path, folder, (inside) => {
        chmodSync(inside, mode);
        if (mtime === undefined) return;
        const time = asFileTime(mtime);
        utimesSync(inside, time, time);
      });
    }),
  );
}

function attempt(work: () => void): FailedItem | undefined {
  beat();
  try {
    work();
    return undefined;
  } catch (error) {
    return failedItem(error);
  }
}

/** How a large file comes to its place. */
export interface LargeFileEnd {
  /** Where it was written. */
  readonly temporary: string;
  /** Its place, in the same folder. */
  readonly path: string;
  readonly folder: DiskFolder;
  readonly meta: FileMeta;
  /** Whether it must be on the disk before. */
  readonly durable: boolean;
}

/** Creates the file, empty, in which a large one is written before it takes its place. */
export function openLargeFile({
  temporary,
  path,
  folder,
  meta,
}: LargeFileEnd): FailedItem | undefined {
  return attempt(() => {
    inFolder(dirname(path), folder, (inside) => {
      refuseNewer(`${inside}/${basename(path)}`, meta);
      createEmptyFile(`${inside}/${basename(temporary)}`);
    });
  });
}

/** Gives a large file its mode and time and puts it at its place. */
export function closeLargeFile(end: LargeFileEnd): FailedItem | undefined {
  const { temporary, path, folder, meta, durable } = end;
  return attempt(() => {
    inFolder(dirname(path), folder, (inside) => {
      const from = `${inside}/${basename(temporary)}`;
      finishFile(from, meta);
      if (durable) syncFile(from);
      refuseNewer(`${inside}/${basename(path)}`, meta);
      renameSync(from, `${inside}/${basename(path)}`);
    });
  });
}

function syncFile(path: string): void {
  const file = openSync(path, "r+");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
