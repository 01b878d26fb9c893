import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { Turns } from "../core/turns.ts";
import type { Extent } from "./block-index.ts";
import { storageError } from "./storage-error.ts";
import { syncFolder } from "./sync-files.ts";
import type { OnWritePoint } from "./write-point.ts";

/** Appended bytes after which a sync begins by itself, so that the last one isn't long. */
const syncBytes = 32 * 1024 * 1024;
/** How many buffers one system call takes: IOV_MAX is 1,024. */
const maxBuffers = 512;

/** What a lane of segments is for: blocks of one length, or whatever is appended. */
export type LaneKey = number | "mixed";

/** A segment that a lane goes on with, and where it ends. */
export interface SegmentEnd {
  readonly segment: number;
  readonly end: number;
}

interface Lane {
  /** The segment of before to go on with. */
  last: SegmentEnd | undefined;
  current: OpenSegment | undefined;
  readonly turns: Turns;
}

interface OpenSegment {
  readonly segment: number;
  readonly path: string;
  readonly handle: FileHandle;
  /** Where the next bytes go: what is reserved before it may not be written yet. */
  end: number;
  unsynced: boolean;
  /** Reservations that are not over. */
  reserved: number;
}

/** Bytes of a segment that another process writes. */
export interface SegmentRoom {
  readonly segment: number;
  readonly path: string;
  readonly offset: number;
  /** Says, once, that the room is filled, or that nobody writes there any more. */
  readonly end: (isFilled: boolean) => void;
}

/** What {@link SegmentWriter} needs to know of its surroundings. */
export interface SegmentWriterOptions {
  /** The store's folder, for sentences. */
  readonly folder: string;
  readonly pathOf: (segment: number) => string;
  readonly onWritePoint: OnWritePoint;
  /** Size in bytes from which a segment is left and the next one begun. */
  readonly segmentBytes: number;
  /** The segments to go on with; where there is none a new one is begun. */
  readonly last: ReadonlyMap<LaneKey, SegmentEnd>;
  /** Number of the next new segment. */
  readonly next: number;
}

/**
 * Appends to the newest segment, one write after the other, and sets room aside that others fill
 * meanwhile: for blocks of each length in segments of their own, so that how they follow one another
 * there tells nothing of what is in them.
 *
 * Invariants:
 * 1. An extent is durable after a `sync` that was asked for after its `append` was done, or its room
 *    was filled: whatever process writes, this one holds the file open from before until it is synced.
 * 2. After a failed write the segment is cut to where it ended before, or left if even that fails.
 * 3. After a failed sync nothing is appended or synced any more: the system may have dropped the
 *    pages, and a second sync would say that all is well.
 */
export class SegmentWriter {
  readonly #options: SegmentWriterOptions;
  #next: number;
  readonly #lanes = new Map<LaneKey, Lane>();
  /** Segments left while not synced, or while others write there. */
  readonly #left = new Set<OpenSegment>();
  #runningSync: Promise<void> | undefined;
  #queuedSync: Promise<void> | undefined;
  #unsyncedBytes = 0;
  #failure: unknown;

  constructor(options: SegmentWriterOptions) {
    this.#options = options;
    this.#next = options.next;
    for (const [key, last] of options.last) this.#lane(key).last = last;
  }

  /** Whether something may still be written to a segment, unless it is full. */
  isCurrent(segment: number): boolean {
    return this.#laneOf(segment) !== undefined;
  }

  /**
   * Appends byte arrays, which must not change until it resolves, in one piece.
   * @param onStart - told the segment before the first byte is written.
   * @throws storage-full, storage-read-only, storage
   */
  append(parts: readonly Uint8Array[], onStart: (segment: number) => void): Promise<Extent[]> {
    const lane = this.#lane("mixed");
    return lane.turns.take(async () => {
      const current = await this.#begin(lane, onStart);
      const { segment, path } = current;
      let end = current.end;
      const extents = parts.map((part) => {
        const extent = { segment, offset: end, length: part.length };
        end += part.length;
        return extent;
      });
      try {
        this.#options.onWritePoint("before segment write", path);
        await writeAll(current.handle, parts, current.end);
        this.#options.onWritePoint("after segment write", path);
      } catch (error) {
        await this.#abandon(lane, current);
        throw storageError(error, this.#options.folder, "writing a segment");
      }
      const written = end - current.end;
      current.end = end;
      this.#noteWritten(current, written);
      return extents;
    });
  }

  /**
   * Sets room aside in one piece for some blocks of one length.
   * @param onStart - as of {@link append}.
   * @throws as {@link append}
   */
  reserve(
    length: number,
    blocks: number,
    onStart: (segment: number) => void,
  ): Promise<SegmentRoom> {
    const lane = this.#lane(length);
    return lane.turns.take(async () => {
      const current = await this.#begin(lane, onStart);
      const { segment, path, end: offset } = current;
      const bytes = blocks * length;
      current.end += bytes;
      current.reserved++;
      const end = (isFilled: boolean): void => {
        current.reserved--;
        if (isFilled) this.#noteWritten(current, bytes);
      };
      return { segment, path, offset, end };
    });
  }

  /** Makes durable all that was appended before. @throws storage */
  sync(): Promise<void> {
    if (this.#queuedSync !== undefined) return this.#queuedSync;
    const before = this.#runningSync ?? Promise.resolve();
    const queued = before
      .catch(() => undefined)
      .then(() => {
        this.#queuedSync = undefined;
        this.#runningSync = this.#syncNow().finally(() => {
          this.#runningSync = undefined;
        });
        return this.#runningSync;
      });
    this.#queuedSync = queued;
    return queued;
  }

  /** Leaves a segment, so that the next write to its lane begins a new one. */
  async leave(segment: number): Promise<void> {
    const lane = this.#laneOf(segment);
    await lane?.turns.take(async () => {
      if (!isOf(lane, segment)) return;
      lane.last = undefined;
      await this.#leaveCurrent(lane);
    });
  }

  /** Closes the file of a segment that was left and is removed: only then is its space free. */
  async drop(segment: number): Promise<void> {
    const dropped = [...this.#left].filter((file) => file.segment === segment);
    if (dropped.length === 0) return;
    for (const file of dropped) file.unsynced = false;
    await this.sync(); // which closes it: another sync may be at it now
  }

  /** Waits for what is under way and closes the files. */
  async close(): Promise<void> {
    for (const { turns } of this.#lanes.values()) await turns.settled();
    await (this.#queuedSync ?? this.#runningSync ?? Promise.resolve()).catch(() => undefined);
    for (const { handle } of this.#left) await handle.close();
    for (const { current } of this.#lanes.values()) await current?.handle.close();
    this.#left.clear();
    this.#lanes.clear();
  }

  #lane(key: LaneKey): Lane {
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      lane = { last: undefined, current: undefined, turns: new Turns() };
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  #laneOf(segment: number): Lane | undefined {
    for (const lane of this.#lanes.values()) if (isOf(lane, segment)) return lane;
    return undefined;
  }

  /** The segment that a lane writes to now. @param onStart - told it before the first byte is written. */
  async #begin(lane: Lane, onStart: (segment: number) => void): Promise<OpenSegment> {
    this.#mustBeWhole();
    const current = await this.#segment(lane);
    onStart(current.segment);
    return current;
  }

  #noteWritten(segment: OpenSegment, bytes: number): void {
    segment.unsynced = true;
    this.#unsyncedBytes += bytes;
    if (this.#unsyncedBytes >= syncBytes) this.#syncAhead();
  }

  async #segment(lane: Lane): Promise<OpenSegment> {
    const { segmentBytes, pathOf, folder } = this.#options;
    if (lane.current !== undefined && lane.current.end >= segmentBytes) {
      await this.#leaveCurrent(lane);
    }
    if (lane.current !== undefined) return lane.current;
    // It counts as the current one while it is being opened, or a collection would delete it.
    const { last } = lane;
    try {
      if (last !== undefined && last.end < segmentBytes) {
        const path = pathOf(last.segment);
        const handle = await open(path, "r+");
        lane.current = { ...last, path, handle, unsynced: false, reserved: 0 };
      } else {
        lane.current = await this.#create();
      }
      return lane.current;
    } catch (error) {
      throw storageError(error, folder, "opening a segment");
    } finally {
      lane.last = undefined;
    }
  }

  async #create(): Promise<OpenSegment> {
    const { pathOf, onWritePoint } = this.#options;
    const segment = this.#next;
    this.#next += 1;
    const path = pathOf(segment);
    onWritePoint("before segment create", path);
    const handle = await open(path, "wx+", 0o600);
    try {
      await syncFolder(dirname(path), onWritePoint);
    } catch (error) {
      await handle.close();
      throw error;
    }
    onWritePoint("after segment create", path);
    return { segment, path, handle, end: 0, unsynced: false, reserved: 0 };
  }

  async #leaveCurrent(lane: Lane): Promise<void> {
    const { current } = lane;
    lane.current = undefined;
    if (current === undefined) return;
    if (current.unsynced || current.reserved > 0) this.#left.add(current);
    else await current.handle.close();
  }

  async #abandon(lane: Lane, current: OpenSegment): Promise<void> {
    try {
      await current.handle.truncate(current.end);
    } catch {
      await this.#leaveCurrent(lane); // it is cut at the next start
    }
  }

  #syncAhead(): void {
    this.#unsyncedBytes = 0;
    this.sync().catch(() => undefined); // the next append or sync says it
  }

  async #syncNow(): Promise<void> {
    this.#mustBeWhole();
    this.#unsyncedBytes = 0;
    const left = [...this.#left];
    const current = [...this.#lanes.values()].flatMap((lane) => lane.current ?? []);
    try {
      // Side by side: a file system makes one entry in its journal of what comes together.
      await Promise.all([...left, ...current].map((file) => this.#syncFile(file)));
    } catch (error) {
      this.#failure = error;
      this.#mustBeWhole();
    }
    for (const file of left) {
      if (file.unsynced || file.reserved > 0) continue;
      this.#left.delete(file);
      await file.handle.close();
    }
  }

  async #syncFile(file: OpenSegment): Promise<void> {
    if (!file.unsynced) return;
    file.unsynced = false;
    this.#options.onWritePoint("before segment sync", file.path);
    await file.handle.datasync();
    this.#options.onWritePoint("after segment sync", file.path);
  }

  #mustBeWhole(): void {
    if (this.#failure === undefined) return;
    throw storageError(this.#failure, this.#options.folder, "syncing a segment");
  }
}

function isOf({ current, last }: Lane, segment: number): boolean {
  return current?.segment === segment || last?.segment === segment;
}

/** Writes all parts one after the other from `offset`, also where the system takes less. */
async function writeAll(
  handle: FileHandle,
  parts: readonly Uint8Array[],
  offset: number,
): Promise<void> {
  let rest = parts;
  let position = offset;
  while (rest.length > 0) {
    const buffers = rest.slice(0, maxBuffers);
    let { bytesWritten } = await handle.writev(buffers, position);
    if (bytesWritten === 0 && buffers.some(({ length }) => length > 0)) {
      throw new Error("the system wrote nothing");
    }
    position += bytesWritten;
    const next: Uint8Array[] = [];
    for (const buffer of buffers) {
      if (bytesWritten < buffer.length) next.push(buffer.subarray(bytesWritten));
      bytesWritten = Math.max(0, bytesWritten - buffer.length);
    }
    rest = next.length === 0 ? rest.slice(maxBuffers) : [...next, ...rest.slice(maxBuffers)];
  }
}
