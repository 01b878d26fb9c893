import { CloudError } from "../core/cloud-error.ts";
import { formatPath, parsePath } from "../core/path.ts";
import type { Stat, VersionId, When } from "../rpc/contract.ts";
import type { ContentSource } from "./read-parts.ts";
import type { Session } from "./session.ts";

/** Links followed before a circle is assumed, as in POSIX `SYMLOOP_MAX`. */
const maxLinks = 40;

/** A path, and optionally a moment or a version of it. */
export interface ContentOptions {
  readonly at?: When;
  readonly version?: VersionId;
}

/** A file found, and how to read exactly that content of it. */
export interface OpenContent {
  readonly stat: Stat;
  readonly source: ContentSource;
}

/** Where a link points to, as a path of the drive. */
function linkTarget(path: string, target: string): string {
  const outside = (): never => {
    throw new CloudError(
      "not-found",
      `${JSON.stringify(path)} is a link to ${JSON.stringify(target)}, which is outside the drive`,
    );
  };
  if (target.startsWith("/")) outside();
  const names = parsePath(path).slice(0, -1);
  for (const name of target.split("/")) {
    if (name === "" || name === ".") continue;
    if (name !== "..") names.push(name);
    else if (names.pop() === undefined) outside();
  }
  return formatPath(names);
}

/**
 * Finds a file's content, through links. Reading goes by the version found, so that a change
 * meanwhile can't mix two contents.
 * @param path - of the drive, as `/a/b`.
 * @throws is-a-folder; not-found; conflict, for links in a circle.
 */
export async function openContent(
  session: Session,
  path: string,
  options: ContentOptions,
): Promise<OpenContent> {
  let here = path;
  for (let links = 0; links <= maxLinks; links++) {
    const stat = await session.request("stat", { path: here, ...options });
    if (stat.kind === "folder") {
      throw new CloudError(
        "is-a-folder",
        `${JSON.stringify(here)} is a folder; a whole folder goes out by: ipcloud export`,
      );
    }
    if (stat.kind === "file") {
      const exactly = options.at === undefined ? { version: stat.version } : { at: options.at };
      return { stat, source: { path: here, ...options, ...exactly } };
    }
    const at = options.at === undefined ? {} : { at: options.at };
    here = linkTarget(here, (await session.request("readLink", { path: here, ...at })).target);
  }
  throw new CloudError("conflict", `${JSON.stringify(path)} is a link that leads in a circle`);
}
