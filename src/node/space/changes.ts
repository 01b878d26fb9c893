import { type SealedContent, sealContent } from "../blocks/content/seal-content.ts";
import { maxInlineBytes } from "../blocks/record.ts";
import { CloudError } from "../core/cloud-error.ts";
import { formatPath, parsePath } from "../core/path.ts";
import type { StoreBatch } from "../store/store.ts";
import type { Entry } from "../tree/entry.ts";
import { viewState } from "../tree/state-view.ts";
import type { Change } from "./commit-loop.ts";
import { listedStat } from "./describe.ts";
import * as edits from "./edits.ts";
import { mustHavePast } from "./past/past.ts";
import { restoreAt, restoreRemoved, restoreVersion } from "./past/restore.ts";
import { checkTagName, removeTag, setTag } from "./past/tags.ts";
import type { SpaceParts } from "./space-parts.ts";
import type { Overwrite, Stat, When } from "./types.ts";

/** What is asked of a write, beside its content. */
export type WriteOptions = Omit<edits.WriteRequest, "kind" | "sealed">;

/** What people and programs change in an open space, each verb a change of its commit loop. */
export class Changes {
  readonly #parts: SpaceParts;

  constructor(parts: SpaceParts) {
    this.#parts = parts;
  }

  /** Writes a whole file. @returns its stat. */
  async write(request: WriteOptions, bytes: Uint8Array): Promise<Stat> {
    return this.#put([request.path], (change) => {
      const sealed =
        bytes.length <= maxInlineBytes
          ? { size: bytes.length, content: bytes }
          : sealContent(this.#parts.space.sealer, change.batch, bytes);
      return edits.writeFile(this.#parts, change, { ...request, kind: "file", sealed });
    });
  }

  /** Writes a file whose content was sealed into a batch, which ends with it. */
  async writeSealed(
    request: WriteOptions,
    sealed: SealedContent,
    batch: StoreBatch,
  ): Promise<Stat> {
    return this.#put(
      [request.path],
      (change) => edits.writeFile(this.#parts, change, { ...request, kind: "file", sealed }),
      [batch],
    );
  }

  /** Makes a symbolic link; where it leads is kept as it is given and never followed. */
  async symlink(path: string, target: Uint8Array): Promise<Stat> {
    const sealed = { size: target.length, content: target };
    if (target.length === 0 || target.length > maxInlineBytes) {
      throw new CloudError("usage", "a symbolic link leads to 1 to 4096 bytes of path");
    }
    return this.#put([path], (change) =>
      edits.writeFile(this.#parts, change, { path, kind: "link", sealed }),
    );
  }

  async makeFolder(path: string, parents: boolean): Promise<Stat> {
    return this.#put([path], (change) => edits.makeFolder(this.#parts, change, path, parents));
  }

  async remove(path: string, recursive: boolean): Promise<void> {
    await this.#apply([path], (change) => edits.remove(change, path, recursive));
  }

  async move(from: string, to: string, overwrite: Overwrite): Promise<Stat> {
    return this.#put([from, to], (change) => edits.move(this.#parts, change, from, to, overwrite));
  }

  async copy(from: string, to: string, overwrite: Overwrite, at?: When): Promise<Stat> {
    const { space, moments } = this.#parts;
    return this.#put([to], async (change) => {
      const view =
        at === undefined
          ? change.draft.state
          : viewState(space.sealer, await moments.stateIn(change.base, at));
      return edits.copy(change, view, from, to, overwrite);
    });
  }

  async setMeta(path: string, meta: { mode?: number; mtime?: number }): Promise<Stat> {
    return this.#put([path], (change) => edits.setMeta(this.#parts, change, path, meta));
  }

  /**
   * Brings a file to a version, or what stood at a path to how it was at a moment; without either,
   * what was removed there last comes back.
   * @returns how many entries changed.
   */
  async restore(path: string, target: { version?: string; at?: When }): Promise<number> {
    const { version, at } = target;
    const { loop, moments } = this.#parts;
    return loop.apply([], async (change) => {
      if (at !== undefined) {
        const from = await moments.stateIn(change.base, at);
        return restoreAt(this.#parts, change, from, path);
      }
      if (version === undefined) return restoreRemoved(this.#parts, change, path);
      return restoreVersion(this.#parts, mustHavePast(change.base), change, path, version);
    });
  }

  /** Names the current state or that of a moment; an older tag of that name goes. */
  async tag(name: string, at: When | undefined): Promise<void> {
    checkTagName(name);
    const { space, loop, moments } = this.#parts;
    await loop.apply([], async (change) => {
      const state = at === undefined ? undefined : await moments.stateIn(change.base, at);
      await setTag(space, change, name, state);
    });
  }

  async removeTag(name: string): Promise<void> {
    await this.#parts.loop.apply([], (change) => removeTag(change, name));
  }

  /** Runs a change that leaves an entry, and tells its stat. */
  async #put(
    paths: readonly string[],
    run: (change: Change) => Promise<Entry | undefined>,
    staged: readonly StoreBatch[] = [],
  ): Promise<Stat> {
    const entry = await this.#apply(paths, run, staged);
    // It is done, whether or not what was moved or copied can be read.
    return listedStat(this.#parts.content, entry);
  }

  #apply<Result>(
    paths: readonly string[],
    run: (change: Change) => Promise<Result>,
    staged: readonly StoreBatch[] = [],
  ): Promise<Result> {
    try {
      const touches = paths.map((path) => formatPath(parsePath(path)));
      return this.#parts.loop.apply(touches, run, staged);
    } catch (error) {
      for (const batch of staged) batch.abandon();
      throw error;
    }
  }
}
