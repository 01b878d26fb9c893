import { realpathSync, statSync } from "node:fs";
import { isAbsolute } from "node:path";
import { CloudError } from "../../core/cloud-error.ts";
import { systemErrorCode, systemErrorWords } from "../../platform/system-error.ts";
import { type DiskStat, diskStat } from "../disk/disk-stat.ts";

/** What an import takes in. */
export interface OpenedSource {
  /** Its real path. */
  readonly path: string;
  readonly stat: DiskStat;
}

/** Finds the folder that an import takes in. @throws usage, not-found, not-a-folder, storage */
export function openSource(source: string): OpenedSource {
  const shown = JSON.stringify(source);
  if (!isAbsolute(source)) throw new CloudError("usage", `expected an absolute path, got ${shown}`);
  let opened: OpenedSource;
  try {
    opened = openSourceFile(source);
  } catch (error) {
    const code = systemErrorCode(error) === "ENOENT" ? "not-found" : "storage";
    throw new CloudError(code, `can't read the folder ${shown}: ${systemErrorWords(error)}`, {
      cause: error,
    });
  }
  if (opened.stat.kind !== "folder")
    throw new CloudError("not-a-folder", `${shown} is not a folder`);
  return opened;
}

/** Finds what stands at a path, through links. @throws what the system says */
export function openSourceFile(source: string): OpenedSource {
  const path = realpathSync(source);
  return { path, stat: diskStat(statSync(path)) };
}
