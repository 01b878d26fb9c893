import { lstatSync, unlinkSync } from "node:fs";
import { basename } from "node:path";
import { asList, asText, asTuple } from "../../blocks/shape.ts";
import { isCloudError } from "../../core/cloud-error.ts";
import { Turns } from "../../core/turns.ts";
import { systemErrorCode } from "../../platform/system-error.ts";
import { beat } from "../../platform/thread-watch.ts";
import type { OpenSpace } from "../../space/open-space.ts";
import { LocalRows } from "../local-rows.ts";
import { isTemporaryName } from "../worker/new-file.ts";

const rowName = "unfinished";
const what = "what is remembered of files that were being written";

/**
 * Remembers, sealed in the store, which files outside are being written: what a killed node left of
 * them is plain text under an odd name, to be removed once the drive is open again.
 *
 * A store that can't be written remembers nothing, and nothing is held up by that.
 */
export class UnfinishedFiles {
  readonly #rows: LocalRows;
  readonly #paths = new Set<string>();
  readonly #turns = new Turns();

  constructor(space: OpenSpace) {
    this.#rows = new LocalRows(space);
  }

  /** Files that an earlier run of the node left. Ask before {@link begin}. */
  left(): string[] {
    try {
      const value = this.#rows.read(rowName, what);
      if (value === undefined) return [];
      const [paths] = asTuple(value, 1, what);
      return asList(paths, what).map((path) => asText(path, what));
    } catch (error) {
      if (isCloudError(error, "damaged", "newer")) return [];
      throw error;
    }
  }

  /** A file is about to be created. @param path - absolute. */
  async begin(path: string): Promise<void> {
    this.#paths.add(path);
    await this.#write();
  }

  /** The file is at its place, or gone. */
  end(path: string): void {
    this.#paths.delete(path);
    if (this.#paths.size === 0) void this.#write();
  }

  #write(): Promise<void> {
    return this.#turns
      .take(() => this.#rows.write(rowName, [[...this.#paths]]))
      .catch(() => undefined);
  }
}

/** Removes what was left of files that were being written. @returns those that could not be removed */
export function removeLeft(paths: readonly string[]): string[] {
  return paths.filter((path) => {
    beat();
    try {
      if (isTemporaryName(basename(path)) && lstatSync(path).isFile()) unlinkSync(path);
      return false;
    } catch (error) {
      return !["ENOENT", "ENOTDIR"].includes(systemErrorCode(error) ?? "");
    }
  });
}
