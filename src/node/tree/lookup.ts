import type { EncodedRecordLink } from "../blocks/link.ts";
import { CloudError } from "../core/cloud-error.ts";
import { type EntryId, rootId } from "../core/ids.ts";
import { formatPath, parsePath } from "../core/path.ts";
import type { Stamp } from "../core/stamp.ts";
import { decodeEntry, type Entry, namePrefix } from "./entry.ts";
import { compareNamesakes, findSuffixed, nameAmong, namesakes } from "./listed-name.ts";
import type { StateView } from "./state-view.ts";

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

/**
 * The visible entries below a folder, each under the name that it is listed by, in the order of their
 * stored names as UTF-8. FORMAT §10.5.
 * @param from - the stored name that it begins with; absent: the first.
 */
export async function* list(
  view: StateView,
  parent: EntryId,
  from?: string,
): AsyncGenerator<Listed> {
  const first = from === undefined ? undefined : namePrefix(parent, from);
  let same: Entry[] = [];
  for await (const [key, value] of view.tree.range(parent, first)) {
    const entry = decodeEntry(key, value);
    const [first] = same;
    if (first !== undefined && first.name !== entry.name) {
      if (same.length === 1) yield { name: first.name, entry: first };
      else yield* listNamesakes(view, parent, same);
      same = [];
    }
    same.push(entry);
  }
  yield* listNamesakes(view, parent, same);
}

async function* listNamesakes(
  view: StateView,
  parent: EntryId,
  same: Entry[],
): AsyncGenerator<Listed> {
  same.sort(compareNamesakes);
  for (const entry of same) yield { name: await nameAmong(view.tree, parent, same, entry), entry };
}

/** The entry listed under a name in a folder. */
export async function child(
  view: StateView,
  parent: EntryId,
  name: string,
): Promise<Entry | undefined> {
  const [plain] = await namesakes(view.tree, parent, name);
  return plain ?? findSuffixed(view.tree, parent, name);
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
  const same = await namesakes(view.tree, parent, entry.name);
  return nameAmong(view.tree, parent, same, entry);
}

/** The stamp of the content that is shown: the largest. */
export function shownContent(entry: Entry): { stamp: Stamp; link: EncodedRecordLink } | undefined {
  return entry.content.at(-1);
}
