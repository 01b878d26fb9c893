import type { EncodedRecordLink } from "../../blocks/link.ts";
import type { EntryId } from "../../core/ids.ts";
import { type Entry, isLive } from "../../tree/entry.ts";
import { shownContent } from "../../tree/lookup.ts";

/** A folder of the source, set beside the folder of the drive that its contents go into. */
export interface MatchedFolder {
  /** Absolute, on the disk. */
  readonly path: string;
  /** Below the source, names joined by slashes; empty for the source itself. */
  readonly below: string;
  readonly depth: number;
  /** As of the revision that the import looks at; `undefined`: it is still to be made. */
  readonly id: EntryId | undefined;
}

/** Where folders stand that the import has made: as long as anybody still asks for one. */
export type MadeFolders = WeakMap<MatchedFolder, EntryId>;

/** First: something that the walk saw on the disk. */
export interface SeenItem {
  readonly folder: MatchedFolder;
  readonly name: string;
  readonly kind: "file" | "folder" | "link";
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly inode: number;
  /** The user to whom it belongs, as the system numbers them. */
  readonly owner: number;
  /** Permission bits. */
  readonly mode: number;
}

/** What is not taken in; why was told. */
export interface FailedItem {
  readonly outcome: "failed";
  readonly seen: SeenItem;
}

/** Something that is taken in, unless something else comes between. */
interface WantedItem {
  readonly seen: SeenItem;
  /** Of a folder: itself, to be walked. */
  readonly inner: MatchedFolder | undefined;
}

/** What the drive shows as it is on the disk. */
export interface SameItem extends WantedItem {
  readonly outcome: "same";
  readonly id: EntryId;
  readonly link: EncodedRecordLink;
}

/** What must be read to know. */
export interface OpenItem extends WantedItem {
  readonly outcome: "open";
  /** What stands at its place in the drive, as of the revision that the import looks at. */
  readonly entry: Entry | undefined;
}

/** Second: set beside what the drive has. */
export type MatchedItem = OpenItem | SameItem | FailedItem;

/** What is to be put, its content and record sealed. */
export interface PutItem extends WantedItem {
  readonly outcome: "put";
  /** As in {@link OpenItem}. */
  readonly entry: Entry | undefined;
  readonly link: EncodedRecordLink;
  /** SHA-256 of the record's own bytes. */
  readonly record: Uint8Array;
  /** It rested while it was read, so its state on the disk may be remembered. */
  readonly steady: boolean;
}

/** Third: read and sealed. */
export type SealedItem = PutItem | SameItem | FailedItem;

/** What now stands in the drive. */
export interface NewItem extends WantedItem {
  readonly outcome: "new";
  readonly id: EntryId;
  readonly link: EncodedRecordLink;
  /** As in {@link PutItem}. */
  readonly steady: boolean;
}

/** Last: at its place. */
export type PlacedItem = NewItem | SameItem | FailedItem;

/** What the drive shows of the same kind at the place of something, if it does. */
export function shownAt(
  { kind }: SeenItem,
  entry: Entry | undefined,
): { readonly id: EntryId; readonly link: EncodedRecordLink } | undefined {
  if (entry?.kind !== kind || !isLive(entry)) return undefined;
  const shown = shownContent(entry);
  return shown && { id: entry.id, link: shown.link };
}

/** What a path of the source is called in a note. */
export function showItem({ folder, name }: Pick<SeenItem, "folder" | "name">): string {
  return JSON.stringify(pathBelow(folder, name));
}

/** The absolute path of something on the disk. */
export function itemPath({ folder, name }: Pick<SeenItem, "folder" | "name">): string {
  return `${folder.path}/${name}`;
}

/** The path of something in a folder below the source, names joined by slashes. */
export function pathBelow({ below }: Pick<MatchedFolder, "below">, name: string): string {
  return below === "" ? name : `${below}/${name}`;
}
