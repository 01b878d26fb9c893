import { compareBytes, toHex } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import { type EntryId, rootId } from "../core/ids.ts";
import { formatPath, parsePath } from "../core/path.ts";
import { compareStamps, type Stamp } from "../core/stamp.ts";
import { decodeEntry, type Entry, isLive, namePrefix } from "./entry.ts";
import type { MapView, StateView } from "./state-view.ts";

/** What a path leads to: an entry, or `undefined` for the root folder. */
export interface Found {
  readonly id: EntryId;
  readonly entry: Entry | undefined;
}

/** An entry under the name that it is listed by. */
export interface Listed {
  readonly name: string;
  readonly entry: Entry;
}

const suffixDigits = 8;

/** `notes~1a2b3c4d.txt`: how an entry is listed whose plain name another one holds. */
function suffixed(name: string, id: EntryId): string {
  const dot = name.lastIndexOf(".");
  const cut = dot > 0 ? dot : name.length;
  return `${name.slice(0, cut)}~${toHex(id).slice(0, suffixDigits)}${name.slice(cut)}`;
}

/** The stored name and the id's digits of a suffixed name, if it may be one. */
function unsuffixed(name: string): { name: string; digits: string } | undefined {
  const match = /^(.+)~([0-9a-f]{8})(\.[^.]*)?$/su.exec(name);
  if (match === null) return undefined;
  return { name: `${match[1] as string}${match[3] ?? ""}`, digits: match[2] as string };
}

/** Live before ghosts, then the smallest (at, id): the first of a name stays plain. */
function compareNamesakes(a: Entry, b: Entry): number {
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
  return found.length > 1 ? found.sort(compareNamesakes) : found;
}

/** The visible entries below a folder, each under the name that it is listed by. FORMAT §8.5. */
export async function* list(view: StateView, parent: EntryId): AsyncGenerator<Listed> {
  let same: Entry[] = [];
  const flush = function* (): Generator<Listed> {
    if (same.length > 1) same.sort(compareNamesakes);
    for (const [i, entry] of same.entries()) {
      yield { name: i === 0 ? entry.name : suffixed(entry.name, entry.id), entry };
    }
    same = [];
  };
  for await (const [key, value] of view.tree.range(parent)) {
    const entry = decodeEntry(key, value);
    if (same[0] !== undefined && same[0].name !== entry.name) yield* flush();
    same.push(entry);
  }
  yield* flush();
}

/** The entry listed under a name in a folder. */
export async function child(
  view: StateView,
  parent: EntryId,
  name: string,
): Promise<Entry | undefined> {
  const [plain] = await namesakes(view.tree, parent, name);
  if (plain !== undefined) return plain;
  const split = unsuffixed(name);
  if (split === undefined) return undefined;
  const [, ...others] = await namesakes(view.tree, parent, split.name);
  return others.find(({ id }) => toHex(id).startsWith(split.digits));
}

/**
 * What stands at a path.
 * @throws invalid-name; not-found; not-a-folder, if something on the way is a file
 */
export async function resolve(view: StateView, path: string): Promise<Found> {
  const found = await find(view, path);
  if (found !== undefined) return found;
  throw new CloudError("not-found", `there is nothing at ${formatPath(parsePath(path))}`);
}

/**
 * What stands at a path, if anything does.
 * @throws invalid-name; not-a-folder, if something on the way is a file
 */
export async function find(view: StateView, path: string): Promise<Found | undefined> {
  const names = parsePath(path);
  let entry: Entry | undefined;
  for (const [i, name] of names.entries()) {
    if (entry !== undefined && entry.kind !== "folder") {
      throw new CloudError(
        "not-a-folder",
        `${formatPath(names.slice(0, i))} is not a folder, so nothing can stand below it`,
      );
    }
    entry = await child(view, entry?.id ?? rootId, name);
    if (entry === undefined) return undefined;
  }
  return { id: entry?.id ?? rootId, entry };
}

/** A place where something may be created: a folder that is there, and a name. */
export interface Target {
  readonly parent: EntryId;
  readonly name: string;
  /** What is listed there now. */
  readonly entry: Entry | undefined;
}

/**
 * The place that a path names, whether or not anything stands there.
 * @throws invalid-name; usage, for the root; not-found or not-a-folder, for the folder above
 */
export async function resolveTarget(view: StateView, path: string): Promise<Target> {
  const names = parsePath(path);
  const name = names.at(-1);
  if (name === undefined) {
    throw new CloudError("usage", "the root folder itself can't be created, moved or removed");
  }
  const above = formatPath(names.slice(0, -1));
  const found = await find(view, above);
  if (found === undefined) throw new CloudError("not-found", `there is no folder ${above}`);
  if (found.entry !== undefined && found.entry.kind !== "folder") {
    throw new CloudError("not-a-folder", `${above} is not a folder`);
  }
  return { parent: found.id, name, entry: await child(view, found.id, name) };
}

/** The name under which an entry that is visible in `parent` is listed there. */
export async function listedName(
  view: StateView,
  parent: EntryId,
  entry: { readonly id: EntryId; readonly name: string },
): Promise<string> {
  const [plain] = await namesakes(view.tree, parent, entry.name);
  const isPlain = plain === undefined || compareBytes(plain.id, entry.id) === 0;
  return isPlain ? entry.name : suffixed(entry.name, entry.id);
}

/** The stamp of the content that is shown: the largest. */
export function shownContent(entry: Entry): { stamp: Stamp; link: Uint8Array } | undefined {
  return entry.content.at(-1);
}
