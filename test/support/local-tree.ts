import { createHash } from "node:crypto";
import {
  chmodSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** One thing of a local folder. */
export interface LocalItem {
  readonly kind: "file" | "folder" | "link";
  /** Permission bits; of a link: nothing that can be set. */
  readonly mode: number;
  /** Microseconds since 1970. */
  readonly mtime: number;
  /** Hash of a file's content; where a link leads; nothing for a folder. */
  readonly content: string;
}

/** All that is below a folder, by path, with what a drive keeps of it. */
export function readTree(folder: string): Record<string, LocalItem> {
  const found: Record<string, LocalItem> = {};
  const walk = (below: string): void => {
    for (const name of readdirSync(join(folder, below)).sort()) {
      const path = below === "" ? name : `${below}/${name}`;
      found[path] = readItem(join(folder, path));
      if (found[path].kind === "folder") walk(path);
    }
  };
  walk("");
  return found;
}

function readItem(path: string): LocalItem {
  const stat = lstatSync(path);
  const mtime = Math.round(stat.mtimeMs * 1000);
  if (stat.isSymbolicLink()) {
    return { kind: "link", mode: 0o777, mtime, content: readlinkSync(path, "latin1") };
  }
  const mode = stat.mode & 0o7777;
  if (stat.isDirectory()) return { kind: "folder", mode, mtime, content: "" };
  const content = createHash("sha256").update(readFileSync(path)).digest("hex");
  return { kind: "file", mode, mtime, content };
}

/** Times that tests give to what they write: long past, whole microseconds. */
const firstTime = 1_600_000_000;

/** What a path is to be: content of a file, or where a link leads. */
export type TreeSpec = Readonly<
  Record<string, string | Uint8Array | { readonly link: string | Uint8Array }>
>;

/**
 * Writes a tree below a folder. A path that ends with a slash is a folder. Everything gets a time of
 * its own.
 */
export function writeTree(folder: string, spec: TreeSpec): void {
  const paths = Object.keys(spec);
  for (const path of paths) {
    const target = join(folder, path);
    mkdirSync(path.endsWith("/") ? target : dirname(target), { recursive: true });
    const value = spec[path];
    if (path.endsWith("/") || value === undefined) continue;
    if (typeof value === "object" && "link" in value) {
      symlinkSync(typeof value.link === "string" ? value.link : Buffer.from(value.link), target);
    } else {
      writeFileSync(target, value);
      chmodSync(target, 0o644);
    }
  }
  setTimes(folder);
}

/** Gives everything below a folder a time of its own, the innermost first. */
export function setTimes(folder: string): void {
  let next = firstTime;
  const walk = (path: string): void => {
    for (const name of readdirSync(path).sort()) {
      const inner = join(path, name);
      const stat = lstatSync(inner);
      if (stat.isDirectory()) walk(inner);
      next += 1.000123;
      if (stat.isSymbolicLink()) lutimesSync(inner, next, next);
      else utimesSync(inner, next, next);
    }
  };
  walk(folder);
}

/** Bytes that compress badly and never change. */
export function patternBytes(size: number, seed = 0): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = Math.imul(i + seed, 2654435761) >>> 13;
  return bytes;
}
