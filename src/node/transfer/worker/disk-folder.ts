import { closeSync, constants, existsSync, fstatSync, openSync, statSync } from "node:fs";
import { isSameFile } from "../../platform/same-file.ts";

/** What tells a folder of the disk from every other while it exists, whatever stands at its path. */
export interface DiskFolder {
  readonly dev: number;
  readonly ino: number;
}

/** Opens a folder to go through it, also one that may not be read. open(2) of Linux; Node has no name for it. */
const O_PATH = 0o10000000;
const { O_DIRECTORY, O_NOFOLLOW } = constants;

/** Where Linux has every open file under its number: a way into a folder whatever its path leads to. */
const openFiles =
  process.platform === "linux" && existsSync("/proc/self/fd") ? "/proc/self/fd" : undefined;

/** The folder that stands at a path. @throws what the system says */
export function enterFolder(path: string): DiskFolder {
  const { dev, ino } = statSync(path);
  return { dev, ino };
}

/**
 * Does something in a folder, if it is still the one that was entered: not where a link leads that
 * took its place, or that of one above it. Elsewhere than on Linux a link that comes in the very
 * moment between look and use is followed.
 * @param work - told a path by which the folder is reached; on Linux it is a link to it.
 * @throws what the system says, ENOTDIR where another folder or a link stands there
 */
export function inFolder<Result>(
  path: string,
  folder: DiskFolder,
  work: (path: string) => Result,
): Result {
  if (openFiles === undefined) {
    if (!isSameFile(statSync(path), folder)) throw replaced();
    return work(path);
  }
  const file = openFolder(path);
  try {
    if (!isSameFile(fstatSync(file), folder)) throw replaced();
    return work(`${openFiles}/${file.toString()}`);
  } finally {
    closeSync(file);
  }
}

function openFolder(path: string): number {
  try {
    return openSync(path, O_PATH | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    // What Linux says of a link where a folder was asked for is one or the other.
    if (error instanceof Error && "code" in error && error.code === "ELOOP") throw replaced();
    throw error;
  }
}

function replaced(): Error {
  return Object.assign(new Error("ENOTDIR: something else stands in the place of the folder"), {
    code: "ENOTDIR",
  });
}
