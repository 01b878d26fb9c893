import {
  chmodSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  renameSync,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import { asFileTime } from "../../core/file-time.ts";
import { systemErrorCode } from "../../platform/system-error.ts";
import { type FileMeta, temporaryPath } from "../worker/new-file.ts";

/** Until its time has come only its owner looks into a folder. */
const privateMode = 0o700;

/**
 * Makes a folder to write into, unless it is there. A symbolic link at its place gives way: nothing
 * is written to where it leads.
 * @returns whether it was made.
 * @throws what the system says, ENOTDIR if a file stands there
 */
export function makeFolder(path: string): boolean {
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

/**
 * Makes a symbolic link, in place of a file or a link that stands there.
 * @param target - where it leads, as it was given.
 * @throws what the system says
 */
export function makeLink(path: string, target: Uint8Array, { mtime }: FileMeta): void {
  const bytes = Buffer.from(target);
  try {
    symlinkSync(bytes, path);
  } catch (error) {
    if (systemErrorCode(error) !== "EEXIST") throw error;
    const temporary = temporaryPath(path);
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

/** Gives a folder that is filled its mode and its time. @throws what the system says */
export function finishFolder(path: string, { mode, mtime }: FileMeta): void {
  chmodSync(path, mode);
  const time = asFileTime(mtime);
  lutimesSync(path, time, time);
}
