import { type CborValue, decodeCanonical, encodeCanonical } from "../blocks/cbor.ts";
import { asRecordLink, type EncodedRecordLink } from "../blocks/link.ts";
import {
  asBytes,
  asInteger,
  asList,
  asStamp,
  asText,
  asTuple,
  refuseShape,
} from "../blocks/shape.ts";
import { compareBytes, equalBytes, fromUtf8, toUtf8 } from "../core/bytes.ts";
import { CloudError } from "../core/cloud-error.ts";
import { asEntryId, type EntryId, rootId, shortIdBytes } from "../core/ids.ts";
import { maxNameBytes } from "../core/path.ts";
import { compareStamps, encodeStamp, type Stamp } from "../core/stamp.ts";

const slash = 0x2f;

/** What an entry is; never changes. Their place in this list is their number in the format. */
export const entryKinds = ["file", "folder", "link", "mount"] as const;
export type EntryKind = (typeof entryKinds)[number];

/** One content of an entry: two at once are a conflict. */
export interface EntryContent {
  /** The put that wrote it. */
  readonly stamp: Stamp;
  /** To its version record. */
  readonly link: EncodedRecordLink;
  /** The purge that sealed its record anew, if one did. */
  readonly rewritten?: Stamp;
}

/** One thing in the tree, visible or not. FORMAT §10.2. */
export interface Entry {
  readonly id: EntryId;
  readonly kind: EntryKind;
  /** The folder it is meant to stand in, whether or not that is there. */
  readonly parent: EntryId;
  readonly name: string;
  /** The stamp of its last placement. */
  readonly at: Stamp;
  /** By stamp. */
  readonly content: readonly EntryContent[];
  /** The stamps that keep it alive, in order; empty once it is removed. */
  readonly live: readonly Stamp[];
  /**
   * The stamps that removed it, in order: several if it was removed at several places at once.
   * Absent: it never was.
   */
  readonly gone?: readonly Stamp[];
}

/** parent (16 B) ‖ name ‖ 0 ‖ id (16 B). */
export function entryKey(parent: EntryId, name: string, id: EntryId): Uint8Array {
  const text = toUtf8(name);
  const key = new Uint8Array(2 * shortIdBytes + 1 + text.length);
  key.set(parent);
  key.set(text, shortIdBytes);
  key.set(id, shortIdBytes + text.length + 1);
  return key;
}

/** What the keys of all entries of one name in one folder begin with. */
export function namePrefix(parent: EntryId, name: string): Uint8Array {
  const text = toUtf8(name);
  const prefix = new Uint8Array(shortIdBytes + text.length + 1);
  prefix.set(parent);
  prefix.set(text, shortIdBytes);
  return prefix;
}

function splitKey(key: Uint8Array): { parent: EntryId; name: string; id: EntryId } {
  const zero = key.length - shortIdBytes - 1;
  if (key[zero] !== 0) refuseShape("the key of an entry", "a parent, a name and an id");
  const id = asEntryId(key.subarray(zero + 1));
  if (isRoot(id)) refuseShape("the key of an entry", "another id than the root's");
  return {
    parent: asEntryId(key.subarray(0, shortIdBytes)),
    name: readName(key.subarray(shortIdBytes, zero), "the name of an entry"),
    id,
  };
}

/** A stored name, by the rules of `checkName`. */
function readName(bytes: Uint8Array, what: string): string {
  if (bytes.length === 0 || bytes.length > maxNameBytes) {
    refuseShape(what, `1 to ${maxNameBytes.toString()} bytes`);
  }
  for (const byte of bytes) {
    if (byte === 0 || byte === slash) refuseShape(what, "neither a slash nor a NUL");
  }
  const name = fromUtf8(bytes) ?? refuseShape(what, "UTF-8");
  if (name === "." || name === "..") refuseShape(what, "no name that stands for a folder");
  return name;
}

function isOnlyAt(live: readonly Stamp[], at: Stamp): boolean {
  return live.length === 1 && compareStamps(live[0] as Stamp, at) === 0;
}

/**
 * The value of an entry: `[kind, at, [stamp, link or [link, rewritten], ...], parent?, live?, gone?]`, null where the
 * parent is the one in the key and where `live` is just `at`.
 * @param standsIn - the folder in the key under which the value is kept.
 */
export function encodeEntry(entry: Entry, standsIn: EntryId): Uint8Array {
  const content: CborValue[] = [];
  for (const { stamp, link, rewritten } of entry.content) {
    content.push(
      encodeStamp(stamp),
      rewritten === undefined ? link : [link, encodeStamp(rewritten)],
    );
  }
  return encodeCanonical([
    entryKinds.indexOf(entry.kind),
    encodeStamp(entry.at),
    content,
    equalBytes(entry.parent, standsIn) ? null : entry.parent,
    isOnlyAt(entry.live, entry.at) ? null : entry.live.map(encodeStamp),
    entry.gone === undefined ? null : entry.gone.map(encodeStamp),
  ]);
}

function decodeStamps(value: CborValue | undefined, what: string): Stamp[] {
  const stamps = asList(value, what).map((stamp) => asStamp(stamp, `a stamp in ${what}`));
  checkRising(stamps, what);
  return stamps;
}

function checkRising(stamps: readonly Stamp[], what: string): void {
  for (let i = 1; i < stamps.length; i++) {
    if (compareStamps(stamps[i - 1] as Stamp, stamps[i] as Stamp) >= 0) {
      refuseShape(what, "stamps in order");
    }
  }
}

function decodeContentLink(
  value: CborValue | undefined,
  what: string,
): Pick<EntryContent, "link" | "rewritten"> {
  const isRewritten = Array.isArray(value);
  const [encoded, by] = isRewritten ? asTuple(value, 2, `a link in ${what}`) : [value];
  const link = asRecordLink(asBytes(encoded, `a link in ${what}`), `a link in ${what}`);
  return isRewritten ? { link, rewritten: asStamp(by, `a purge in ${what}`) } : { link };
}

function decodeContent(value: CborValue | undefined, what: string): EntryContent[] {
  const list = asList(value, what);
  const content: EntryContent[] = [];
  for (let i = 0; i < list.length; i += 2) {
    const stamp = asStamp(list[i], `a stamp in ${what}`);
    content.push({ stamp, ...decodeContentLink(list[i + 1], what) });
  }
  checkRising(
    content.map(({ stamp }) => stamp),
    what,
  );
  return content;
}

/**
 * Reads an entry from its key and {@link encodeEntry}.
 * @param map - in which it stands, if that is to be checked too.
 * @throws damaged, newer
 */
export function decodeEntry(key: Uint8Array, value: Uint8Array, map?: "tree" | "removed"): Entry {
  const { parent: standsIn, name, id } = splitKey(key);
  const what = "an entry of the tree";
  const list = asTuple(decodeCanonical(value, what), 6, what);
  const kind = entryKinds[asInteger(list[0], `the kind of ${what}`)];
  if (kind === undefined) {
    throw new CloudError("newer", `${what} is of a kind that needs a newer IPCloud`);
  }
  const at = asStamp(list[1], `the place of ${what}`);
  const [, , content, intended, live, gone] = list;
  const parent =
    intended === null ? standsIn : asEntryId(asBytes(intended, `the parent of ${what}`, 16));
  if (intended !== null && compareBytes(parent, standsIn) === 0) {
    refuseShape(what, "a parent only where it differs");
  }
  if (intended !== null && !isRoot(standsIn)) {
    refuseShape(what, "that it stands in its parent or in the root");
  }
  const stamps = live === null ? [at] : decodeStamps(live, `the life of ${what}`);
  if (live !== null && isOnlyAt(stamps, at)) refuseShape(what, "its life only where it differs");
  const removals = gone === null ? undefined : decodeStamps(gone, `the removals of ${what}`);
  if (removals?.length === 0) refuseShape(what, "removals or none");
  const entry: Entry = {
    id,
    kind,
    parent,
    name,
    at,
    content: decodeContent(content, `the content of ${what}`),
    live: stamps,
    ...(removals === undefined ? {} : { gone: removals }),
  };
  if (map !== undefined) checkMap(map, entry, intended === null);
  return entry;
}

/** FORMAT §10.3: what is alive is visible, and of the dead only a folder can be. */
function checkMap(
  map: "tree" | "removed",
  entry: Pick<Entry, "kind" | "live" | "content">,
  standsInParent: boolean,
): void {
  if (map === "tree") {
    const isDead = entry.live.length === 0; // a husk is told by who verifies
    if (isDead && entry.kind !== "folder") refuseShape("an entry of the tree", "that it is alive");
  } else if (isLive(entry) || !standsInParent) {
    refuseShape("a removed entry", "that it is dead and stands in its parent");
  }
}

/** What `folders` holds of a folder, live or dead. */
export interface FolderPlace {
  readonly parent: EntryId;
  readonly name: string;
  readonly at: Stamp;
}

/** `[parent, name, at]`. */
export function encodeFolder(folder: FolderPlace): Uint8Array {
  return encodeCanonical([folder.parent, folder.name, encodeStamp(folder.at)]);
}

/** Reads {@link encodeFolder} back. @throws damaged */
export function decodeFolder(value: Uint8Array): FolderPlace {
  const what = "a folder's place";
  const [parent, name, at] = asTuple(decodeCanonical(value, what), 3, what);
  return {
    parent: asEntryId(asBytes(parent, what, 16)),
    name: readName(toUtf8(asText(name, what)), what),
    at: asStamp(at, what),
  };
}

/** Whether an id is the root folder's, which has no entry. */
export function isRoot(id: EntryId): boolean {
  return equalBytes(id, rootId);
}

/** The largest of the stamps that removed an entry. */
export function lastRemoval({ gone }: Entry): Stamp | undefined {
  return gone?.at(-1);
}

/**
 * Whether nothing is left of a file or symbolic link: two purges met, and each took what the other
 * side had of it. It is dead, and stays until retention lets go of it. FORMAT §10.3.
 */
export function isHusk({ kind, content }: Pick<Entry, "kind" | "content">): boolean {
  return (kind === "file" || kind === "link") && content.length === 0;
}

/** Whether an entry is alive: visible for its own sake. */
export function isLive(entry: Pick<Entry, "kind" | "live" | "content">): boolean {
  return entry.live.length > 0 && !isHusk(entry);
}
