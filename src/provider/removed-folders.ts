import { isWithin } from "./drive-path.ts";

const mostKept = 100;

/**
 * Which folders this window has removed, so that an undo brings back what was in them.
 *
 * The editor undoes the removal of a folder by `createDirectory` alone. It announces what a person
 * creates or deletes, and announces no undo and no redo; so:
 * 1. A removal that was announced, or that undoes an undo (a redo), is remembered with the revision
 *    before it.
 * 2. Creating a folder at a remembered path without announcement is an undo; announced, it is a new
 *    folder, and the path is forgotten.
 */
export class RemovedFolders {
  /** Path to the revision before its removal; the newest last. */
  readonly #removed = new Map<string, string>();
  readonly #announced = new Set<string>();
  readonly #broughtBack = new Set<string>();

  /** A person is about to delete `path`. */
  announceRemoval(path: string): void {
    bound(this.#announced);
    this.#announced.add(path);
  }

  /** A person is about to create something at `path`. */
  announceCreation(path: string): void {
    this.#removed.delete(path);
  }

  /** Whether the removal that now comes should be remembered (rule 1). */
  isUndoable(path: string): boolean {
    return this.#announced.has(path) || this.#broughtBack.has(path);
  }

  /** `path` was removed; `revision` still had it. */
  removed(path: string, revision: string): void {
    this.#announced.delete(path);
    this.#broughtBack.delete(path);
    this.#removed.delete(path);
    bound(this.#removed);
    this.#removed.set(path, revision);
  }

  /** The revision to bring `path` back from, if creating it now is an undo (rule 2). */
  revisionToRestore(path: string): string | undefined {
    return this.#removed.get(path);
  }

  /** `path` was brought back. */
  broughtBack(path: string): void {
    for (const other of [...this.#removed.keys()])
      if (isWithin(other, path)) this.#removed.delete(other);
    bound(this.#broughtBack);
    this.#broughtBack.add(path);
  }
}

function bound(kept: Map<string, string> | Set<string>): void {
  for (const oldest of kept.keys()) {
    if (kept.size < mostKept) return;
    kept.delete(oldest);
  }
}
