import { getFromMap, type MapReader, rangeOfMap } from "../blocks/sealed-map.ts";
import { equalBytes } from "../core/bytes.ts";
import { IdMap } from "../core/id-map.ts";
import type { WriterId } from "../core/ids.ts";
import { compareStamps, type Stamp } from "../core/stamp.ts";
import type { Entry } from "../tree/entry.ts";
import { counterOf, type VersionVector } from "../tree/version-vector.ts";
import { decodeLogItem, firstState, logKey, parseLogKey, type Revision } from "./revision.ts";
import type { Tip } from "./tip.ts";

/**
 * Where two copies of one store parted and went on under one writer id: what this copy wrote after
 * it bears stamps that mean something else to others.
 */
export interface Fork {
  readonly writer: WriterId;
  /** The last counter that both copies mean the same by; 0: none. */
  readonly after: number;
  /** The ids as whom this copy went on after `writer`, for the times' sake: all of theirs is after it. */
  readonly since: readonly WriterId[];
}

/** Whether this copy alone means by a stamp what it does. */
function isForkedStamp({ writer, after, since }: Fork, stamp: Stamp): boolean {
  if (equalBytes(stamp.writer, writer)) return stamp.counter > after;
  return since.some((id) => equalBytes(stamp.writer, id));
}

/**
 * What the stamps of a forked copy become: the same counters under a writer id that nobody has
 * seen. Then all is as if the copy had noticed at once that it is one.
 */
export function renameForked(fork: Fork, writer: WriterId): (stamp: Stamp) => Stamp {
  return (stamp) => (isForkedStamp(fork, stamp) ? { counter: stamp.counter, writer } : stamp);
}

/** An entry under other stamps. */
export function renameEntry(entry: Entry, rename: (stamp: Stamp) => Stamp): Entry {
  const all = (stamps: readonly Stamp[]): Stamp[] => stamps.map(rename).sort(compareStamps);
  return {
    ...entry,
    at: rename(entry.at),
    content: entry.content
      .map(({ stamp, link, rewritten }) => ({
        stamp: rename(stamp),
        link,
        ...(rewritten === undefined ? {} : { rewritten: rename(rewritten) }),
      }))
      .sort((a, b) => compareStamps(a.stamp, b.stamp)),
    live: all(entry.live),
    ...(entry.gone === undefined ? {} : { gone: all(entry.gone) }),
  };
}

/** What a forked copy has seen, told with its new writer id. */
export function renameSeen(vv: VersionVector, fork: Fork, writer: WriterId): VersionVector {
  const forked = [fork.writer, ...fork.since].map((id) => counterOf(vv, id));
  const counter = Math.max(...forked);
  if (counter <= fork.after) return vv;
  return new IdMap(upToFork(vv, fork)).set(writer, counter);
}

/** A vector without what lies after a fork. */
function upToFork(vv: VersionVector, fork: Fork): VersionVector {
  const cut = new IdMap(vv);
  for (const id of fork.since) cut.delete(id);
  if (counterOf(vv, fork.writer) <= fork.after) return cut;
  if (fork.after > 0) cut.set(fork.writer, fork.after);
  else cut.delete(fork.writer);
  return cut;
}

/**
 * Whether a revision shows that a writer's store was restored or copied: it holds a change of that
 * writer which one's own history lacks, or tells otherwise. The log is the witness: retention keeps
 * every writer's last record (FORMAT §14.3), so the other log has one to compare.
 * @throws not-found, damaged, newer
 */
export async function isForked(
  reader: MapReader,
  own: Tip,
  other: Tip,
  writer: WriterId,
): Promise<boolean> {
  const counter = counterOf(other.state.vv, writer);
  if (counter === 0) return false;
  if (counter > counterOf(own.state.vv, writer)) return true;
  const key = logKey({ counter, writer });
  const [mine, theirs] = [
    await getFromMap(reader, own.revision.log, key),
    await getFromMap(reader, other.revision.log, key),
  ];
  return mine !== undefined && theirs !== undefined && !tellOfOne(mine, theirs);
}

/**
 * Finds where the histories of two copies of one store parted: the last change of a writer that
 * both logs hold alike. Retention keeps the records of the newest days, among which it lies.
 * @param since - the ids as whom one's own store went on after `writer`.
 * @throws not-found, damaged, newer
 */
export async function findFork(
  reader: MapReader,
  own: Revision,
  other: Revision,
  writer: WriterId,
  since: readonly WriterId[] = [],
): Promise<Fork> {
  let after = 0;
  for await (const [key, value] of rangeOfMap(reader, own.log, writer)) {
    const theirs = await getFromMap(reader, other.log, key);
    if (theirs === undefined) continue;
    if (!tellOfOne(value, theirs)) break;
    after = parseLogKey(key).counter;
  }
  return { writer, after, since };
}

/** Whether two log records of one key tell of one change, whether or not a purge rewrote them. */
function tellOfOne(a: Uint8Array, b: Uint8Array): boolean {
  const [mine, theirs] = [decodeLogItem(a), decodeLogItem(b)];
  return mine.time === theirs.time && equalBytes(firstState(mine), firstState(theirs));
}
