import { mkdirSync, realpathSync, statSync } from "node:fs";
import { CloudError } from "../../core/cloud-error.ts";
import { isSameFile, leadsInto } from "../../platform/same-file.ts";
import { systemErrorCode, systemErrorWords } from "../../platform/system-error.ts";

/**
 * Refuses a place in the data folder: what is written there would replace the drive's own files.
 * @param home - the data folder.
 * @throws usage
 */
export function mustNotLeadHome(dest: string, home: string): void {
  if (leadsInto(dest, home)) throw keptThere(dest);
}

/** The same for a folder that an export enters, which is there. @throws usage */
export function mustNotBeHome(path: string, home: string): void {
  const own = statSync(home, { throwIfNoEntry: false });
  if (own !== undefined && isSameFile(statSync(path), own)) throw keptThere(path);
}

function keptThere(path: string): CloudError {
  return new CloudError(
    "usage",
    `${JSON.stringify(path)} is in the folder in which the drive itself is kept: choose another place`,
  );
}

/**
 * The folder that an export of a folder goes into; made if it is not there.
 * @throws not-a-folder, storage
 */
export function openDestination(dest: string): { path: string; isNew: boolean } {
  const shown = JSON.stringify(dest);
  try {
    const isNew = mkdirSync(dest, { recursive: true }) !== undefined;
    const path = realpathSync(dest);
    if (statSync(path).isDirectory()) return { path, isNew };
  } catch (error) {
    const code = systemErrorCode(error);
    if (code !== "EEXIST" && code !== "ENOTDIR") {
      const message = `can't make the folder ${shown}: ${systemErrorWords(error)}`;
      throw new CloudError("storage", message, { cause: error });
    }
  }
  throw new CloudError("not-a-folder", `${shown} is not a folder, so nothing can be put into it`);
}
