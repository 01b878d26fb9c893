import { CloudError } from "../core/cloud-error.ts";
import { formatPath, parsePath, resolvePath } from "../core/path.ts";

/**
 * A path of the drive as typed, as `/a/b`: a leading slash may be left out, a trailing one too, and
 * `.` and `..` are resolved from the root.
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
  return formatPath(parsePath(resolvePath("/", typed)));
}
