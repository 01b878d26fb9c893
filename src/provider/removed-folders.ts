import type { ChangedEvent } from "../node/rpc/contract.ts";
import { isWithin } from "./drive-path.ts";

const mostKept = 100;
const rememberedForMs = 3_600_000;

/** A folder that was removed. */
interface Removed {
  /** The revision before its removal. */
  readonly revision: string;
  readonly at: number;
}

/**
 * Which folders this window has removed, so that an undo brings back what was in them.
 *
 * The editor undoes the removal of a folder by `createDirectory` alone. It announces what a person
 * creates or deletes, and announces no undo and no redo. But it makes folders that are missing
 * above a new file without a word too, and so do other extensions. So:
 * 1. A removal that was announced, or that undoes an undo (a redo), is remembered for an hour with
 *    the revision before it.
 * 2. Whatever is put at a remembered path or below it, by anybody, makes that a new folder: the path
 *    is forgotten.
 * 3. A folder made at a remembered path may be an undo. It is one if nothing is put into it shortly
 *    after.
 */
export class RemovedFolders {
  /** By path; the newest last. */
  readonly #removed = new Map<string, Removed>();
  readonly #announced = new Set<string>();
  readonly #broughtBack = new Set<string>();
  /** Folders made at remembered paths, until it is known what they are. */
  readonly #undoing = new Set<string>();
  readonly #now: () => number;

  /** @param now - milliseconds from any start. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** A person is about to delete `path`. */
  announceRemoval(path: string): void {
    bound(this.#announced);
    this.#announced.add(path);
  }

  /** Something is about to be put at `path` that is no undo (rule 2). */
  announceCreation(path: string): void {
    for (const folder of [...this.#removed.keys()])
      if (isWithin(path, folder)) this.#forget(folder);
  }

  /** The node tells what somebody has changed. */
  took({ changes, everything }: Pick<ChangedEvent, "changes" | "everything">): void {
    if (everything) for (const folder of [...this.#removed.keys()]) this.#forget(folder);
    for (const { type, path } of changes) {
      // The folder of an undo under way was made by this window.
      if (type !== "removed" && !this.#undoing.has(path)) this.announceCreation(path);
    }
  }

  /** Whether the removal that now comes should be remembered (rule 1). */
  isUndoable(path: string): boolean {
    return this.#announced.has(path) || this.#broughtBack.has(path);
  }

  /** `path` was removed; `revision` still had it. */
  removed(path: string, revision: string): void {
    this.#announced.delete(path);
    this.#broughtBack.delete(path);
    this.#forget(path);
    bound(this.#removed);
    this.#removed.set(path, { revision, at: this.#now() });
  }

  /**
   * A folder is about to be made at `path` without announcement.
   * @returns whether that may be an undo (rule 3).
   */
  beginUndo(path: string): boolean {
    const removed = this.#removed.get(path);
    if (removed === undefined) return false;
    if (this.#now() - removed.at > rememberedForMs) {
      this.#forget(path);
      return false;
    }
    this.#undoing.add(path);
    return true;
  }

  /** The removal of an empty folder that an undo has just made: back to where it began. */
  endUndo(path: string): void {
    this.#undoing.delete(path);
  }

  /** The revision to bring `path` back from, if what was made there is still an undo. */
  revisionToRestore(path: string): string | undefined {
    return this.#undoing.has(path) ? this.#removed.get(path)?.revision : undefined;
  }

  /** `path` was brought back. */
  broughtBack(path: string): void {
    this.#forget(path);
    bound(this.#broughtBack);
    this.#broughtBack.add(path);
  }

  #forget(path: string): void {
    this.#removed.delete(path);
    this.#undoing.delete(path);
  }
}

function bound(kept: Map<string, unknown> | Set<string>): void {
  for (const oldest of kept.keys()) {
    if (kept.size < mostKept) return;
    kept.delete(oldest);
  }
}
