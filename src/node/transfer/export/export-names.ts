import { lstatSync, mkdirSync, rmdirSync } from "node:fs";
import { toHex } from "../../core/bytes.ts";
import { suffixed } from "../../tree/listed-name.ts";
import type { Listed } from "../../tree/lookup.ts";
import type { Notes } from "../notes.ts";

/** Something that a folder lists, and the name that it gets on the disk. */
export interface NamedItem extends Listed {
  readonly target: string;
}

const shortDigits = 8;

/** What remains of a name where letters' case and normal form count for nothing. */
function fold(name: string): string {
  return name.normalize("NFC").toLowerCase().normalize("NFC");
}

/** Whether a folder of the disk takes two names that differ only in case or normal form for one. */
export function takesAlikeForOne(folder: string): boolean {
  const stem = `${folder}/.ipcloud-${Math.random().toString(36).slice(2, 12)}-`;
  const name = `${stem}\u00e9a`;
  try {
    mkdirSync(name);
  } catch {
    return false; // what is written will say it
  }
  const alike = [`${stem}\u00e9A`, `${stem}e\u0301a`].some(
    (other) => lstatSync(other, { throwIfNoEntry: false }) !== undefined,
  );
  rmdirSync(name);
  return alike;
}

/** Two names that differ only in case or normal form. */
function clashes(listed: readonly Listed[]): boolean {
  return new Set(listed.map(({ name }) => fold(name))).size < listed.length;
}

/**
 * Finds names on the disk for what a folder lists. Names that differ only in case or normal form are
 * told; where the disk takes them for one the later gets a suffix, so that both are kept.
 * @param alike - asks, only if it matters, whether the folder takes such names for one.
 * @param show - how a path of the drive is told.
 */
export async function nameItems(
  listed: readonly Listed[],
  alike: () => Promise<boolean>,
  show: (name: string) => string,
  notes: Notes,
): Promise<NamedItem[]> {
  const taken = new Map<string, string>();
  const alikeIsOne = clashes(listed) && (await alike());
  return listed.map(({ name, entry }) => {
    const first = taken.get(fold(name));
    if (first === undefined) {
      taken.set(fold(name), name);
      return { name, entry, target: name };
    }
    const clash = `${show(name)} differs from ${JSON.stringify(first)} only in case or normal form`;
    if (!alikeIsOne) {
      notes.add(`${clash}: both were written, and other systems may take them for one`);
      return { name, entry, target: name };
    }
    const id = toHex(entry.id);
    const short = suffixed(name, id.slice(0, shortDigits)).text;
    const target = taken.has(fold(short)) ? suffixed(name, id).text : short;
    taken.set(fold(target), target);
    notes.add(
      `${clash}, which this disk takes for one: it was written as ${JSON.stringify(target)}`,
    );
    return { name, entry, target };
  });
}
