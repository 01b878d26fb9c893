import { realpathSync, type Stats, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join } from "node:path";
import { CloudError } from "../../core/cloud-error.ts";
import { makeFolders } from "../../platform/make-folders.ts";
import { isSameFile, leadsInto } from "../../platform/same-file.ts";
import { systemErrorCode, systemErrorWords } from "../../platform/system-error.ts";
import { type DiskFolder, enterFolder } from "../worker/disk-folder.ts";

const folderMode = 0o777;

/** A folder of the disk that an export enters. */
export interface EnteredFolder {
  /** Its real path. */
  readonly path: string;
  readonly folder: DiskFolder;
  readonly isNew: boolean;
}

/**
 * Refuses a place in the data folder: what is written there would replace the drive's own files.
 * @param home - the data folder.
 * @throws usage
 */
export function mustNotLeadHome(dest: string, home: string): void {
  if (leadsInto(dest, home)) throw keptThere(dest);
}

/** The same for a folder that an export enters, which is there. @throws usage */
export function mustNotBeHome(path: string, folder: DiskFolder, home: string): void {
  const own = statSync(home, { throwIfNoEntry: false });
  if (own !== undefined && isSameFile(folder, own)) throw keptThere(path);
}

function keptThere(path: string): CloudError {
  return new CloudError(
    "usage",
    `${JSON.stringify(path)} is in the folder in which the drive itself is kept: choose another place`,
  );
}

/**
 * The folder that an export of a folder goes into; made if it is not there.
 * @throws usage, in the data folder; not-a-folder, storage
 */
export function openDestination(dest: string, home: string): EnteredFolder {
  mustBeAbsolute(dest);
  mustNotLeadHome(dest, home);
  const shown = JSON.stringify(dest);
  try {
    const isNew = makeFolders(dest, folderMode);
    const path = realpathSync(dest);
    if (statSync(path).isDirectory()) return { path, folder: enterFolder(path), isNew };
  } catch (error) {
    const code = systemErrorCode(error);
    if (code !== "EEXIST" && code !== "ENOTDIR") {
      const message = `can't make the folder ${shown}: ${systemErrorWords(error)}`;
      throw new CloudError("storage", message, { cause: error });
    }
  }
  throw new CloudError("not-a-folder", `${shown} is not a folder, so nothing can be put into it`);
}

/**
 * Where one file goes: the place that was asked for, or in it, if that is a folder.
 * @param name - what it is called in a folder.
 * @throws usage, in the data folder; not-found, if there is no folder to write into; storage
 */
export function placeOfFile(
  dest: string,
  name: string,
  home: string,
): EnteredFolder & { name: string } {
  mustBeAbsolute(dest);
  mustNotLeadHome(dest, home);
  const place = lookAt(dest)?.isDirectory() === true ? join(dest, name) : dest;
  const above = dirname(place);
  if (lookAt(above)?.isDirectory() !== true) {
    const message = `there is no folder ${JSON.stringify(above)} to write into`;
    throw new CloudError("not-found", message);
  }
  const path = realpathSync(above);
  return { path, folder: enterFolder(path), isNew: false, name: basename(place) };
}

/**
 * The folder of a new file, for a place that somebody else has chosen.
 * @returns `undefined` if there is none here.
 * @throws usage, in the data folder
 */
export function folderOfFile(
  dest: string,
  home: string,
): (Pick<EnteredFolder, "path" | "folder"> & { name: string }) | undefined {
  mustBeAbsolute(dest);
  const above = dirname(dest);
  mustNotLeadHome(above, home);
  try {
    const path = realpathSync(above);
    return { path, folder: enterFolder(path), name: basename(dest) };
  } catch {
    return undefined;
  }
}

function lookAt(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}

function mustBeAbsolute(dest: string): void {
  if (isAbsolute(dest)) return;
  throw new CloudError("usage", `expected an absolute path, got ${JSON.stringify(dest)}`);
}
