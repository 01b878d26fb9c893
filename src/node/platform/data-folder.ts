import { homedir } from "node:os";
import { join, posix, resolve, win32 } from "node:path";
import { CloudError } from "../core/cloud-error.ts";

/** What the place of the data folder depends on; the running system's by default. */
export interface DataFolderOptions {
  /** A further account, as in `ipcloud://NAME/`: lower-case letters, digits and `-`, at most 32. */
  readonly account?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly platform?: NodeJS.Platform;
  readonly userFolder?: string;
}

/**
 * The absolute path of the data folder: `IPCLOUD_HOME` if it is set, else where the system keeps
 * the data of programs. Each further account has a folder of its own below it.
 * @throws usage, if the account's name can't be one.
 */
export function dataFolder(options: DataFolderOptions = {}): string {
  const { account, env = process.env, platform = process.platform } = options;
  const user = options.userFolder ?? homedir();
  const set = env["IPCLOUD_HOME"];
  const main = set ? resolve(set) : systemFolder(platform, env, user);
  if (account === undefined || account === "") return main;
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(account)) {
    throw new CloudError(
      "usage",
      `expected an account's name of lower-case letters, digits and "-", got ${JSON.stringify(account)}`,
    );
  }
  return join(main, "accounts", account);
}

function systemFolder(
  platform: NodeJS.Platform,
  env: Readonly<Record<string, string | undefined>>,
  user: string,
): string {
  if (platform === "win32") {
    return win32.join(env["LOCALAPPDATA"] ?? win32.join(user, "AppData", "Local"), "IPCloud");
  }
  if (platform === "darwin") return posix.join(user, "Library", "Application Support", "IPCloud");
  const data = env["XDG_DATA_HOME"];
  // The XDG specification has relative values ignored.
  const base = data?.startsWith("/") ? data : posix.join(user, ".local", "share");
  return posix.join(base, "ipcloud");
}

/** The files of the node's life in a data folder. */
export interface NodeFiles {
  /** Held locked by the one node. */
  readonly lock: string;
  /** Where the running node is reached, and the token. */
  readonly endpoint: string;
  readonly log: string;
}

/** The files of the node's life in the data folder `home`. */
export function nodeFiles(home: string): NodeFiles {
  return {
    lock: join(home, "node.lock"),
    endpoint: join(home, "node.json"),
    log: join(home, "node.log"),
  };
}
