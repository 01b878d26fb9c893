import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
} from "node:fs";
import { fromUtf8 } from "../../core/bytes.ts";
import { systemErrorWords } from "../../platform/system-error.ts";
import { beat } from "../../platform/thread-watch.ts";
import { type DiskStat, diskStat, type LookColumns, lookColumns } from "./disk-stat.ts";

/** Things that are looked at by one call. */
export const looksAtOnce = 1000;
/** A file of rules in a folder. */
export interface RulesFile {
  readonly name: string;
  /** A longer one is not read. */
  readonly maxBytes: number;
}

/** What is in a folder of the disk. */
export interface FolderListing {
  /** Sorted, joined by NUL, which no name holds; empty for none. */
  readonly names: string;
  /** Names that are not UTF-8, as if they were Latin-1. */
  readonly invalid: readonly string[];
  /** Of the first {@link looksAtOnce} names. */
  readonly looks: LookColumns;
  /** The text of the file of rules, its size if it is too long, or why it can't be read. */
  readonly rules:
    | { readonly text: string }
    | { readonly size: number }
    | { readonly failed: string }
    | undefined;
}

/** Lists a folder, and reads the file of rules in it. @throws what the system says of the folder */
export function listFolder(path: string, rulesFile: RulesFile): FolderListing {
  let names = readdirSync(path).sort();
  const invalid: string[] = [];
  // What is not UTF-8 is read as if it held the replacement character.
  if (names.some((name) => name.includes("\ufffd"))) names = validNames(path, invalid);
  const rules = names.includes(rulesFile.name) ? readRules(path, rulesFile) : undefined;
  const looks = lookAtNames(path, names.slice(0, looksAtOnce).join("\0"));
  return { names: names.join("\0"), invalid, looks, rules };
}

/** Looks at things of a folder. @param names - joined by NUL. */
export function lookAtNames(path: string, names: string): LookColumns {
  if (names === "") return lookColumns([]);
  const looks = names.split("\0").map((name): DiskStat | string => {
    beat();
    try {
      return diskStat(lstatSync(`${path}/${name}`));
    } catch (error) {
      return systemErrorWords(error);
    }
  });
  return lookColumns(looks);
}

function validNames(path: string, invalid: string[]): string[] {
  const names: string[] = [];
  for (const bytes of readdirSync(path, { encoding: "buffer" })) {
    const name = fromUtf8(bytes);
    if (name === undefined) invalid.push(bytes.toString("latin1"));
    else names.push(name);
  }
  return names.sort();
}

function readRules(folder: string, { name, maxBytes }: RulesFile): FolderListing["rules"] {
  const path = `${folder}/${name}`;
  try {
    if (!lstatSync(path).isFile()) return undefined;
    // As for what is taken in: no link is followed, and no pipe waited for.
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
    const file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const stat = fstatSync(file);
      if (!stat.isFile()) return undefined;
      if (stat.size > maxBytes) return { size: stat.size };
      const bytes = Buffer.alloc(maxBytes + 1);
      let length = 0;
      for (let got = 1; got > 0 && length < bytes.length; length += got) {
        got = readSync(file, bytes, length, bytes.length - length, length);
      }
      return length > maxBytes ? { size: length } : { text: bytes.toString("utf8", 0, length) };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    return { failed: systemErrorWords(error) };
  }
}
