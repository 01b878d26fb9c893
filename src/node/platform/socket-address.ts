import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudError } from "../core/cloud-error.ts";
import { diskError } from "./disk-error.ts";
import { isPrivateFolder } from "./private-folder.ts";

/** The socket's name in its folder. */
const socketName = "node.sock";
/** How a socket is named between binding and renaming; as long as it gets. */
const bindSuffix = ".12345678";
const pipePrefix = "\\\\.\\pipe\\";
/** The longest path of a socket in bytes: 104 on macOS and 108 on Linux, with the final NUL. */
const maxSocketPathBytes = 100;

/** Where a node listens. */
export interface SocketAddress {
  /** What to connect to: a path, or the name of a pipe on Windows. */
  readonly path: string;
  /** What to listen on first, to be renamed to `path`; `undefined` for a pipe. */
  readonly bindPath: string | undefined;
  /** The folder that is there for the socket alone, to be removed with it. */
  readonly ownFolder: string | undefined;
}

/** Whether an address is the name of a pipe of Windows, and not a path. */
export function isPipe(address: string): boolean {
  return process.platform === "win32" && address.startsWith(pipePrefix);
}

/**
 * Chooses where the node of a data folder listens: in the folder itself; where that path is too
 * long, or the folder can't be kept from others, in a private folder under the system's temporary
 * one; on Windows a pipe that nobody can guess, because pipes of all users share one space of names.
 * @param home - exists.
 * @throws storage, storage-read-only, storage-full, where no folder can be made for this user alone.
 */
export function chooseSocketAddress(
  home: string,
  platform: NodeJS.Platform = process.platform,
): SocketAddress {
  const suffix = `.${randomBytes(4).toString("hex")}`;
  const folder = realpathSync(home);
  if (platform === "win32") {
    const name = `${hashOf(folder)}-${randomBytes(16).toString("hex")}`;
    return { path: `${pipePrefix}ipcloud-${name}`, bindPath: undefined, ownFolder: undefined };
  }
  const inside = join(folder, socketName);
  const fits = Buffer.byteLength(inside + bindSuffix) <= maxSocketPathBytes;
  if (fits && isPrivateFolder(folder)) {
    return { path: inside, bindPath: inside + suffix, ownFolder: undefined };
  }
  const ownFolder = temporaryFolder(folder);
  const path = join(ownFolder, socketName);
  return { path, bindPath: path + suffix, ownFolder };
}

/** A folder of this user's alone, the same for one data folder unless somebody stands in the way. */
function temporaryFolder(home: string): string {
  const path = join(tmpdir(), `ipcloud-${hashOf(home)}`);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch {
    // It is there already, ours or not.
  }
  if (isPrivateFolder(path)) return path;
  const fresh = makeFresh(path);
  if (isPrivateFolder(fresh)) return fresh;
  rmSync(fresh, { recursive: true, force: true });
  throw new CloudError(
    "storage",
    `expected the temporary folder ${tmpdir()} to keep a folder for one user alone, and it does not; name another one by TMPDIR`,
  );
}

function makeFresh(path: string): string {
  try {
    return mkdtempSync(`${path}-`);
  } catch (cause) {
    throw diskError(`can't make a folder for the node's socket at ${path}`, cause);
  }
}

function hashOf(path: string): string {
  return createHash("sha256").update(path).digest("hex").slice(0, 16);
}
