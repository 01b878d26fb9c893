import { chmodSync, lstatSync, mkdirSync, type Stats, statSync } from "node:fs";
import { CloudError } from "../core/cloud-error.ts";

/**
 * Makes a folder that only this user can enter, or makes an existing one of this user's so.
 * On Windows the folder inherits who may enter it.
 * @throws storage, if it belongs to another user or is no folder, or can't be made.
 */
export function ensurePrivateFolder(path: string): void {
  let found: Stats;
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    found = statSync(path);
    if (isOwn(found) && !isPrivate(found)) chmodSync(path, 0o700);
  } catch (cause) {
    throw new CloudError("storage", `can't make the folder ${path}`, { cause });
  }
  if (!isOwn(found)) throw new CloudError("storage", `the folder ${path} belongs to another user`);
}

/** Whether `path` is a folder itself (no link to one) that only this user can enter. */
export function isPrivateFolder(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isDirectory() === true && isOwn(found) && isPrivate(found);
}

/** Whether a file or folder belongs to the user who runs this. True where there are no owners. */
export function isOwn(found: Stats): boolean {
  return process.getuid === undefined || found.uid === process.getuid();
}

function isPrivate(found: Stats): boolean {
  return process.platform === "win32" || (found.mode & 0o077) === 0;
}

/**
 * What tells one file or folder from every other while it exists, however it is named.
 * @returns `undefined` if nothing stands at `path`, or nothing that could be seen.
 */
export function fileIdentity(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev.toString()}:${ino.toString()}`;
  } catch {
    return undefined;
  }
}
