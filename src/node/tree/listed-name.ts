import { compareBytes, concatBytes, equalBytes, toHex, toUtf8 } from "../core/bytes.ts";
import type { EntryId } from "../core/ids.ts";
import { maxNameBytes } from "../core/path.ts";
import { compareStamps } from "../core/stamp.ts";
import { decodeEntry, type Entry, isLive, namePrefix } from "./entry.ts";
import type { MapView } from "./state-view.ts";

/** What an entry's name is made of where it is listed. */
interface Named {
  readonly id: EntryId;
  readonly name: string;
}

const shortDigits = 8;
/** A longer end of a name is no extension, and is not kept whole where a name is cut. */
const maxExtensionBytes = 64;
/** A character that does not fit leaves up to three bytes free. */
const leastCutNameBytes = maxNameBytes - 3;

/**
 * `notes~1a2b3c4d.txt`: how an entry is listed whose plain name another one holds. FORMAT §10.5.
 * @param mark - what follows the tilde.
 * @returns the name, and whether it had to be cut to fit.
 */
export function suffixed(name: string, mark: string): { text: string; isCut: boolean } {
  const dot = name.lastIndexOf(".");
  const hasExtension = dot > 0 && toUtf8(name.slice(dot)).length <= maxExtensionBytes;
  const end = hasExtension ? dot : name.length;
  const suffix = `~${mark}${name.slice(end)}`;
  const stem = name.slice(0, end);
  const kept = cutToBytes(stem, maxNameBytes - toUtf8(suffix).length);
  return { text: kept + suffix, isCut: kept.length < stem.length };
}

/** As many whole characters as fit. */
function cutToBytes(text: string, most: number): string {
  let kept = "";
  let length = 0;
  for (const character of text) {
    length += toUtf8(character).length;
    if (length > most) break;
    kept += character;
  }
  return kept;
}

/** Stem, digits of the id, extension. */
const suffixForm = /^(.+)~([0-9a-f]{32}|[0-9a-f]{8})(?:~[1-9][0-9]*)?(\.[^.]*)?$/su;

/** Live before ghosts, then the smallest (at, id): the first of a name stays plain. */
export function compareNamesakes(a: Entry, b: Entry): number {
  return (
    Number(isLive(b)) - Number(isLive(a)) || compareStamps(a.at, b.at) || compareBytes(a.id, b.id)
  );
}

/** The entries of one stored name in one folder, the one that is listed plainly first. */
export async function namesakes(map: MapView, parent: EntryId, name: string): Promise<Entry[]> {
  const found: Entry[] = [];
  for await (const [key, value] of map.range(namePrefix(parent, name))) {
    found.push(decodeEntry(key, value));
  }
  return found.sort(compareNamesakes);
}

/**
 * The name under which one of several namesakes is listed.
 * @param same - all of them, as {@link namesakes} gives them.
 */
export async function nameAmong(
  tree: MapView,
  parent: EntryId,
  same: readonly Entry[],
  entry: Named,
): Promise<string> {
  const [plain] = same;
  if (plain === undefined || equalBytes(plain.id, entry.id)) return entry.name;
  const id = toHex(entry.id);
  const digits = id.slice(0, shortDigits);
  const isShared = same
    .slice(1)
    .some((other) => !equalBytes(other.id, entry.id) && toHex(other.id).startsWith(digits));
  const isFree = async (name: string): Promise<boolean> =>
    (await namesakes(tree, parent, name)).length === 0;
  const short = suffixed(entry.name, digits);
  // Names that had to be cut can meet those of others: only the whole id tells them apart.
  if (!isShared && !short.isCut && (await isFree(short.text))) return short.text;
  let { text } = suffixed(entry.name, id);
  for (let count = 2; !(await isFree(text)); count++) {
    ({ text } = suffixed(entry.name, `${id}~${count.toString()}`));
  }
  return text;
}

/**
 * The entry that is listed in a folder under a name with a suffix, if there is one.
 * @param name - under which nothing is stored in the folder.
 */
export async function findSuffixed(
  tree: MapView,
  parent: EntryId,
  name: string,
): Promise<Entry | undefined> {
  const match = suffixForm.exec(name);
  if (match === null) return undefined;
  const [, stem = "", digits = "", extension = ""] = match;
  const isCut = toUtf8(name).length >= leastCutNameBytes;
  const prefix = isCut
    ? concatBytes(parent, toUtf8(stem))
    : namePrefix(parent, `${stem}${extension}`);
  for await (const [key, value] of tree.range(prefix)) {
    const entry = decodeEntry(key, value);
    if (!toHex(entry.id).startsWith(digits)) continue;
    const same = await namesakes(tree, parent, entry.name);
    if ((await nameAmong(tree, parent, same, entry)) === name) return entry;
  }
  return undefined;
}
