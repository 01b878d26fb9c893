import { CloudError } from "../core/cloud-error.ts";
import { formatPath, parsePath } from "../core/path.ts";

/**
 * A path of the drive as typed, as `/a/b`: a leading slash may be left out, a trailing one too.
 * @throws usage, if it is empty (an unset variable in a script must not mean the root), or was not
 * UTF-8; invalid-name
 */
export function drivePath(typed: string): string {
  if (typed === "") {
    throw new CloudError("usage", "the path is empty; write / for the whole drive");
  }
  // What arrives of an argument that is not UTF-8 would be another name than was meant.
  if (typed.includes("\ufffd")) {
    throw new CloudError(
      "usage",
      `${JSON.stringify(typed)} is no path of the drive: it is not UTF-8`,
    );
  }
  return formatPath(parsePath(typed));
}

/** The last name of a path of the drive; `/` for the root. */
export function baseName(path: string): string {
  return parsePath(path).at(-1) ?? "/";
}

/** The path of a name in a folder of the drive. */
export function childPath(folder: string, name: string): string {
  return folder === "/" ? `/${name}` : `${folder}/${name}`;
}
