import { type CborValue, decodeCanonical, encodeCanonical } from "../blocks/cbor.ts";
import {
  asRecordLink,
  decodeLink,
  type EncodedRecordLink,
  encodeLink,
  type Link,
} from "../blocks/link.ts";
import type { MapRoot } from "../blocks/sealed-map.ts";
import {
  asBytes,
  asInteger,
  asList,
  asRecord,
  asStamp,
  checkCounter,
  refuseShape,
} from "../blocks/shape.ts";
import {
  compareBytes,
  concatBytes,
  fromUtf8,
  readUint64,
  toUtf8,
  uint64Bytes,
} from "../core/bytes.ts";
import { asBlockId, asEntryId, asWriterId, type BlockId, type EntryId } from "../core/ids.ts";
import { decodeStamp, encodeStamp, type Stamp, stampBytes } from "../core/stamp.ts";
import { decodeRoot, encodeRoot } from "../tree/state.ts";

/** A state with its history. FORMAT §11.1. */
export interface Revision {
  /** Hash of the statement of the epoch under which it is sealed: 32 bytes. */
  readonly epoch: Uint8Array;
  /** Ids of the revisions it follows, sorted: none for the first, two or more for a merge. */
  readonly parents: readonly BlockId[];
  readonly state: Link;
  /** (id ‖ stamp) → {@link VersionItem}: every put that is kept, the current ones included. */
  readonly versions: MapRoot;
  /** (writer ‖ counter) → {@link LogItem}: the state after each change that is kept. */
  readonly log: MapRoot;
  /** (name ‖ 0 ‖ stamp) → {@link LogItem}: states that were given a name. */
  readonly tags: MapRoot;
  /** (id ‖ stamp ‖ stamp of the purge) → block id: the versions that a purge took out of history. */
  readonly purged: MapRoot;
  /** (device ‖ stamp) → name: what devices are called. */
  readonly names: MapRoot;
  /** The change it makes; a merge has neither stamp nor time. */
  readonly change?: { readonly stamp: Stamp; readonly time: number };
}

const revisionVersion = 1;

/** The canonical payload of a revision. */
export function encodeRevision(revision: Revision): Uint8Array {
  const { change } = revision;
  return encodeCanonical({
    version: revisionVersion,
    epoch: revision.epoch,
    parents: revision.parents,
    state: encodeLink(revision.state),
    versions: encodeRoot(revision.versions),
    log: encodeRoot(revision.log),
    tags: encodeRoot(revision.tags),
    purged: encodeRoot(revision.purged),
    names: encodeRoot(revision.names),
    ...(change === undefined ? {} : { stamp: encodeStamp(change.stamp), time: change.time }),
  });
}

/** Reads {@link encodeRevision} back. @throws damaged, newer */
export function decodeRevision(payload: Uint8Array): Revision {
  const what = "a revision";
  const fields = [
    "epoch",
    "parents",
    "state",
    "versions",
    "log",
    "tags",
    "purged",
    "names",
    "stamp?",
    "time?",
  ];
  const record = asRecord(decodeCanonical(payload, what), what, revisionVersion, fields);
  if ("stamp" in record !== "time" in record) refuseShape(what, "a stamp with a time");
  const parents = asList(record["parents"], what).map((parent) =>
    asBlockId(asBytes(parent, `a parent of ${what}`, 32)),
  );
  for (let i = 1; i < parents.length; i++) {
    if (compareBytes(parents[i - 1] as BlockId, parents[i] as BlockId) >= 0) {
      refuseShape(what, "parents in order");
    }
  }
  if (parents.length < 2 && !("stamp" in record)) refuseShape(what, "a stamp, or two parents");
  return {
    epoch: asBytes(record["epoch"], `the epoch of ${what}`, 32),
    parents,
    state: decodeLink(asBytes(record["state"], what), `the state of ${what}`),
    versions: decodeRoot(record["versions"], `the versions of ${what}`),
    log: decodeRoot(record["log"], `the log of ${what}`),
    tags: decodeRoot(record["tags"], `the tags of ${what}`),
    purged: decodeRoot(record["purged"], `the purged versions of ${what}`),
    names: decodeRoot(record["names"], `the names of devices in ${what}`),
    ...("stamp" in record
      ? {
          change: {
            stamp: asStamp(record["stamp"], `the stamp of ${what}`),
            time: asInteger(record["time"], `the time of ${what}`),
          },
        }
      : {}),
  };
}

/** One version that is kept. */
export interface VersionItem {
  /** Milliseconds since 1970 of the change that put it. */
  readonly time: number;
  /** To its record. */
  readonly link: EncodedRecordLink;
  /**
   * The purge that sealed its record anew, if one did. Of two with one key the one rewritten by the
   * larger stamp counts, any before one never rewritten.
   */
  readonly rewritten?: Stamp | undefined;
}

/** id (16 B) ‖ stamp (24 B). */
export function versionKey(id: EntryId, stamp: Stamp): Uint8Array {
  return concatBytes(id, encodeStamp(stamp));
}

/** Reads {@link versionKey} back. @throws damaged */
export function parseVersionKey(key: Uint8Array): { id: EntryId; stamp: Stamp } {
  if (key.length !== 16 + stampBytes) refuseShape("the key of a version", "an id and a stamp");
  const stamp = checkCounter(decodeStamp(key, 16), "the key of a version");
  return { id: asEntryId(key.subarray(0, 16)), stamp };
}

/** `[time, link]`, and the stamp of the purge that rewrote it if one did. */
export function encodeVersion({ time, link, rewritten }: VersionItem): Uint8Array {
  return encodeCanonical(
    rewritten === undefined ? [time, link] : [time, link, encodeStamp(rewritten)],
  );
}

/** Reads {@link encodeVersion} back. @throws damaged, newer */
export function decodeVersion(value: Uint8Array): VersionItem {
  const what = "a version in a history";
  const list = asList(decodeCanonical(value, what), what);
  if (list.length !== 2 && list.length !== 3) refuseShape(what, "a list of 2 or 3");
  const link = asBytes(list[1], `the link of ${what}`);
  return {
    time: asInteger(list[0], `the time of ${what}`),
    link: asRecordLink(link, `the link of ${what}`),
    ...(list.length === 2 ? {} : { rewritten: asStamp(list[2], `the purge of ${what}`) }),
  };
}

/** What a record of `log` or `tags` has become since it was written. */
interface Rewritten {
  /** The change that rewrote it: a purge, or a thinning. */
  readonly by: Stamp;
  /** The id of the state that it led to before any did: by it the change is known again. */
  readonly first: BlockId;
}

/** A state that is kept: the one after a change, or one that was given a name. */
export interface KeptState {
  /** Milliseconds since 1970; never falls from one change of a writer to its next. */
  readonly time: number;
  readonly state: Link;
  /** If a purge rewrote it. Which of two counts is as for {@link VersionItem}. */
  readonly rewritten?: Rewritten;
}

/** That there was a change; its state is not kept any more. FORMAT §14.3. */
export interface Thinned {
  readonly time: number;
  readonly state: undefined;
  readonly rewritten: Rewritten;
}

/** One change, and the state after it. */
export type LogItem = KeptState | Thinned;

/** The id of the state that a record led to before any change rewrote it. */
export function firstState(item: LogItem): BlockId {
  return item.state === undefined ? item.rewritten.first : (item.rewritten?.first ?? item.state.id);
}

/** writer (16 B) ‖ counter (8 B). */
export function logKey(stamp: Stamp): Uint8Array {
  return concatBytes(stamp.writer, uint64Bytes(stamp.counter));
}

/** Reads {@link logKey} back. @throws damaged */
export function parseLogKey(key: Uint8Array): Stamp {
  if (key.length !== stampBytes) refuseShape("the key of a log record", "a writer and a counter");
  const stamp = { writer: asWriterId(key.subarray(0, 16)), counter: readUint64(key, 16) };
  return checkCounter(stamp, "the key of a log record");
}

/** `[time, state]`; `[time, state, first, by]` if it was rewritten, the state null if thinned. */
export function encodeLogItem({ time, state, rewritten }: LogItem): Uint8Array {
  const link = state === undefined ? null : encodeLink(state);
  return encodeCanonical(
    rewritten === undefined
      ? [time, link]
      : [time, link, rewritten.first, encodeStamp(rewritten.by)],
  );
}

/** Reads {@link encodeLogItem} back. @throws damaged, newer */
export function decodeLogItem(value: Uint8Array): LogItem {
  const what = "a log record";
  const list = asList(decodeCanonical(value, what), what);
  if (list.length !== 2 && list.length !== 4) refuseShape(what, "a list of 2 or 4");
  const time = asInteger(list[0], `the time of ${what}`);
  const [, link, first, by] = list;
  if (list.length === 2) return { time, state: asState(link, what) };
  const rewritten = {
    by: asStamp(by, `the purge of ${what}`),
    first: asBlockId(asBytes(first, `the first state of ${what}`, 32)),
  };
  if (link === null) return { time, state: undefined, rewritten };
  return { time, state: asState(link, what), rewritten };
}

function asState(link: CborValue | undefined, what: string): Link {
  return decodeLink(asBytes(link, `the link of ${what}`), `the state of ${what}`);
}

/** Reads {@link encodeLogItem} back where a state is kept: of a tag. @throws damaged, newer */
export function decodeKeptState(value: Uint8Array): KeptState {
  const item = decodeLogItem(value);
  return item.state === undefined ? refuseShape("a tag", "a state that is kept") : item;
}

/** name (UTF-8, no NUL) ‖ 0 ‖ stamp (24 B). */
export function tagKey(name: string, stamp: Stamp): Uint8Array {
  return concatBytes(tagPrefix(name), encodeStamp(stamp));
}

/** What the keys of all tags of one name begin with. */
export function tagPrefix(name: string): Uint8Array {
  return concatBytes(toUtf8(name), Uint8Array.of(0));
}

/** Reads {@link tagKey} back. @throws damaged */
export function parseTagKey(key: Uint8Array): { name: string; stamp: Stamp } {
  const what = "the key of a tag";
  const zero = key.length - stampBytes - 1;
  if (zero < 1 || key[zero] !== 0) refuseShape(what, "a name and a stamp");
  const name = fromUtf8(key.subarray(0, zero)) ?? refuseShape(what, "a name in UTF-8");
  if (name.includes("\0")) refuseShape(what, "a name without a NUL");
  return { name, stamp: checkCounter(decodeStamp(key, zero + 1), what) };
}

/** A version that a purge took out of history. */
export interface PurgedVersion {
  readonly id: EntryId;
  /** Of the put that wrote it. */
  readonly stamp: Stamp;
  /** Of the purge. */
  readonly by: Stamp;
}

/** id (16 B) ‖ stamp (24 B) ‖ stamp of the purge (24 B). */
export function purgedKey({ id, stamp, by }: PurgedVersion): Uint8Array {
  return concatBytes(versionKey(id, stamp), encodeStamp(by));
}

/** Reads {@link purgedKey} back. @throws damaged */
export function parsePurgedKey(key: Uint8Array): PurgedVersion {
  const what = "the key of a purged version";
  if (key.length !== 16 + 2 * stampBytes) refuseShape(what, "an id and two stamps");
  const put = parseVersionKey(key.subarray(0, 16 + stampBytes));
  return { ...put, by: checkCounter(decodeStamp(key, 16 + stampBytes), what) };
}

/** The ids of the blocks that held the record of a purged version, alone or in a pack: sorted. */
export function encodePurged(blocks: readonly BlockId[]): Uint8Array {
  return concatBytes(...[...blocks].sort(compareBytes));
}

/** Reads {@link encodePurged} back. @throws damaged */
export function decodePurged(value: Uint8Array): BlockId[] {
  const what = "a purged version";
  if (value.length === 0) refuseShape(what, "ids of blocks");
  const blocks: BlockId[] = [];
  for (let at = 0; at < value.length; at += 32) blocks.push(asBlockId(value.subarray(at, at + 32)));
  for (let i = 1; i < blocks.length; i++) {
    if (compareBytes(blocks[i - 1] as BlockId, blocks[i] as BlockId) >= 0) {
      refuseShape(what, "ids in order");
    }
  }
  return blocks;
}

/** A name that a device was given. */
export interface NamedDevice {
  /** The device's identity: 32 bytes. */
  readonly device: Uint8Array;
  readonly stamp: Stamp;
}

const deviceBytes = 32;
const maxNameBytes = 63;

/** device (32 B) ‖ stamp (24 B). */
export function nameKey({ device, stamp }: NamedDevice): Uint8Array {
  return concatBytes(device, encodeStamp(stamp));
}

/** Reads {@link nameKey} back. @throws damaged */
export function parseNameKey(key: Uint8Array): NamedDevice {
  const what = "the key of a device's name";
  if (key.length !== deviceBytes + stampBytes) refuseShape(what, "a device and a stamp");
  const stamp = checkCounter(decodeStamp(key, deviceBytes), what);
  return { device: key.subarray(0, deviceBytes), stamp };
}

/** The name in a value of `names`: 1 to 63 bytes of UTF-8. @throws damaged */
export function decodeDeviceName(value: Uint8Array): string {
  const name = fromUtf8(value);
  if (name !== undefined && value.length >= 1 && value.length <= maxNameBytes) return name;
  return refuseShape("the name of a device", "1 to 63 bytes of UTF-8");
}
