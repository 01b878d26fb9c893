import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isPrivateFolder } from "./private-folder.ts";

/** The socket's name in its folder. */
const socketName = "node.sock";
/** How a socket is named between binding and renaming; as long as it gets. */
const bindSuffix = ".12345678";
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

/**
 * Chooses where the node of a data folder listens: in the folder itself; where that path is too
 * long, in a private folder under the system's temporary one; on Windows a pipe that nobody can
 * guess, because pipes of all users share one space of names.
 * @param home - exists.
 */
export function chooseSocketAddress(
  home: string,
  platform: NodeJS.Platform = process.platform,
): SocketAddress {
  const suffix = `.${randomBytes(4).toString("hex")}`;
  const folder = realpathSync(home);
  if (platform === "win32") {
    const name = `${hashOf(folder)}-${randomBytes(16).toString("hex")}`;
    return { path: `\\\\.\\pipe\\ipcloud-${name}`, bindPath: undefined, ownFolder: undefined };
  }
  const inside = join(folder, socketName);
  if (Buffer.byteLength(inside + bindSuffix) <= maxSocketPathBytes) {
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
  return isPrivateFolder(path) ? path : mkdtempSync(`${path}-`);
}

function hashOf(path: string): string {
  return createHash("sha256").update(path).digest("hex").slice(0, 16);
}
