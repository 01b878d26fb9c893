import { lstatSync, readdirSync, readFileSync, type Stats } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { isRecordTime } from "../../blocks/content/next-record.ts";
import { fromUtf8 } from "../../core/bytes.ts";
import { isCloudError } from "../../core/cloud-error.ts";
import { checkName, maxPathNames } from "../../core/path.ts";
import { isSameFile } from "../../platform/same-file.ts";
import { systemErrorWords } from "../../platform/system-error.ts";
import type { Notes } from "../notes.ts";
import {
  checkRulesLength,
  type IgnoreRules,
  ignoreFileName,
  isIgnored,
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

/** What of the data folder must not be opened under any name. */
export interface HomeOnDisk {
  readonly folder: Stats;
  /** Files that this process holds locks on: closing one of them would drop its locks. */
  readonly locked: readonly Stats[];
}

/** What the walk counts and tells. */
export interface WalkContext {
  readonly notes: Notes;
  /** The drive's own data folder, which is left out. */
  readonly home: HomeOnDisk | undefined;
  readonly counts: { ignored: number; hardLinks: number; foreign: number; farTimes: number };
}

const partItems = 1000;
/** The walk stops for others after so long. */
const sliceMs = 8;
const permissionBits = 0o7777;

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
    const names = readNames(folder, context.notes);
    const rules = names.includes(ignoreFileName)
      ? readRules(next.rules, folder, context.notes)
      : next.rules;
    if (rules === "unusable") continue;
    const inner: MatchedFolder[] = [];
    for (let at = 0; at === 0 || at < names.length; at += partItems) {
      const seen = names
        .slice(at, at + partItems)
        .flatMap((name) => look(folder, name, rules, context) ?? []);
      const items = await match({ folder, items: seen, first: at === 0 });
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

/** The names in a folder, sorted; none if it can't be read. */
function readNames(folder: MatchedFolder, notes: Notes): string[] {
  try {
    const names = readdirSync(folder.path).sort();
    // What is not UTF-8 is read as if it held the replacement character.
    return names.some((name) => name.includes("\ufffd")) ? readValidNames(folder, notes) : names;
  } catch (error) {
    const what = folder.below === "" ? "the folder itself" : JSON.stringify(folder.below);
    notes.fail("storage", `${what} can't be read: ${systemErrorWords(error)}`);
    return [];
  }
}

function readValidNames(folder: MatchedFolder, notes: Notes): string[] {
  const names: string[] = [];
  for (const bytes of readdirSync(folder.path, { encoding: "buffer" })) {
    const name = fromUtf8(bytes);
    if (name !== undefined) names.push(name);
    else {
      const shown = JSON.stringify(pathBelow(folder, bytes.toString("latin1")));
      notes.fail(
        "invalid-name",
        `${shown} was left out: its name is not UTF-8 (shown as if it were Latin-1)`,
      );
    }
  }
  return names.sort();
}

/** @returns "unusable" where it can't be told what is to be left out, so that nothing may be taken in. */
function readRules(
  above: IgnoreRules | undefined,
  folder: MatchedFolder,
  notes: Notes,
): IgnoreRules | "unusable" | undefined {
  const path = `${folder.path}/${ignoreFileName}`;
  const shown = JSON.stringify(pathBelow(folder, ignoreFileName));
  try {
    const found = lstatSync(path);
    if (!found.isFile()) return above;
    checkRulesLength(found.size);
    return withRules(above, readFileSync(path, "utf8"), folder.below);
  } catch (error) {
    if (!isCloudError(error)) {
      notes.add(`the rules in ${shown} can't be read: ${systemErrorWords(error)}`);
      return above;
    }
    const what = folder.below === "" ? "the folder itself" : JSON.stringify(folder.below);
    notes.fail(
      error.code,
      `what is in ${what} was left out, for the rules in ${shown} can't be followed: ${error.message}`,
    );
    return "unusable";
  }
}

/** Looks at one thing. @returns `undefined` if it is left out. */
function look(
  folder: MatchedFolder,
  name: string,
  rules: IgnoreRules | undefined,
  { notes, home, counts }: WalkContext,
): SeenItem | undefined {
  const path = `${folder.path}/${name}`;
  const below = pathBelow(folder, name);
  const leftOut = `${JSON.stringify(below)} was left out`;
  let stat: Stats;
  try {
    stat = lstatSync(path);
    checkName(name);
  } catch (error) {
    const code = isCloudError(error) ? error.code : "storage";
    notes.fail(code, `${leftOut}: ${systemErrorWords(error)}`);
    return undefined;
  }
  const kind = stat.isFile()
    ? "file"
    : stat.isDirectory()
      ? "folder"
      : stat.isSymbolicLink()
        ? "link"
        : undefined;
  if (rules !== undefined && isIgnored(rules, below, kind === "folder")) {
    counts.ignored++;
    return undefined;
  }
  if (kind === undefined) {
    notes.add(`${leftOut}: it is ${specialKind(stat)}, which no drive can hold`);
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
    mode: stat.mode & permissionBits,
  };
}

/** What of the drive's own data folder something is, under whatever name; `undefined`: nothing. */
function partOfHome(
  kind: SeenItem["kind"],
  stat: Stats,
  home: HomeOnDisk | undefined,
): string | undefined {
  if (home === undefined) return undefined;
  if (kind === "folder" && isSameFile(stat, home.folder)) {
    return "the folder in which the drive itself is kept";
  }
  const isLocked = stat.nlink > 1 && home.locked.some((locked) => isSameFile(stat, locked));
  return isLocked ? "a file by which the drive itself is kept, under another name" : undefined;
}

function specialKind(stat: Stats): string {
  if (stat.isSocket()) return "a socket";
  if (stat.isFIFO()) return "a pipe";
  if (stat.isCharacterDevice() || stat.isBlockDevice()) return "a device";
  return "neither file, folder nor symbolic link";
}
