import { realpathSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";

/** Whether two looks at the disk saw the same file or folder, under whatever names. */
export function isSameFile(a: Pick<Stats, "dev" | "ino">, b: Pick<Stats, "dev" | "ino">): boolean {
  return a.ino !== 0 && a.ino === b.ino && a.dev === b.dev;
}

/**
 * Whether a path is a folder, or leads into it, through whatever links. What is not there yet
 * counts as standing where it would be made.
 * @param path - absolute.
 * @param folder - absolute; what is not there holds nothing.
 */
export function leadsInto(path: string, folder: string): boolean {
  const wanted = statSync(folder, { throwIfNoEntry: false });
  if (wanted === undefined) return false;
  let at = realFolder(path);
  for (;;) {
    const stat = statSync(at, { throwIfNoEntry: false });
    if (stat !== undefined && isSameFile(stat, wanted)) return true;
    const above = dirname(at);
    if (above === at) return false;
    at = above;
  }
}

/** The real path of the innermost folder or file of a path that is there. */
function realFolder(path: string): string {
  for (let at = path; ; at = dirname(at)) {
    try {
      return realpathSync(at);
    } catch (error) {
      if (dirname(at) === at) throw error;
    }
  }
}
