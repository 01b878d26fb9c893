import {
  closeSync,
  constants,
  fchmodSync,
  futimesSync,
  lstatSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { asFileTime } from "../../core/file-time.ts";
import { systemErrorCode } from "../../platform/system-error.ts";
import { beat } from "../../platform/thread-watch.ts";

// A new file, never one that is there, and never one behind a link. Windows has no such flag: `undefined` adds
// nothing.
const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW } = constants;
const createFlags = O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW;
const openFlags = O_WRONLY | O_NOFOLLOW;
/** Until it is whole nobody else reads it. */
const privateMode = 0o600;

/** What a file gets beside its content. */
export interface FileMeta {
  /** Microseconds since 1970. */
  readonly mtime: number;
  /** Permission bits. */
  readonly mode: number;
  /** Whether a file at its place that is newer stays. */
  readonly keepsNewer?: boolean;
}

/** By so much may times differ that are meant to be equal: some file systems count in steps of 2 s. */
const timeStepMs = 2000;

/** What stands at a place is newer than what was to take it. */
export class NewerFileError extends Error {}

/** Refuses to replace a file that is newer, where such a one stays. @throws NewerFileError */
export function refuseNewer(path: string, { mtime, keepsNewer = false }: FileMeta): void {
  if (!keepsNewer) return;
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isFile() !== true || stat.mtimeMs <= mtime / 1000 + timeStepMs) return;
  const times = [stat.mtimeMs, mtime / 1000].map((time) => new Date(time).toISOString());
  throw new NewerFileError(`the file there is newer (${times.join(", here ")})`);
}

/** What a file is called while it is written, before it takes the place of another. */
export function temporaryName(): string {
  return `.ipcloud-${Math.random().toString(36).slice(2, 12)}.part`;
}

/** Whether something is called as {@link temporaryName} calls it. */
export function isTemporaryName(name: string): boolean {
  return /^\.ipcloud-[0-9a-z]+\.part$/.test(name);
}

/**
 * Writes a file that is whole or not there. What stands at the path is replaced in one step: a file
 * by the new one, a symbolic link too, and where it led nothing changes.
 * @param parts - asked for once the file is open; if they throw there is no file.
 * @throws what the system says, EISDIR if a folder stands there; NewerFileError; what the parts throw
 */
export function writeNewFile(path: string, parts: Iterable<Uint8Array>, meta: FileMeta): void {
  try {
    createFile(path, parts, meta);
  } catch (error) {
    if (systemErrorCode(error) !== "EEXIST") throw error;
    refuseNewer(path, meta);
    const temporary = join(dirname(path), temporaryName());
    createFile(temporary, parts, meta);
    try {
      renameSync(temporary, path);
    } catch (failure) {
      unlinkSync(temporary);
      throw failure;
    }
  }
}

/** Creates a file where nothing stands; takes it away again if it can't be written. */
function createFile(path: string, parts: Iterable<Uint8Array>, meta: FileMeta): void {
  const file = openSync(path, createFlags, privateMode);
  try {
    writeParts(file, parts, 0);
    setMeta(file, meta);
  } catch (error) {
    closeSync(file);
    unlinkSync(path);
    throw error;
  }
  closeSync(file);
}

/** Writes into a file that is there. @throws what the system says */
export function writeInto(path: string, parts: Iterable<Uint8Array>, offset: number): void {
  const file = openSync(path, openFlags);
  try {
    writeParts(file, parts, offset);
  } finally {
    closeSync(file);
  }
}

/** Creates an empty file that only its owner may read. @throws what the system says, EEXIST too */
export function createEmptyFile(path: string): void {
  closeSync(openSync(path, createFlags, privateMode));
}

/** Gives a file that was written in stretches its mode and its time. @throws what the system says */
export function finishFile(path: string, meta: FileMeta): void {
  const file = openSync(path, openFlags);
  try {
    setMeta(file, meta);
  } finally {
    closeSync(file);
  }
}

function setMeta(file: number, { mtime, mode }: FileMeta): void {
  fchmodSync(file, mode);
  const time = asFileTime(mtime);
  futimesSync(file, time, time);
}

/** Writes all parts one after the other, also where the system takes less. */
function writeParts(file: number, parts: Iterable<Uint8Array>, offset: number): void {
  let position = offset;
  for (const part of parts) {
    for (let at = 0; at < part.length; ) {
      beat();
      const written = writeSync(file, part, at, part.length - at, position);
      at += written;
      position += written;
    }
  }
}
