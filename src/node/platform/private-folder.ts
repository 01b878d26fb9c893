import { chmodSync, lstatSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import { CloudError } from "../core/cloud-error.ts";
import { diskError } from "./disk-error.ts";
import { makeFolders } from "./make-folders.ts";

/**
 * Makes a folder that only this user can enter, or makes an existing one of this user's so.
 * On Windows the folder inherits who may enter it.
 * @throws storage, if it belongs to another user or is no folder; storage-read-only, storage-full,
 * storage, if it can't be made.
 */
export function ensurePrivateFolder(path: string): void {
  let found: Stats;
  try {
    makeFolders(path, 0o700);
    found = statSync(path);
    const isOpen = found.isDirectory() && isOwn(found) && !isPrivate(found);
    if (isOpen) chmodSync(path, 0o700);
  } catch (cause) {
    throw diskError(`can't make the folder ${path}`, cause);
  }
  if (!found.isDirectory()) throw new CloudError("storage", `${path} is not a folder`);
  if (!isOwn(found)) throw new CloudError("storage", `the folder ${path} belongs to another user`);
}

/** Whether `path` is a folder itself (no link to one) that only this user can enter. */
export function isPrivateFolder(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isDirectory() === true && isOwn(found) && isPrivate(found);
}

/**
 * Who can stand behind a socket: `own`, only this user, whose socket it is and who alone can enter
 * its folder; `open`, the same in a folder that others can enter; `none`, somebody else or nobody,
 * for there is no socket of this user's in a folder of this user's, links not followed.
 */
export type SocketKeeper = "own" | "open" | "none";

/** Looks at a socket before it is trusted. Without owners (on Windows) what is there is `own`. */
export function keeperOf(socketPath: string): SocketKeeper {
  const folder = lstatSync(dirname(socketPath), { throwIfNoEntry: false });
  const socket = lstatSync(socketPath, { throwIfNoEntry: false });
  if (folder?.isDirectory() !== true || !isOwn(folder)) return "none";
  if (socket?.isSocket() !== true || !isOwn(socket)) return "none";
  return isPrivate(folder) ? "own" : "open";
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
