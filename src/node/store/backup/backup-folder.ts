import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { CloudError } from "../../core/cloud-error.ts";
import { diskError } from "../../platform/disk-error.ts";
import { makeFolders } from "../../platform/make-folders.ts";
import { leadsInto } from "../../platform/same-file.ts";
import { syncFolder } from "../sync-files.ts";

/** Tells a folder of backups from any other. */
const markerName = "backup.json";
/** Becomes the marker once it is durable. */
const draftName = `${markerName}.next`;
const markerVersion = 1;
/** What only a folder has that was opened as a drive. */
const ownNames = ["instance", "node.lock"];

/** What stands in the marker, as JSON; nothing secret. */
interface Marker {
  readonly version: number;
  /** When the last backup was whole, ISO 8601; absent before the first. */
  readonly finished?: string;
}

/**
 * Makes a folder for backups, or finds that it is one.
 * @param folder - absolute. @param home - the data folder that is backed up.
 * @throws usage, in the data folder; not-a-folder; not-empty, if it holds something else; conflict, if
 * it has become a drive of its own; newer; storage and its kin
 */
export async function openBackupFolder(folder: string, home: string): Promise<void> {
  const shown = JSON.stringify(folder);
  if (leadsInto(folder, home)) {
    const message = `${shown} is in the data folder that is to be backed up: choose another place`;
    throw new CloudError("usage", message);
  }
  let names: string[];
  try {
    makeFolders(folder, 0o700);
    if (!statSync(folder).isDirectory()) {
      throw new CloudError(
        "not-a-folder",
        `${shown} is not a folder, so nothing can be put into it`,
      );
    }
    names = readdirSync(folder);
  } catch (error) {
    throw error instanceof CloudError ? error : diskError(`can't make the folder ${shown}`, error);
  }
  // A kill may have left what was to become the marker, and nothing else.
  if (names.every((name) => name === draftName)) {
    await writeMarker(folder, { version: markerVersion });
    return;
  }
  if (!names.includes(markerName)) {
    const message = `${shown} is not empty, and no backup: choose an empty folder, or one that isn't there`;
    throw new CloudError("not-empty", message);
  }
  if (!isUnderstood(readMarker(folder))) {
    throw new CloudError(
      "newer",
      `the backup in ${shown} was made by a newer IPCloud: update this one`,
    );
  }
  if (ownNames.some((name) => names.includes(name))) {
    throw new CloudError(
      "conflict",
      `${shown} was a backup and has been opened as a drive since, so it is one of its own: choose another folder`,
    );
  }
}

/** Says that the backup in a folder is whole. @param now - milliseconds since 1970. */
export async function finishBackupFolder(folder: string, now: number): Promise<void> {
  await writeMarker(folder, { version: markerVersion, finished: new Date(now).toISOString() });
}

/** @returns what stands in the marker, whatever that is; `undefined` if it is no JSON. */
function readMarker(folder: string): unknown {
  try {
    return JSON.parse(readFileSync(join(folder, markerName), "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw diskError(`can't read the backup in ${JSON.stringify(folder)}`, error);
  }
}

/** A kill may have left it empty; what it says beside a version is for people. */
function isUnderstood(marker: unknown): boolean {
  if (typeof marker !== "object" || marker === null || !("version" in marker)) return true;
  return marker.version === markerVersion;
}

async function writeMarker(folder: string, marker: Marker): Promise<void> {
  const path = join(folder, markerName);
  const isThere = existsSync(path);
  try {
    const draft = join(folder, draftName);
    writeFileSync(draft, `${JSON.stringify(marker)}\n`, { mode: 0o600, flush: true });
    renameSync(draft, path);
    if (!isThere) await syncFolder(folder, () => undefined);
  } catch (error) {
    throw diskError(`can't write into ${JSON.stringify(folder)}`, error);
  }
}
