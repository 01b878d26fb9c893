import { setImmediate as nextTurn } from "node:timers/promises";
import { CloudError } from "../../core/cloud-error.ts";
import { IdMap, IdSet, type ReadonlyIdSet } from "../../core/id-map.ts";
import type { EntryId } from "../../core/ids.ts";
import { parsePath } from "../../core/path.ts";
import { purgeHistory } from "../../history/purge.ts";
import { everStoodAt, type Sightings, visibleAt } from "../../history/stood-at.ts";
import type { Tip } from "../../history/tip.ts";
import type { Entry } from "../../tree/entry.ts";
import { createPathNamer } from "../../tree/path-namer.ts";
import { descendants } from "../../tree/remove.ts";
import { type StateView, viewState } from "../../tree/state-view.ts";
import type { Change } from "../commit-loop.ts";
import type { OpenSpace } from "../open-space.ts";
import { entryEver, mustHavePast } from "../past/past.ts";
import type { WorkCall } from "../work-call.ts";
import {
  allPuts,
  type Here,
  otherHolders,
  readHere,
  type Versions,
  versionsOfAll,
} from "./shared-content.ts";

/** What a purge of a path came to. */
export interface Purged {
  /** How many versions went. */
  readonly versions: number;
  /**
   * Other paths that still hold some of what stood at the path, at most {@link maxElsewhere}, in
   * sorted order: it was copied or moved there. What does so no longer is told by where it stood.
   */
  readonly elsewhere: readonly string[];
  /** How many more there are. */
  readonly elsewhereMore: number;
}

const maxElsewhere = 100;

/**
 * Takes what stands or ever stood at a path, and all below it, out of all history. What was moved
 * away and is still there is left, and told; so are copies.
 * @throws not-found; usage, for the root; cancelled, and nothing is purged
 */
export async function purgePath(
  space: OpenSpace,
  change: Change,
  path: string,
  call: WorkCall,
): Promise<Purged> {
  const tip = mustHavePast(change.base);
  const names = parsePath(path);
  if (names.length === 0) {
    throw new CloudError("usage", "the root folder can't be purged; name what is in it");
  }
  const ever = await everStoodAt(space.sealer, tip, names);
  if (ever.size === 0) await entryEver(space, tip, path);
  const here = await readHere(space.sealer, tip);
  const going = await visibleFrom(viewState(space.sealer, tip.state), names);
  for (const [id, { entry, visible }] of here) {
    if (!visible && ever.has(id)) going.set(id, entry);
  }
  const lost = new IdSet([...ever.keys()].filter((id) => !here.has(id)));
  const elsewhere = await findElsewhere(space, tip, ever, here, going, lost);
  const { draft, edit, batch } = change;
  const { versions, left } = await purgeHistory(space.sealer, batch, tip, draft, edit, {
    entries: [...going.values()].reverse(),
    lost,
    step: async () => {
      await batch.makeReadable();
      await nextTurn();
      if (call.signal.aborted) throw new CloudError("cancelled", "the purge was cancelled");
    },
  });
  const nameOf = createPathNamer(viewState(space.sealer, tip.state));
  for (const entry of left) elsewhere.add(await nameOf(entry));
  const sorted = [...elsewhere].sort();
  return {
    versions,
    elsewhere: sorted.slice(0, maxElsewhere),
    elsewhereMore: Math.max(0, sorted.length - maxElsewhere),
  };
}

/** By id: what stands at a path now and all below, each after what is above it. */
async function visibleFrom(
  view: StateView,
  names: readonly string[],
): Promise<IdMap<EntryId, Entry>> {
  const found = new IdMap<EntryId, Entry>();
  const top = await visibleAt(view, names);
  if (top === undefined) return found;
  found.set(top.id, top);
  if (top.kind !== "folder") return found;
  for await (const each of descendants(view, top.id)) found.set(each.id, each);
  return found;
}

/**
 * The paths of what is left and holds something of what goes. A file that was put over something
 * that goes, as a save by rename does, and holds nothing else, is added to what goes.
 */
async function findElsewhere(
  { sealer }: OpenSpace,
  tip: Tip,
  ever: Sightings,
  here: Here,
  going: IdMap<EntryId, Entry>,
  lost: ReadonlyIdSet<EntryId>,
): Promise<Set<string>> {
  const puts = await allPuts(sealer, tip, here);
  let versions = versionsOfAll(puts, going);
  for (let size = -1; size < going.size; versions = versionsOfAll(puts, going)) {
    size = going.size;
    for (const [id, { entry, visible }] of here) {
      if (visible || going.has(id) || !wasPutOver(entry, versions)) continue;
      const own = puts.get(id) ?? [];
      if (own.every(({ link }) => versions.links.has(link))) going.set(id, entry);
    }
  }
  const { links } = versions;
  for (const [id, seen] of ever) {
    if (going.has(id) || lost.has(id)) for (const link of seen) links.add(link);
  }
  const isLeftOut = (id: EntryId): boolean => going.has(id) || lost.has(id);
  const paths = await otherHolders(sealer, tip, here, puts, isLeftOut, links);
  const nameOf = createPathNamer(viewState(sealer, tip.state));
  for (const [id, { entry, visible }] of here) {
    const stays = visible && ever.has(id) && !going.has(id) && entry.live.length > 0;
    if (stays) paths.add(await nameOf(entry));
  }
  return paths;
}

/** Whether what removed a file was the put of its content on something else. */
function wasPutOver({ gone, content }: Entry, versions: Versions): boolean {
  return (gone ?? []).some((stamp) => content.some(({ link }) => versions.has(stamp, link)));
}
