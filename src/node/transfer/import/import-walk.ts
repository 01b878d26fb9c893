import { setImmediate as nextTurn } from "node:timers/promises";
import { isRecordTime } from "../../blocks/content/next-record.ts";
import { type CloudError, isCloudError } from "../../core/cloud-error.ts";
import { checkName, maxPathNames } from "../../core/path.ts";
import { isSameFile } from "../../platform/same-file.ts";
import { systemErrorWords } from "../../platform/system-error.ts";
import { type DiskStat, lookAt } from "../disk/disk-stat.ts";
import type { DiskThread } from "../disk/disk-threads.ts";
import { type FolderListing, looksAtOnce } from "../disk/list-folder.ts";
import type { Notes } from "../notes.ts";
import {
  checkRulesLength,
  type IgnoreRules,
  ignoreFileName,
  isIgnored,
  maxRulesBytes,
  withRules,
} from "./ignore-rules.ts";
import { type MatchedFolder, type MatchedItem, pathBelow, type SeenItem } from "./import-item.ts";

/** Who runs this node; Windows has no such number. */
const ownUser = process.getuid?.();

/** Some things of one folder, sorted by name; a large folder comes in several parts. */
export interface WalkedPart {
  readonly folder: MatchedFolder;
  readonly items: readonly SeenItem[];
  readonly first: boolean;
}

type OnDisk = Pick<DiskStat, "dev" | "ino">;

/** What of the data folder must not be opened under any name. */
export interface HomeOnDisk {
  readonly folder: OnDisk;
  /** Files that this process holds locks on: closing one of them would drop its locks. */
  readonly locked: readonly OnDisk[];
}

/** What the walk counts and tells. */
export interface WalkContext {
  readonly disk: DiskThread;
  readonly notes: Notes;
  /** The drive's own data folder, which is left out. */
  readonly home: HomeOnDisk | undefined;
  readonly counts: { ignored: number; hardLinks: number; foreign: number; farTimes: number };
}

/** The walk stops for others after so long. */
const sliceMs = 8;

/**
 * Walks a folder: each folder's contents sorted by name, before those of the folders in it. Nothing
 * is followed out of it. Lets others have their turn between slices of a few ms.
 * @param match - sets a part beside what the drive has; folders that it fails are not walked.
 */
export async function* walkFolder(
  root: MatchedFolder,
  context: WalkContext,
  match: (part: WalkedPart) => Promise<readonly MatchedItem[]>,
): AsyncGenerator<readonly MatchedItem[]> {
  const pending: { folder: MatchedFolder; rules: IgnoreRules | undefined }[] = [
    { folder: root, rules: undefined },
  ];
  let sliceEnd = performance.now() + sliceMs;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { folder } = next;
    const listing = await listFolder(folder, context);
    if (listing === undefined) continue;
    tellInvalid(folder, listing.invalid, context.notes);
    const rules = rulesOf(next.rules, folder, listing.rules, context.notes);
    if (rules === "unusable") continue;
    const inner: MatchedFolder[] = [];
    let { looks } = listing;
    let first = true;
    for (const names of partsOf(listing.names)) {
      if (!first) looks = await context.disk.call("lookAtNames", folder.path, names);
      const seen = split(names).flatMap(
        (name, i) => look(folder, name, lookAt(looks, i), rules, context) ?? [],
      );
      const items = await match({ folder, items: seen, first });
      first = false;
      for (const item of items) {
        if (item.outcome !== "failed" && item.inner !== undefined) inner.push(item.inner);
      }
      yield items;
      if (performance.now() > sliceEnd) {
        await nextTurn();
        sliceEnd = performance.now() + sliceMs;
      }
    }
    for (const each of inner.reverse()) pending.push({ folder: each, rules });
  }
}

/** Names joined by NUL, so many at once as are looked at by one call. There is a first part always. */
function* partsOf(names: string): Generator<string> {
  for (let start = 0; start === 0 || start < names.length; ) {
    let end = start - 1;
    for (let count = 0; count < looksAtOnce && end < names.length; count++) {
      const next = names.indexOf("\0", end + 1);
      end = next < 0 ? names.length : next;
    }
    yield names.slice(start, end);
    start = end + 1;
  }
}

function split(names: string): string[] {
  return names === "" ? [] : names.split("\0");
}

const rulesFile = { name: ignoreFileName, maxBytes: maxRulesBytes };

/** What is in a folder; `undefined`, if it can't be read. */
async function listFolder(
  folder: MatchedFolder,
  { disk, notes }: WalkContext,
): Promise<FolderListing | undefined> {
  try {
    return await disk.call("listFolder", folder.path, rulesFile);
  } catch (error) {
    if (isCloudError(error)) throw error;
    const what = folder.below === "" ? "the folder itself" : JSON.stringify(folder.below);
    notes.fail("storage", `${what} can't be read: ${systemErrorWords(error)}`);
    return undefined;
  }
}

function tellInvalid(folder: MatchedFolder, invalid: readonly string[], notes: Notes): void {
  for (const name of invalid) {
    const shown = JSON.stringify(pathBelow(folder, name));
    notes.fail(
      "invalid-name",
      `${shown} was left out: its name is not UTF-8 (shown as if it were Latin-1)`,
    );
  }
}

/** @returns "unusable" where it can't be told what is to be left out, so that nothing may be taken in. */
function rulesOf(
  above: IgnoreRules | undefined,
  folder: MatchedFolder,
  found: FolderListing["rules"],
  notes: Notes,
): IgnoreRules | "unusable" | undefined {
  if (found === undefined) return above;
  const shown = JSON.stringify(pathBelow(folder, ignoreFileName));
  try {
    if ("size" in found) checkRulesLength(found.size);
    if ("text" in found) return withRules(above, found.text, folder.below);
  } catch (error) {
    if (!isCloudError(error)) throw error;
    const what = folder.below === "" ? "the folder itself" : JSON.stringify(folder.below);
    notes.fail(
      error.code,
      `what is in ${what} was left out, for the rules in ${shown} can't be followed: ${error.message}`,
    );
    return "unusable";
  }
  if ("failed" in found) notes.add(`the rules in ${shown} can't be read: ${found.failed}`);
  return above;
}

/**
 * Judges one thing.
 * @param stat - what it is, or why it can't be looked at.
 * @returns `undefined` if it is left out.
 */
function look(
  folder: MatchedFolder,
  name: string,
  stat: DiskStat | string,
  rules: IgnoreRules | undefined,
  { notes, home, counts }: WalkContext,
): SeenItem | undefined {
  const below = pathBelow(folder, name);
  const leftOut = `${JSON.stringify(below)} was left out`;
  const fault =
    typeof stat === "string" ? { code: "storage" as const, message: stat } : nameFault(name);
  if (typeof stat === "string" || fault !== undefined) {
    notes.fail(fault?.code ?? "storage", `${leftOut}: ${fault?.message ?? ""}`);
    return undefined;
  }
  const { kind } = stat;
  if (rules !== undefined && isIgnored(rules, below, kind === "folder")) {
    counts.ignored++;
    return undefined;
  }
  if (kind !== "file" && kind !== "folder" && kind !== "link") {
    notes.add(`${leftOut}: it is ${specialKinds[kind]}, which no drive can hold`);
    return undefined;
  }
  if (folder.depth >= maxPathNames) {
    notes.fail("invalid-name", `${leftOut}: it lies too many folders deep`);
    return undefined;
  }
  const part = partOfHome(kind, stat, home);
  if (part !== undefined) {
    notes.add(`${leftOut}: it is ${part}`);
    return undefined;
  }
  if (kind === "file" && stat.nlink > 1) counts.hardLinks++;
  if (!isRecordTime(stat.mtimeMs)) counts.farTimes++;
  if (ownUser !== undefined && stat.uid !== ownUser) counts.foreign++;
  return {
    folder,
    name,
    kind,
    size: stat.size,
    mtimeMs: stat.mtimeMs,
    ctimeMs: stat.ctimeMs,
    inode: stat.ino,
    owner: stat.uid,
    mode: stat.mode,
  };
}

/** What of the drive's own data folder something is, under whatever name; `undefined`: nothing. */
function partOfHome(
  kind: SeenItem["kind"],
  stat: DiskStat,
  home: HomeOnDisk | undefined,
): string | undefined {
  if (home === undefined) return undefined;
  if (kind === "folder" && isSameFile(stat, home.folder)) {
    return "the folder in which the drive itself is kept";
  }
  const isLocked = stat.nlink > 1 && home.locked.some((locked) => isSameFile(stat, locked));
  return isLocked ? "a file by which the drive itself is kept, under another name" : undefined;
}

const specialKinds = {
  socket: "a socket",
  pipe: "a pipe",
  device: "a device",
  other: "neither file, folder nor symbolic link",
} as const;

/** Why no drive holds a name; `undefined`: one does. */
function nameFault(name: string): CloudError | undefined {
  try {
    checkName(name);
    return undefined;
  } catch (error) {
    if (isCloudError(error)) return error;
    throw error;
  }
}
