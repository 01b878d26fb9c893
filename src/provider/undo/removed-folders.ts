import { isWithin } from "../../node/core/path.ts";
import type { ChangedEvent } from "../../node/rpc/contract.ts";

const mostKept = 1000;
const rememberedForMs = 3_600_000;

/** What was taken away: enough to recognise its undo, and for a folder to bring it back. */
export type TakenAway =
  /** A folder; `revision` still had it. */
  | { readonly kind: "folder"; readonly revision: string }
  /** A file of `size` bytes, which the editor puts back by itself. */
  | { readonly kind: "file"; readonly size: number }
  /** Anything that went to `to`. */
  | { readonly kind: "moved"; readonly to: string };

/** What is put somewhere, without announcement and not as a save of somebody's work. */
export type Put =
  | { readonly kind: "folder" }
  | { readonly kind: "file"; readonly size: number }
  | { readonly kind: "moved"; readonly from: string };

/** How a path stands between a removal and what undoes it; a path without one is like any other. */
type State =
  /** This window took something away; whoever puts the like there undoes that. */
  | { readonly is: "removed"; readonly what: TakenAway; readonly at: number }
  /** An empty folder was made there, which may be an undo. */
  | { readonly is: "made"; readonly revision: string; readonly at: number }
  /** What was in the folder is on its way back. */
  | { readonly is: "returning"; readonly revision: string; readonly at: number }
  /** It was undone; its next removal is a redo unless it was announced. */
  | { readonly is: "back" };

/**
 * What this window has removed, so that an undo brings back what was in a folder.
 *
 * The editor undoes the removal of a folder by `createDirectory` alone. It announces what a person
 * creates or deletes, and announces no undo and no redo. But it makes folders that are missing
 * above a new file without a word too, and so do other extensions. So each path goes
 * `removed → made → returning → back → removed …`, and:
 * 1. A removal that was announced, or that undoes an undo (a redo), is remembered for an hour. A
 *    folder needs the revision before it; a file or a move is only recognised again.
 * 2. Whatever is put at or below a path that is `removed` or `made`, by anybody, makes that a new
 *    folder, and the path is forgotten, unless what is put is an undo itself: then the `made` folder
 *    has to come back first. Editors undo in order, so below a folder that a person made anew there
 *    is nothing to undo.
 * 3. A `made` folder that is removed again is `removed` as before: nothing of it had come back. It is
 *    `removed` before the node is asked, so that nothing comes back behind that.
 * 4. A `returning` folder is left by the node's answer alone. Until then nothing else of this window
 *    may touch it or what is around it, and what the node tells of it is its own return.
 */
export class RemovedFolders {
  /** By path; the newest last. */
  readonly #states = new Map<string, State>();
  /** What a person is about to delete. */
  readonly #announced = new Set<string>();
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
    for (const [at, { is }] of [...this.#states])
      if ((is === "removed" || is === "made") && isWithin(path, at)) this.#states.delete(at);
  }

  /** The node tells what somebody has changed. */
  took({ changes, everything }: Pick<ChangedEvent, "changes" | "everything">): void {
    if (everything) {
      for (const [path, { is }] of [...this.#states])
        if (is === "removed" || is === "made") this.#states.delete(path);
    }
    for (const { type, path } of changes) {
      // A folder that is `made` was made by this window.
      if (type !== "removed" && !this.isMade(path)) this.announceCreation(path);
    }
  }

  /** Whether the removal that now comes should be remembered (rule 1). */
  isUndoable(path: string): boolean {
    return this.#announced.has(path) || this.#states.get(path)?.is === "back";
  }

  /** `path` was taken away, and that can be undone. */
  removed(path: string, what: TakenAway): void {
    this.#announced.delete(path);
    this.#enter(path, { is: "removed", what, at: this.#now() });
  }

  /** Whether `put` at `path`, unannounced, undoes what took that away. */
  undoes(path: string, put: Put): boolean {
    const state = this.#states.get(path);
    if (state?.is !== "removed") return false;
    if (this.#now() - state.at > rememberedForMs) {
      this.#states.delete(path);
      return false;
    }
    const { what } = state;
    if (put.kind === "folder") return what.kind === "folder";
    if (put.kind === "file") return what.kind === "file" && what.size === put.size;
    return what.kind === "moved" && what.to === put.from;
  }

  /**
   * An undo is about to make the folder `path`.
   * @returns whether it is the one that enters `made`.
   */
  making(path: string): boolean {
    const state = this.#states.get(path);
    if (state?.is !== "removed" || state.what.kind !== "folder") return false;
    this.#enter(path, { is: "made", revision: state.what.revision, at: state.at });
    return true;
  }

  /**
   * The folder `path` is about to be removed again, or could not be made (rule 3).
   * @returns whether it was `made`.
   */
  unmaking(path: string): boolean {
    const state = this.#states.get(path);
    if (state?.is !== "made") return false;
    this.#announced.delete(path);
    this.#backToRemoved(path, state);
    return true;
  }

  /** Whether a folder stands, or is about to stand, at `path` by an undo. */
  isMade(path: string): boolean {
    return this.#states.get(path)?.is === "made";
  }

  /** The folders that an undo has made and whose contents have not been asked for. */
  made(): string[] {
    return [...this.#states].filter(([, { is }]) => is === "made").map(([path]) => path);
  }

  /** @returns the revision to bring `path` back from, if what was made there is still an undo. */
  returning(path: string): string | undefined {
    const state = this.#states.get(path);
    if (state?.is !== "made") return undefined;
    this.#enter(path, { ...state, is: "returning" });
    return state.revision;
  }

  /** Bringing `path` back failed: it can be tried again after a redo. */
  notReturned(path: string): void {
    const state = this.#states.get(path);
    if (state?.is === "returning") this.#backToRemoved(path, state);
  }

  /** The removal of `path` was undone. */
  isBack(path: string): void {
    this.#enter(path, { is: "back" });
  }

  #backToRemoved(path: string, { revision, at }: { revision: string; at: number }): void {
    this.#enter(path, { is: "removed", what: { kind: "folder", revision }, at });
  }

  #enter(path: string, state: State): void {
    this.#states.delete(path);
    bound(this.#states);
    this.#states.set(path, state);
  }
}

function bound(kept: Map<string, unknown> | Set<string>): void {
  for (const oldest of kept.keys()) {
    if (kept.size < mostKept) return;
    kept.delete(oldest);
  }
}
