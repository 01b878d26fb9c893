import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readlinkSync,
  readSync,
  type Stats,
} from "node:fs";
import { beat } from "../../platform/thread-watch.ts";
import type { SourceItem } from "./item-columns.ts";

/** What was read of a file, folder or symbolic link. */
export interface Source {
  /** The content, or where the link leads; nothing for a folder. A view that the next read reuses. */
  readonly bytes: Uint8Array;
  readonly mtimeMs: number;
  readonly mode: number;
  /** It went on changing while it was read. */
  readonly unsteady: boolean;
}

/** The longest stretch, and as far as a file may grow while it is read whole. */
const maxBufferBytes = 16 * 1024 * 1024;
/** What is read at once, so that a slow disk is seen to go on. */
const maxReadBytes = 2 * 1024 * 1024;
const maxAttempts = 3;
const linkMode = 0o777;
const permissionBits = 0o7777;
const nothing = new Uint8Array(0);

// No link is followed, and a pipe that took the place of a file does not make us wait.
// Windows has neither flag: `undefined` adds nothing.
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
const openFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;

const leastBufferBytes = 256 * 1024;
let buffer = new Uint8Array(0);

/** Whether two looks at a file saw the same state of it. */
function isSame(a: Pick<Stats, "size" | "mtimeMs" | "ctimeMs">, b: Stats): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs;
}

/**
 * Reads what the walk saw. A file that changed meanwhile is read again, a few times.
 * @throws what the system says
 */
export function readSource(item: SourceItem): Source {
  beat();
  const { kind, path, mtimeMs, mode } = item;
  if (kind === "folder") return { bytes: nothing, mtimeMs, mode, unsteady: false };
  if (kind === "link") {
    const target = readlinkSync(path, "buffer");
    return { bytes: Uint8Array.from(target), mtimeMs, mode: linkMode, unsteady: false };
  }
  return readFile(item);
}

function readFile({ path, size, mtimeMs, ctimeMs }: SourceItem): Source {
  const file = openSync(path, openFlags);
  try {
    let expected: Pick<Stats, "size" | "mtimeMs" | "ctimeMs"> = { size, mtimeMs, ctimeMs };
    for (let attempt = 1; ; attempt++) {
      const length = readWhole(file, expected.size);
      const stat = fstatSync(file);
      if (!stat.isFile()) throw new Error("it is not a file any more");
      const isSteady = length === stat.size && isSame(expected, stat);
      if (isSteady || attempt === maxAttempts) {
        return {
          bytes: buffer.subarray(0, length),
          mtimeMs: stat.mtimeMs,
          mode: stat.mode & permissionBits,
          unsteady: !isSteady,
        };
      }
      expected = stat;
    }
  } finally {
    closeSync(file);
  }
}

/** Reads from the start into {@link buffer}. @returns how much there was. */
function readWhole(file: number, expected: number): number {
  let length = 0;
  // One byte more than expected, so that the end is seen without another read.
  reserve(expected + 1);
  for (;;) {
    beat();
    length += readSync(file, buffer, length, buffer.length - length, length);
    if (length < buffer.length) return length;
    reserve(2 * buffer.length);
  }
}

/** Makes room in {@link buffer}, keeping what is in it. */
function reserve(bytes: number): void {
  if (bytes <= buffer.length) return;
  if (bytes > maxBufferBytes) throw new Error("it grew faster than it could be read");
  const larger = new Uint8Array(
    Math.min(maxBufferBytes, Math.max(bytes, 2 * buffer.length, leastBufferBytes)),
  );
  larger.set(buffer);
  buffer = larger;
}

/**
 * Reads one stretch of a file, less at its end.
 * @returns the bytes, a view that the next read reuses, and what tells this state of the file from
 * any other.
 * @throws what the system says
 */
export function readStretch(
  path: string,
  offset: number,
  length: number,
): { bytes: Uint8Array; state: string } {
  const file = openSync(path, openFlags);
  try {
    reserve(length);
    let read = 0;
    while (read < length) {
      beat();
      const asked = Math.min(length - read, maxReadBytes);
      const got = readSync(file, buffer, read, asked, offset + read);
      if (got === 0) break;
      read += got;
    }
    const stat = fstatSync(file);
    if (!stat.isFile()) throw new Error("it is not a file any more");
    return { bytes: buffer.subarray(0, read), state: fileState(stat) };
  } finally {
    closeSync(file);
  }
}

/** What tells one state of a file from another: its inode, size and times. */
export function fileState({
  ino,
  size,
  mtimeMs,
  ctimeMs,
}: Pick<Stats, "ino" | "size" | "mtimeMs" | "ctimeMs">): string {
  return [ino, size, mtimeMs, ctimeMs].join(" ");
}
