import { nameOf } from "../../node/core/path.ts";
import {
  CloudError,
  isCloudError,
  type Params,
  type Stat,
  type VersionId,
} from "../../node/rpc/contract.ts";
import type { CachedDrive } from "../memory/cached-drive.ts";
import { digestOf } from "./digest.ts";

/** A save that was refused because the drive had moved on. */
export interface SaveConflict {
  /** As the editor names the file. */
  readonly path: string;
  /** Where it stands, links followed. */
  readonly target: string;
  /** The version that now stands there, which the person has not seen. */
  readonly current: Stat;
  /** The version that the person's text began from, if that is known. */
  readonly base?: VersionId;
  /** Who wrote it, if that could be found out. */
  readonly by?: { readonly device: string; readonly time: number };
}

/** A refused save: the error the editor shows, and what to show beside it. */
export class SaveConflictError extends CloudError {
  readonly conflict: SaveConflict;

  constructor(conflict: SaveConflict) {
    const where = conflict.by === undefined ? "elsewhere" : `on ${conflict.by.device}`;
    super(
      "conflict",
      `"${nameOf(conflict.path)}" was changed ${where} after you opened it, so yours was not saved over it. Decide in the view "Conflicts", or by the buttons in the editor's title`,
    );
    this.conflict = conflict;
  }
}

/** What a save needs to know. */
export interface Save {
  /** As the editor names the file, for messages. */
  readonly path: string;
  /** Where it stands, links followed. */
  readonly target: string;
  readonly content: Uint8Array;
  /** Only over this version; `null`: only if nothing stands there; absent: over anything. */
  readonly base?: VersionId | null;
}

/**
 * Stores a content over its base version, in one compare-and-swap of the node.
 *
 * If another version stands there that holds the same bytes, all is as wanted: a save whose answer
 * was lost, or two people with the same change.
 * @throws SaveConflictError, if something else stands there.
 */
export async function saveFile(drive: CachedDrive, save: Save): Promise<Stat> {
  const { path, target, content, base } = save;
  const file: Params<"write"> = {
    path: target,
    content,
    ...(base === undefined ? {} : { base }),
  };
  try {
    return await drive.write(file);
  } catch (error) {
    if (!isCloudError(error, "conflict", "exists")) throw error;
    const current = await drive.stat(target);
    if (current?.kind !== "file") throw error;
    if (await holds(drive, target, current, content)) return current;
    const by = await lastWriter(drive, target);
    throw new SaveConflictError({
      path,
      target,
      current,
      ...(typeof base === "string" ? { base } : {}),
      ...(by === undefined ? {} : { by }),
    });
  }
}

async function holds(
  drive: CachedDrive,
  path: string,
  stat: Stat,
  content: Uint8Array,
): Promise<boolean> {
  if (stat.size !== content.length) return false;
  return digestOf(await drive.read(path, stat)) === digestOf(content);
}

async function lastWriter(drive: CachedDrive, path: string): Promise<SaveConflict["by"]> {
  try {
    const latest = await drive.latestVersion(path);
    return latest === undefined ? undefined : { device: latest.device, time: latest.time };
  } catch {
    return undefined;
  }
}
