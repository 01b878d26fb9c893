import type { EncodedRecordLink } from "../../blocks/link.ts";
import { type MapReader, type MapRoot, rangeOfMap } from "../../blocks/sealed-map.ts";
import { toBinaryString } from "../../core/bytes.ts";
import { IdMap, IdSet, type ReadonlyIdMap, type ReadonlyIdSet } from "../../core/id-map.ts";
import type { EntryId } from "../../core/ids.ts";
import { encodeStamp, type Stamp } from "../../core/stamp.ts";
import { decodeVersion, parseVersionKey } from "../../history/revision.ts";
import { changedEntries } from "../../history/rewrite-past.ts";
import { holdsContent, statesOf } from "../../history/stood-at.ts";
import type { Tip } from "../../history/tip.ts";
import { decodeEntry, type Entry } from "../../tree/entry.ts";
import { createPathNamer } from "../../tree/path-namer.ts";
import { emptyState } from "../../tree/state.ts";
import { viewState } from "../../tree/state-view.ts";

const everything = new Uint8Array(0);

/** All entries of a state by id. */
export type Here = ReadonlyIdMap<EntryId, { readonly entry: Entry; readonly visible: boolean }>;

/** Reads all entries of a tip. */
export async function readHere(reader: MapReader, { state }: Tip): Promise<Here> {
  const here = new IdMap<EntryId, { entry: Entry; visible: boolean }>();
  for (const map of ["tree", "removed"] as const) {
    for await (const [key, value] of rangeOfMap(reader, state[map], everything)) {
      const entry = decodeEntry(key, value, map);
      here.set(entry.id, { entry, visible: map === "tree" });
    }
  }
  return here;
}

/** One version of a file: who put it, and the link to its record. */
interface PutVersion {
  readonly stamp: Stamp;
  readonly link: EncodedRecordLink;
}

/** By id: the versions of files. */
type Puts = ReadonlyIdMap<EntryId, readonly PutVersion[]>;

/** The versions of all files of a tip that it shows or keeps. */
export async function allPuts(reader: MapReader, { revision }: Tip, here: Here): Promise<Puts> {
  const puts = new IdMap<EntryId, PutVersion[]>();
  for (const [id, { entry }] of here) {
    if (holdsContent(entry)) puts.set(id, [...entry.content]);
  }
  for await (const [key, value] of rangeOfMap(reader, revision.versions, everything)) {
    const { id, stamp } = parseVersionKey(key);
    puts.get(id)?.push({ stamp, link: decodeVersion(value).link });
  }
  return puts;
}

/** The versions of some files. */
export interface Versions {
  readonly links: IdSet<EncodedRecordLink>;
  /** Whether a change of this stamp put this link. */
  has(stamp: Stamp, link: EncodedRecordLink): boolean;
}

/** Those of some entries. */
export function versionsOfAll(puts: Puts, entries: ReadonlyIdMap<EntryId, Entry>): Versions {
  const links = new IdSet<EncodedRecordLink>();
  const names = new Set<string>();
  for (const id of entries.keys()) {
    for (const { stamp, link } of puts.get(id) ?? []) {
      links.add(link);
      names.add(putName(stamp, link));
    }
  }
  return { links, has: (stamp, link) => names.has(putName(stamp, link)) };
}

function putName(stamp: Stamp, link: EncodedRecordLink): string {
  return toBinaryString(encodeStamp(stamp)) + toBinaryString(link);
}

/** By id: where what is not there any more stood. */
type Holders = IdMap<EntryId, string | undefined>;

/**
 * The paths of files that hold one of some links, now, in a version or at a moment that is kept:
 * where they stand or, if they are gone, stood.
 * @param isLeftOut - what is not meant.
 */
export async function otherHolders(
  reader: MapReader,
  tip: Tip,
  here: Here,
  puts: Puts,
  isLeftOut: (id: EntryId) => boolean,
  links: ReadonlyIdSet<EncodedRecordLink>,
): Promise<Set<string>> {
  const holders: Holders = new IdMap();
  const isMeant = (id: EntryId, link: EncodedRecordLink): boolean =>
    !holders.has(id) && links.has(link) && !isLeftOut(id);
  for (const [id, versions] of puts) {
    if (versions.some(({ link }) => isMeant(id, link))) holders.set(id, undefined);
  }
  for (const root of [tip.revision.log, tip.revision.tags]) {
    await addPast(reader, root, isMeant, holders);
  }
  return namePaths(reader, tip, here, holders);
}

/** Adds those of past states, by the paths that they had there. */
async function addPast(
  reader: MapReader,
  root: MapRoot,
  isMeant: (id: EntryId, link: EncodedRecordLink) => boolean,
  holders: Holders,
): Promise<void> {
  let last = emptyState;
  for await (const { state } of statesOf(reader, root)) {
    const nameOf = createPathNamer(viewState(reader, state));
    for await (const { entry } of changedEntries(reader, last, state)) {
      if (entry === undefined || !holdsContent(entry)) continue;
      const { id } = entry;
      if (entry.content.some(({ link }) => isMeant(id, link))) {
        holders.set(id, await nameOf(entry));
      }
    }
    last = state;
  }
}

async function namePaths(
  reader: MapReader,
  tip: Tip,
  here: Here,
  holders: Holders,
): Promise<Set<string>> {
  const nameOf = createPathNamer(viewState(reader, tip.state));
  const paths = new Set<string>();
  for (const [id, then] of holders) {
    const entry = here.get(id)?.entry;
    if (then !== undefined) paths.add(then);
    else if (entry !== undefined) paths.add(await nameOf(entry));
  }
  return paths;
}
