import { toUtf8 } from "./bytes.ts";
import { CloudError } from "./cloud-error.ts";

/** The longest name in bytes of UTF-8. */
export const maxNameBytes = 255;
/** The deepest path in names: what a walk or a recursive call must bear. */
export const maxPathNames = 1024;

/**
 * Checks one name as it would be stored: kept as given, compared by bytes, never folded.
 * @throws invalid-name, naming it, if it is empty, `.`, `..`, longer than 255 bytes of UTF-8, or
 * holds a slash, a NUL or half a surrogate pair.
 */
export function checkName(name: string): void {
  const refuse = (why: string): never => {
    throw new CloudError("invalid-name", `the name ${JSON.stringify(name)} ${why}`);
  };
  if (name === "") refuse("is empty; a name has 1 to 255 bytes");
  if (name === "." || name === "..") refuse("stands for a folder and can't be stored");
  if (name.includes("/")) refuse("holds a slash, which parts names in a path");
  if (name.includes("\0")) refuse("holds a NUL character");
  if (!name.isWellFormed()) refuse("is not valid Unicode: it holds half a surrogate pair");
  if (name.length <= maxNameBytes / 3) return; // no character takes more than three bytes a unit
  const length = toUtf8(name).length;
  if (length > maxNameBytes) refuse(`has ${length.toString()} bytes; the longest allowed is 255`);
}

/**
 * The names of a path in the drive: `/` or an empty string is the root; a leading slash and a
 * trailing one may be left out.
 * @throws invalid-name, for a name that {@link checkName} refuses, an empty one in the middle
 * included.
 */
export function parsePath(path: string): string[] {
  const inner = path.replace(/^\//, "").replace(/\/$/, "");
  if (inner === "") return [];
  const names = inner.split("/");
  for (const name of names) checkName(name);
  if (names.length > maxPathNames) {
    throw new CloudError(
      "invalid-name",
      `the path has ${names.length.toString()} names; the deepest allowed is ${maxPathNames.toString()}`,
    );
  }
  return names;
}

/** `/a/b` of names; `/` of none. */
export function formatPath(names: readonly string[]): string {
  return `/${names.join("/")}`;
}

/** The names of a path, unchecked; slashes that follow each other count as one. */
export function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "");
}

/** The folder that `/a/b` stands in; `/` for the root itself. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** The last name of `/a/b`; empty for the root. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** `/a` and `b` to `/a/b`. */
export function childOf(folder: string, name: string): string {
  return folder === "/" ? `/${name}` : `${folder}/${name}`;
}

/** Whether `path` is `folder` or stands below it. */
export function isWithin(path: string, folder: string): boolean {
  return folder === "/" || path === folder || path.startsWith(`${folder}/`);
}

/** `path`, which stands at or below `from`, as it is called once `from` is called `to`. */
export function movedPath(path: string, from: string, to: string): string {
  if (path === from) return to;
  const below = path.slice(from === "/" ? 0 : from.length);
  return to === "/" ? below : to + below;
}

/**
 * The path that `path` means in `folder`: an absolute one is a path of the drive, any other begins
 * at the folder. `.` and `..` are resolved by the names alone, and `..` at the root stays there, as
 * everywhere in POSIX.
 * @returns an absolute path, its names unchecked.
 */
export function resolvePath(folder: string, path: string): string {
  const names = path.startsWith("/") ? [] : namesOf(folder);
  for (const name of namesOf(path)) {
    if (name === "..") names.pop();
    else if (name !== ".") names.push(name);
  }
  return formatPath(names);
}
