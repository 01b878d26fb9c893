import { setImmediate as nextTurn } from "node:timers/promises";
import type { ContentReader } from "../blocks/content/content-reader.ts";
import type { EncodedRecordLink } from "../blocks/link.ts";
import { maxInlineBytes } from "../blocks/record.ts";
import { CloudError } from "../core/cloud-error.ts";
import { list as listEntries, resolve, shownContent } from "../tree/lookup.ts";
import type { StateView } from "../tree/state-view.ts";
import { listedStat, showKind } from "./describe.ts";
import type { ListItem, Stat } from "./types.ts";

/** Entries of a long listing after which others have their turn: some 10 ms. */
const itemsPerTurn = 512;
/** From so many entries on a listing is long: some 500 KB of an answer. */
const longItems = 4096;

/**
 * What a folder lists.
 * @param onLong - waited for when it turns out to be long, before the rest is gathered.
 * @throws not-found, not-a-folder
 */
export async function listFolder(
  content: ContentReader,
  view: StateView,
  path: string,
  onLong?: () => Promise<void>,
): Promise<ListItem[]> {
  const { id, entry } = await resolve(view, path);
  // What is mounted can't be opened yet. FORMAT §10.2.
  if (entry?.kind === "mount") return [];
  if (entry !== undefined && entry.kind !== "folder") {
    throw new CloudError("not-a-folder", `${path} is a ${entry.kind}, not a folder`);
  }
  const items: ListItem[] = [];
  for await (const { name, entry: child } of listEntries(view, id)) {
    const stat = await listedStat(content, child);
    items.push(listItem(name, { ...stat, kind: showKind(child) }, items.at(-1)));
    if (items.length % itemsPerTurn === 0) await nextTurn();
    if (items.length === longItems) await onLong?.();
  }
  return items;
}

/**
 * An item of a listing: all of one shape, and those of one version share its text, which takes a
 * quarter less of memory where they are many.
 */
function listItem(name: string, stat: Stat, before: ListItem | undefined): ListItem {
  const { kind, size, mtime, ctime, mode, conflict, damaged } = stat;
  const version = stat.version === before?.version ? before.version : stat.version;
  const item = { name, kind, size, mtime, ctime, mode, version };
  return conflict === undefined && damaged === undefined ? item : { ...stat, ...item };
}

/** The link to the record of the file or symbolic link at a path. @throws not-found, is-a-folder, damaged */
export async function linkAtPath(view: StateView, path: string): Promise<EncodedRecordLink> {
  const { entry } = await resolve(view, path);
  if (entry === undefined || entry.kind === "folder" || entry.kind === "mount") {
    throw new CloudError("is-a-folder", `${path} is a folder, not a file`);
  }
  const shown = shownContent(entry);
  if (shown === undefined) throw new CloudError("damaged", `${path} has no content`);
  return shown.link;
}

/**
 * Where a symbolic link leads, as it was given.
 * @throws usage, for anything else; damaged, if its record holds nothing or more than a link has
 */
export async function readLinkAt(
  content: ContentReader,
  view: StateView,
  path: string,
): Promise<Uint8Array> {
  const { entry } = await resolve(view, path);
  const shown = entry?.kind === "link" ? shownContent(entry) : undefined;
  if (shown === undefined) throw new CloudError("usage", `${path} is not a symbolic link`);
  const { content: target } = await content.record(shown.link);
  if (!(target instanceof Uint8Array) || target.length === 0) {
    throw new CloudError(
      "damaged",
      `${path} is no link of 1 to ${maxInlineBytes.toString()} bytes`,
    );
  }
  return target.slice();
}
