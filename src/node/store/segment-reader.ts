import { type FileHandle, open } from "node:fs/promises";
import { LRUCache } from "lru-cache";
import type { Extent } from "./block-index.ts";
import { isReadFault, storageError, systemCode } from "./storage-error.ts";

/** The longest extent that is read: twice the largest block that any peer sends. */
const maxExtentBytes = 4 * 1024 * 1024;
/** How many segments are held open for reading. */
const maxOpenFiles = 64;

/** What came of reading an extent: its bytes, or why there are none. */
export type ReadExtent = Uint8Array | "missing" | "unreadable";

interface OpenFile {
  readonly handle: Promise<FileHandle>;
  readers: number;
  retired: boolean;
}

/** Reads from segment files, of which it keeps some open. */
export class SegmentReader {
  readonly #folder: string;
  readonly #pathOf: (segment: number) => string;
  readonly #files = new LRUCache<number, OpenFile>({
    max: maxOpenFiles,
    dispose: (file) => {
      file.retired = true;
      this.#closeIfDone(file);
    },
  });

  constructor(folder: string, pathOf: (segment: number) => string) {
    this.#folder = folder;
    this.#pathOf = pathOf;
  }

  /**
   * The bytes of an extent: fewer than its length, or none, where the file is short.
   * @returns `missing` if there is no such file, `unreadable` if the disk refuses this place.
   * @throws storage, for faults that concern more than this place.
   */
  async read(extent: Extent): Promise<ReadExtent> {
    const { segment, offset, length } = extent;
    if (offset < 0 || length <= 0 || length > maxExtentBytes) return new Uint8Array(0);
    const file = this.#open(segment);
    file.readers += 1;
    try {
      const handle = await file.handle;
      // Memory of its own, not zeroed first: callers keep the bytes.
      const bytes = Buffer.allocUnsafeSlow(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return new Uint8Array(bytes.buffer, 0, done);
    } catch (error) {
      if (systemCode(error) === "ENOENT") return "missing";
      if (isReadFault(error)) return "unreadable";
      throw storageError(error, this.#folder, "reading a segment");
    } finally {
      file.readers -= 1;
      this.#closeIfDone(file);
    }
  }

  /** Closes a segment's file once nobody reads from it. */
  retire(segment: number): void {
    this.#files.delete(segment);
  }

  close(): void {
    this.#files.clear();
  }

  #open(segment: number): OpenFile {
    const known = this.#files.get(segment);
    if (known !== undefined) return known;
    const handle = open(this.#pathOf(segment), "r");
    const file: OpenFile = { handle, readers: 0, retired: false };
    this.#files.set(segment, file);
    handle.catch(() => {
      // Another attempt may have come in its place.
      if (this.#files.peek(segment) === file) this.#files.delete(segment);
    });
    return file;
  }

  #closeIfDone(file: OpenFile): void {
    if (!file.retired || file.readers > 0) return;
    file.handle.then(
      (handle) => handle.close(),
      () => undefined, // it never opened
    );
  }
}
