import { lstatSync, rmSync } from "node:fs";
import { basename, dirname } from "node:path";
import {
  folderOfFile,
  mustNotLeadHome,
  openDestination,
  placeOfFile,
} from "../export/export-dest.ts";
import {
  closeLargeFile,
  fillFolders,
  finishFolders,
  makeLinks,
  openLargeFile,
} from "../export/export-finish.ts";
import { takesAlikeForOne } from "../export/export-names.ts";
import { removeLeft } from "../export/unfinished-files.ts";
import { openSource, openSourceFile } from "../import/open-source.ts";
import { type DiskFolder, inFolder } from "../worker/disk-folder.ts";
import { type DiskStat, diskStat } from "./disk-stat.ts";
import { listFolder, lookAtNames } from "./list-folder.ts";

/** What is done in a thread of its own, since the disk may not answer. None of it is asynchronous. */
export const diskCalls = {
  openSource,
  openSourceFile,
  listFolder,
  lookAtNames,
  /** Looks at something itself, no link followed. */
  look: (path: string): DiskStat => diskStat(lstatSync(path)),
  mustNotLeadHome,
  openDestination,
  placeOfFile,
  folderOfFile,
  takesAlikeForOne,
  fillFolders,
  openLargeFile,
  closeLargeFile,
  makeLinks,
  finishFolders,
  /** Removes a file of a folder. @returns whether it is gone */
  removeFile: (path: string, folder: DiskFolder): boolean =>
    inFolder(dirname(path), folder, (inside) => {
      rmSync(`${inside}/${basename(path)}`, { force: true });
      return true;
    }),
  removeLeft,
} as const;

/** The calls by name, with what they take and give. */
export type DiskCalls = typeof diskCalls;

/** A call on its way to the thread. */
export interface CallMessage {
  readonly name: keyof DiskCalls;
  readonly args: readonly unknown[];
}
