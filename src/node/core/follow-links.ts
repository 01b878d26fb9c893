import { CloudError } from "./cloud-error.ts";
import { movedPath, namesOf, parentOf, resolvePath } from "./path.ts";

/** The most links on one way: as many as Linux follows. */
const mostLinks = 40;

/** What has to be known of a drive to follow its symbolic links. */
export interface LinkPort {
  /** What stands at a path, links not followed; `undefined` if nothing does. */
  kindAt(path: string): Promise<"file" | "folder" | "link" | undefined>;
  /** What a link says, as it was given. */
  targetOf(path: string): Promise<string>;
}

/**
 * The path that `path` stands for once symbolic links are followed: those in its folders always,
 * one at its end if `last` says so. Nothing needs to stand there. FORMAT §8.1: what a link says is a
 * path of the drive, also if it is absolute.
 * @param path - absolute, without `.` and `..`.
 * @throws not-found, after 40 links.
 */
export async function followLinks(port: LinkPort, path: string, last: boolean): Promise<string> {
  let now = path;
  for (let links = 0; links <= mostLinks; links++) {
    const link = await firstLink(port, now, last);
    if (link === undefined) return now;
    now = movedPath(now, link, resolvePath(parentOf(link), await port.targetOf(link)));
  }
  throw new CloudError(
    "not-found",
    `${JSON.stringify(path)} leads through more than ${mostLinks.toString()} symbolic links`,
  );
}

/** The first link on the way to `path`; `undefined` if there is none to follow. */
async function firstLink(port: LinkPort, path: string, last: boolean): Promise<string | undefined> {
  // Most paths lead through no link: then this one question is all.
  const whole = await port.kindAt(path);
  if (whole !== undefined) return whole === "link" && last ? path : undefined;
  let above = "";
  for (const name of namesOf(path).slice(0, -1)) {
    above += `/${name}`;
    const kind = await port.kindAt(above);
    if (kind === "link") return above;
    if (kind !== "folder") return undefined;
  }
  return undefined;
}
