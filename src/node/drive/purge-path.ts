import { type MapRoot, rangeOfMap } from "../blocks/sealed-map.ts";
import { toBinaryString } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import { parsePath } from "../core/path.ts";
import { purgeHistory } from "../history/purge.ts";
import { decodeVersion, parseVersionKey } from "../history/revision.ts";
import { everStoodAt, visibleAt } from "../history/stood-at.ts";
import { findRemoved } from "../history/timeline.ts";
import type { Tip } from "../history/tip.ts";
import { decodeEntry, type Entry } from "../tree/entry.ts";
import { createPathNamer } from "../tree/path-namer.ts";
import { descendants } from "../tree/remove.ts";
import { type StateView, viewState } from "../tree/state-view.ts";
import type { Change } from "./commit-loop.ts";
import { entryEver, type PastContext } from "./past.ts";
import type { OpenSpace } from "./space.ts";

const everything = new Uint8Array(0);

/** What a purge of a path came to. */
export interface Purged {
  /** How many versions went. */
  readonly versions: number;
  /**
   * Other paths that still hold some of what stood at the path, in sorted order: it was copied or
   * moved there. What was removed there is told by where it stood.
   */
  readonly elsewhere: readonly string[];
}

/**
 * Takes what stands or ever stood at a path, and all below it, out of all history. What was moved
 * away and is still there is left, and told; so are copies.
 * @throws not-found; usage, for the root
 */
export async function purgePath(
  space: OpenSpace,
  past: PastContext,
  { draft, edit, batch }: Change,
  path: string,
): Promise<Purged> {
  const names = parsePath(path);
  if (names.length === 0) {
    throw new CloudError("usage", "the root folder can't be purged; name what is in it");
  }
  const { tip } = past;
  const { writer } = space;
  const view = viewState(writer, tip.state);
  const ever = await everStoodAt(writer, tip, names);
  if (ever.size === 0) await entryEver(past, path);
  const going = await presentAt(view, path);
  const here = await readHere(writer, tip);
  for (const [id, { entry, visible }] of here) {
    if (!visible && ever.has(id)) going.set(id, entry);
  }
  const lost = new Set([...ever.keys()].filter((id) => !here.has(id)));
  const links = await linksOf(writer, tip, going);
  for (const [id, seen] of ever) {
    if (going.has(id) || lost.has(id)) for (const link of seen) links.add(link);
  }
  const holders = await otherHolders(writer, tip, here, going, links);
  for (const [id, { all }] of holders) {
    const found = here.get(id);
    // Such as the source of a save by rename: nothing of it is anything else.
    if (found?.visible === false && all && found.entry.kind !== "folder") {
      going.set(id, found.entry);
      holders.delete(id);
    }
  }
  const nameOf = createPathNamer(view);
  const elsewhere = new Set<string>();
  for (const [id, { entry, visible }] of here) {
    const stays = visible && ever.has(id) && !going.has(id) && entry.live.length > 0;
    if (stays || holders.has(id)) elsewhere.add(await nameOf(entry));
  }
  const entries = [...going.values()].reverse();
  const versions = await purgeHistory(writer, batch, tip, draft, edit, entries, lost);
  return { versions, elsewhere: [...elsewhere].sort() };
}

/** By id: what stands at a path or was removed there, and all below, each after what is above it. */
async function presentAt(view: StateView, path: string): Promise<Map<string, Entry>> {
  const found = new Map<string, Entry>();
  const visible = await visibleAt(view, parsePath(path));
  const tops = visible === undefined ? [] : [visible];
  for (const top of [...tops, ...(await findRemoved(view, path))]) {
    found.set(toBinaryString(top.id), top);
    if (top.kind !== "folder") continue;
    for await (const each of descendants(view, top.id)) found.set(toBinaryString(each.id), each);
  }
  await addRemovedBelow(view, found);
  return found;
}

/** Adds removed entries whose intended folder is among those given or below them. */
async function addRemovedBelow(view: StateView, found: Map<string, Entry>): Promise<void> {
  for (let size = -1; size < found.size; ) {
    size = found.size;
    for await (const [key, value] of view.removed.range(everything)) {
      const entry = decodeEntry(key, value);
      const id = toBinaryString(entry.id);
      if (found.has(toBinaryString(entry.parent)) && !found.has(id)) found.set(id, entry);
    }
  }
}

/** By id: all entries of a state. */
async function readHere(
  writer: OpenSpace["writer"],
  { state }: Tip,
): Promise<Map<string, { entry: Entry; visible: boolean }>> {
  const here = new Map<string, { entry: Entry; visible: boolean }>();
  const read = async (root: MapRoot, visible: boolean): Promise<void> => {
    for await (const [key, value] of rangeOfMap(writer, root, everything)) {
      const entry = decodeEntry(key, value);
      here.set(toBinaryString(entry.id), { entry, visible });
    }
  };
  await read(state.tree, true);
  await read(state.removed, false);
  return here;
}

/** The encoded links of all versions of what goes, as binary strings. */
async function linksOf(
  writer: OpenSpace["writer"],
  { revision }: Tip,
  going: ReadonlyMap<string, Entry>,
): Promise<Set<string>> {
  const links = new Set<string>();
  for (const { content } of going.values()) {
    for (const { link } of content) links.add(toBinaryString(link));
  }
  for await (const [key, value] of rangeOfMap(writer, revision.versions, everything)) {
    if (!going.has(toBinaryString(parseVersionKey(key).id))) continue;
    links.add(toBinaryString(decodeVersion(value).link));
  }
  return links;
}

/**
 * By id: the entries that don't go and hold one of the links, now or in a version; `all` tells
 * whether they hold nothing else.
 */
async function otherHolders(
  writer: OpenSpace["writer"],
  { revision }: Tip,
  here: ReadonlyMap<string, { entry: Entry }>,
  going: ReadonlyMap<string, Entry>,
  links: ReadonlySet<string>,
): Promise<Map<string, { all: boolean }>> {
  const holders = new Map<string, { all: boolean }>();
  const others = new Set<string>();
  const note = (id: string, link: Uint8Array): void => {
    if (going.has(id)) return;
    if (!links.has(toBinaryString(link))) others.add(id);
    else if (!holders.has(id)) holders.set(id, { all: true });
  };
  for (const [id, { entry }] of here) for (const { link } of entry.content) note(id, link);
  for await (const [key, value] of rangeOfMap(writer, revision.versions, everything)) {
    note(toBinaryString(parseVersionKey(key).id), decodeVersion(value).link);
  }
  for (const [id, holder] of holders) holder.all = !others.has(id);
  return holders;
}
