import { closeSync, openSync, readSync } from "node:fs";
import { equalBytes } from "../../core/bytes.ts";
import type { BlockId } from "../../core/ids.ts";
import { nodePrimitives } from "../../platform/primitives.ts";
import type { FilePlace } from "../../store/store.ts";

/** A sealed block whose hash was checked, or where in a file it was. */
export type BlockAt = Uint8Array | FilePlace;

/** A block is not where it was: moved, gone or damaged. The store tells which. */
export class NotThereError extends Error {
  override readonly name = "NotThereError";
}

/** Grows to the largest block that was read. */
let buffer = new Uint8Array(0);

/** Reads sealed blocks, for one job. */
export class BlockFiles {
  readonly #files = new Map<string, number>();

  /**
   * The bytes of a block, which hash to `id`.
   * @returns a view that the next read reuses.
   * @throws NotThereError
   */
  read(id: BlockId, at: BlockAt): Uint8Array {
    if (at instanceof Uint8Array) return at;
    const bytes = this.#readPlace(at);
    if (bytes !== undefined && equalBytes(nodePrimitives.sha256(bytes), id)) return bytes;
    throw new NotThereError();
  }

  close(): void {
    for (const file of this.#files.values()) closeSync(file);
    this.#files.clear();
  }

  #readPlace({ path, offset, length }: FilePlace): Uint8Array | undefined {
    try {
      let file = this.#files.get(path);
      if (file === undefined) {
        file = openSync(path, "r");
        this.#files.set(path, file);
      }
      if (buffer.length < length) buffer = new Uint8Array(length);
      const read = readSync(file, buffer, 0, length, offset);
      return read === length ? buffer.subarray(0, length) : undefined;
    } catch {
      return undefined; // the store meets it too, and says what it is
    }
  }
}
