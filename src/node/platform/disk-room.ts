import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

const reserveBytes = 4 * 1024;
/** With less than this a save may fail. */
const littleBytes = 256 * 1024;

function reservePath(home: string): string {
  return join(home, "node.reserve");
}

/** Bytes that this user may still write to the disk of `home`; `undefined` if it doesn't say. */
function freeBytes(home: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(home);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

/**
 * One sentence, if the disk of a data folder is so full that saves may fail. They are tried all the
 * same, so the drive goes on by itself once there is room.
 */
export function fullDiskNotices(home: string): string[] {
  const free = freeBytes(home);
  if (free === undefined || free >= littleBytes) return [];
  const left = Math.floor(free / 1024).toString();
  return [
    `the disk that holds ${home} is full (${left} KiB left): what is there can be read, and saves fail until some space is freed`,
  ];
}

/**
 * Keeps a small file, unless the disk is full: a node that is started when it is needs the place for
 * the file that says where it is reached.
 */
export function keepReserve(home: string): void {
  if (fullDiskNotices(home).length > 0) return;
  try {
    // No zeros: a file system may not store those.
    const content = Buffer.alloc(reserveBytes, "reserve ");
    writeFileSync(reservePath(home), content, { flag: "wx", mode: 0o600 });
  } catch {
    // It is there, or what fitted of it is.
  }
}

/**
 * Makes the reserve a file of another name and content, which takes no room.
 * @param content - at most 4 KiB.
 * @throws an error of the system, if there is no reserve or it can't be written in its place.
 */
export function makeOfReserve(home: string, file: string, content: string): void {
  const reserve = openSync(reservePath(home), "r+");
  try {
    writeSync(reserve, content, 0);
    ftruncateSync(reserve, Buffer.byteLength(content));
  } finally {
    closeSync(reserve);
  }
  renameSync(reservePath(home), file);
}

/** Takes a small file away; where there is no reserve it becomes that. */
export function returnToReserve(home: string, file: string): void {
  if (existsSync(reservePath(home))) rmSync(file, { force: true });
  else renameSync(file, reservePath(home));
}
