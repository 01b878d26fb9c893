import { readdir, stat, truncate, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { CloudError } from "../core/cloud-error.ts";
import { makeFolders } from "../platform/make-folders.ts";
import type { Extent } from "./block-index.ts";
import type { ExtentIndex } from "./extent-index.ts";
import { type ReadExtent, SegmentReader } from "./segment-reader.ts";
import {
  type LaneKey,
  type SegmentEnd,
  type SegmentRoom,
  SegmentWriter,
} from "./segment-writer.ts";
import { isWritable, readOnlyError, storageError } from "./storage-error.ts";
import { syncFolder } from "./sync-files.ts";
import type { OnWritePoint } from "./write-point.ts";

/** Whoever has bytes in a segment that the database doesn't refer to yet. */
export type SegmentOwner = object;

export interface SegmentsOptions {
  /** The store's folder; the segments lie in `segments` below it. */
  readonly folder: string;
  /** Why nothing may be written; `undefined` if it may. */
  readonly refusal: CloudError | undefined;
  readonly segmentBytes: number;
  readonly onWritePoint: OnWritePoint;
  /** Has the database file itself say, durably, what the database says now. @returns whether it could. */
  readonly settleRows: () => boolean;
  readonly lent: LentNote;
}

/**
 * Remembers, also if this process is killed at once, up to which segment room was set aside for
 * other processes. One of them may outlive us by a moment.
 */
export interface LentNote {
  /** Of a process that did not come to its end; absent: none did. */
  readonly before: number | undefined;
  /** `undefined`: nobody writes there any more. @throws storage-full and its kin */
  readonly set: (segment: number | undefined) => void;
}

/** Numbers of the segments in a store's folder, rising. */
export async function listSegments(folder: string): Promise<number[]> {
  let names: string[];
  try {
    names = await readdir(join(folder, "segments"));
  } catch {
    return [];
  }
  return names
    .filter((name) => /^\d{8}\.seg$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b);
}

/** Where a segment of a store lies. */
export function segmentPath(folder: string, segment: number): string {
  return join(folder, "segments", `${segment.toString().padStart(8, "0")}.seg`);
}

/**
 * The segment files: sealed blocks one after the other and nothing else, so only the database
 * knows where one begins.
 */
export class Segments {
  readonly #options: SegmentsOptions;
  readonly #pathOf: (segment: number) => string;
  readonly #sizes = new Map<number, number>();
  readonly #pins = new Map<number, Set<SegmentOwner>>();
  readonly #reader: SegmentReader;
  #writer: SegmentWriter | undefined;
  /** The last segment in which room was set aside. */
  #lent: number | undefined;
  /** Somebody may fill room for longer than this process lives. */
  #keepsLent = false;

  private constructor(options: SegmentsOptions) {
    this.#options = options;
    this.#pathOf = (segment) => segmentPath(options.folder, segment);
    this.#reader = new SegmentReader(options.folder, this.#pathOf);
  }

  /**
   * Opens the segments of a store and cuts off what no block refers to: the tail of a segment, or
   * all of it.
   * @throws storage-full, storage, damaged
   */
  static async open(options: SegmentsOptions, extents: ExtentIndex): Promise<Segments> {
    const segments = new Segments(options);
    try {
      await segments.#recover(extents);
    } catch (error) {
      throw storageError(error, options.folder, "opening the segments");
    }
    return segments;
  }

  async #recover(extents: ExtentIndex): Promise<void> {
    const { folder, refusal, segmentBytes, onWritePoint } = this.#options;
    const lent = this.#options.lent.before ?? 0;
    const path = join(folder, "segments");
    const numbers = await listSegments(folder);
    // Also not the number of one that is gone: who has room there goes by the path.
    const next = Math.max(numbers.at(-1) ?? 0, extents.lastSegment(), lent) + 1;
    const writable = refusal === undefined && isWritable(path);
    if (writable && makeFolders(path, 0o700)) {
      await syncFolder(folder, onWritePoint);
    }
    for (const segment of numbers) {
      const size = (await stat(this.#pathOf(segment))).size;
      this.#sizes.set(segment, size);
      const indexed = extents.end(segment);
      if (!writable || (indexed !== undefined && size <= indexed)) continue;
      // Rows that a power failure or a lost log may take back must not decide what is deleted.
      if (!this.#options.settleRows()) continue; // the disk is full: a collection does it later
      const end = await extents.endByAll(segment);
      if (end === undefined) await this.remove(segment);
      else if (size > end) await this.#cut(segment, end);
    }
    if (!writable) return;
    const last = this.#unfinished(extents);
    this.#writer = new SegmentWriter({
      folder,
      pathOf: this.#pathOf,
      onWritePoint,
      segmentBytes,
      next,
      last,
    });
  }

  /** The newest segment of each lane, if it is to be gone on with. */
  #unfinished(extents: ExtentIndex): Map<LaneKey, SegmentEnd> {
    const { segmentBytes, lent } = this.#options;
    const last = new Map<LaneKey, SegmentEnd>();
    for (const [segment, size] of this.#sizes) {
      // One that is shorter than its blocks is damaged: what is appended would look like theirs.
      if (size >= segmentBytes || segment <= (lent.before ?? 0)) continue;
      if (extents.end(segment) !== size) continue;
      last.set(extents.onlyLength(segment) ?? "mixed", { segment, end: size });
    }
    return last;
  }

  /** Reads an extent, as {@link SegmentReader.read} does. @throws storage */
  read(extent: Extent): Promise<ReadExtent> {
    return this.#reader.read(extent);
  }

  /**
   * Appends byte arrays in one piece. Until {@link release} the segment is not removed.
   * @throws storage-full, storage-read-only, storage
   */
  async append(parts: readonly Uint8Array[], owner: SegmentOwner): Promise<Extent[]> {
    const extents = await this.#mustWrite().append(parts, (segment) => {
      this.#pin(segment, owner);
    });
    const last = extents.at(-1);
    if (last !== undefined) this.#sizes.set(last.segment, last.offset + last.length);
    return extents;
  }

  /**
   * Sets room aside that another process fills with some blocks of one length. Until {@link release}
   * the segment is not removed; whatever becomes of the room, nothing else is ever written there.
   * @throws as {@link append}
   */
  async reserve(length: number, blocks: number, owner: SegmentOwner): Promise<SegmentRoom> {
    const room = await this.#mustWrite().reserve(length, blocks, (segment) => {
      this.#pin(segment, owner);
    });
    const { segment, offset } = room;
    this.#sizes.set(segment, offset + blocks * length);
    try {
      // Numbers rise: the note is of all up to this one.
      if (segment > (this.#lent ?? 0)) this.#options.lent.set(segment);
    } catch (error) {
      room.end(false);
      throw error;
    }
    this.#lent = Math.max(segment, this.#lent ?? 0);
    return room;
  }

  /** Has the next start begin a new segment: room may still be filled then. */
  keepLent(): void {
    this.#keepsLent = true;
  }

  /** What is said of room that could not be filled. */
  faultOf(error: unknown): CloudError {
    return storageError(error, this.#options.folder, "writing a segment");
  }

  /** The file of a segment. */
  pathOf(segment: number): string {
    return this.#pathOf(segment);
  }

  /** Makes durable what was appended. @throws storage */
  async sync(): Promise<void> {
    await this.#writer?.sync();
  }

  /** Says that the database refers to all that `owner` appended, or never will. */
  release(owner: SegmentOwner): void {
    for (const [segment, owners] of this.#pins) {
      owners.delete(owner);
      if (owners.size === 0) this.#pins.delete(segment);
    }
  }

  /** Holds for `to` as well what `from` appended. */
  share(from: SegmentOwner, to: SegmentOwner): void {
    for (const owners of this.#pins.values()) if (owners.has(from)) owners.add(to);
  }

  /** Segments and their sizes in bytes. */
  get sizes(): ReadonlyMap<number, number> {
    return this.#sizes;
  }

  isPinned(segment: number): boolean {
    return this.#pins.has(segment);
  }

  /** Whether appends may still go to this segment. */
  isCurrent(segment: number): boolean {
    return this.#writer?.isCurrent(segment) === true;
  }

  /** Has nothing more appended to a segment. */
  async leave(segment: number): Promise<void> {
    await this.#writer?.leave(segment);
  }

  /** Deletes a segment that no block refers to; reads under way still end well. */
  async remove(segment: number): Promise<void> {
    const { folder, onWritePoint } = this.#options;
    const path = this.#pathOf(segment);
    try {
      onWritePoint("before segment unlink", path);
      await unlink(path);
      onWritePoint("after segment unlink", path);
    } catch (error) {
      throw storageError(error, folder, "removing a segment");
    }
    this.#sizes.delete(segment);
    this.#reader.retire(segment);
    await this.#writer?.drop(segment);
  }

  /** Bytes of all segments on disk. */
  diskBytes(): number {
    let bytes = 0;
    for (const size of this.#sizes.values()) bytes += size;
    return bytes;
  }

  /** Closes the files. All room must have been given back. */
  async close(): Promise<void> {
    if (this.#lent !== undefined && !this.#keepsLent) this.#forgetLent();
    await this.#writer?.close();
    this.#reader.close();
  }

  #mustWrite(): SegmentWriter {
    const { folder, refusal } = this.#options;
    if (this.#writer === undefined) throw refusal ?? readOnlyError(folder);
    return this.#writer;
  }

  #pin(segment: number, owner: SegmentOwner): void {
    const owners = this.#pins.get(segment);
    if (owners === undefined) this.#pins.set(segment, new Set([owner]));
    else owners.add(owner);
  }

  #forgetLent(): void {
    try {
      this.#options.lent.set(this.#options.lent.before);
    } catch {
      // Then the next start begins a new segment.
    }
  }

  async #cut(segment: number, end: number): Promise<void> {
    const path = this.#pathOf(segment);
    this.#options.onWritePoint("before segment cut", path);
    await truncate(path, end);
    this.#options.onWritePoint("after segment cut", path);
    this.#sizes.set(segment, end);
  }
}
