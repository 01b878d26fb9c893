import type { Stats } from "node:fs";

/** What stands at a path of the disk. */
export type DiskKind = "file" | "folder" | "link" | "socket" | "pipe" | "device" | "other";

/** One look at something on the disk, in a form that crosses between threads. */
export interface DiskStat {
  readonly kind: DiskKind;
  readonly dev: number;
  readonly ino: number;
  /** Permission bits. */
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}

/** Looks at several things, in columns: so they cross in a fraction of the time. */
export interface LookColumns {
  /** {@link numbersEach} for each thing. */
  readonly numbers: Float64Array;
  /** Why something could not be looked at, by its place. */
  readonly failures: ReadonlyMap<number, string>;
}

const kinds = ["file", "folder", "link", "socket", "pipe", "device", "other"] as const;
const permissionBits = 0o7777;
const numbersEach = 9;

function kindOf(stat: Stats): DiskKind {
  if (stat.isFile()) return "file";
  if (stat.isDirectory()) return "folder";
  if (stat.isSymbolicLink()) return "link";
  if (stat.isSocket()) return "socket";
  if (stat.isFIFO()) return "pipe";
  return stat.isCharacterDevice() || stat.isBlockDevice() ? "device" : "other";
}

/** What the system said of something. */
export function diskStat(stat: Stats): DiskStat {
  const { dev, ino, nlink, uid, size, mtimeMs, ctimeMs } = stat;
  const mode = stat.mode & permissionBits;
  return { kind: kindOf(stat), dev, ino, mode, nlink, uid, size, mtimeMs, ctimeMs };
}

/** Columns of looks. @param looks - a sentence where there was nothing to be seen. */
export function lookColumns(looks: readonly (DiskStat | string)[]): LookColumns {
  const numbers = new Float64Array(looks.length * numbersEach);
  const failures = new Map<number, string>();
  looks.forEach((look, i) => {
    if (typeof look === "string") {
      failures.set(i, look);
      return;
    }
    const { kind, dev, ino, mode, nlink, uid, size, mtimeMs, ctimeMs } = look;
    numbers.set(
      [kinds.indexOf(kind), dev, ino, mode, nlink, uid, size, mtimeMs, ctimeMs],
      i * numbersEach,
    );
  });
  return { numbers, failures };
}

/** Reads one of {@link lookColumns} back. */
export function lookAt({ numbers, failures }: LookColumns, i: number): DiskStat | string {
  const failure = failures.get(i);
  if (failure !== undefined) return failure;
  const [
    kind = 0,
    dev = 0,
    ino = 0,
    mode = 0,
    nlink = 0,
    uid = 0,
    size = 0,
    mtimeMs = 0,
    ctimeMs = 0,
  ] = numbers.subarray(i * numbersEach, (i + 1) * numbersEach);
  return { kind: kinds[kind] ?? "other", dev, ino, mode, nlink, uid, size, mtimeMs, ctimeMs };
}
