/** The names of `/a/b`; none for `/`. Takes paths as the editor writes them, unchecked. */
export function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "");
}

/** The folder that a path stands in; `/` for the root itself. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** The last name of a path; empty for the root. */
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
  return path === from ? to : to + path.slice(from.length);
}

/**
 * Where a symbolic link leads, both ends within the drive.
 * @param link - path of the link itself.
 * @returns an absolute path without `.` and `..`; one that climbs above the root stays at it.
 */
export function linkTarget(link: string, target: string): string {
  const names = target.startsWith("/") ? [] : namesOf(parentOf(link));
  for (const name of namesOf(target)) {
    if (name === "..") names.pop();
    else if (name !== ".") names.push(name);
  }
  return `/${names.join("/")}`;
}
