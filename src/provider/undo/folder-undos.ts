import { isWithin } from "../../node/core/path.ts";
import { isCloudError } from "../../node/rpc/contract.ts";
import type { CachedDrive } from "../memory/cached-drive.ts";
import type { Put, RemovedFolders } from "./removed-folders.ts";

/** What {@link FolderUndos} works on. */
export interface FolderUndosOptions {
  readonly drive: CachedDrive;
  readonly removed: RemovedFolders;
  /** What happens after the editor has its answer can fail too. */
  readonly onError: (error: unknown) => void;
  /** Ends when whoever makes a folder for something has put it in. */
  readonly settled: () => Promise<void>;
}

/** Brings back what was in the folders whose removal is undone, in turn with all other calls. */
export class FolderUndos {
  readonly #o: FolderUndosOptions;
  /** The folders that are on their way back, until the node has answered. Never rejects. */
  readonly #returning = new Map<string, Promise<void>>();

  constructor(options: FolderUndosOptions) {
    this.#o = options;
  }

  /** Ends when nothing at, above or below `path` is on its way back. */
  async settledAround(path: string): Promise<void> {
    while (this.#isReturningAround(path)) await Promise.all(this.#returning.values());
  }

  /**
   * To be called before something is put at `path`.
   * @param put - `undefined` for what is no undo in any case.
   * @returns whether it undoes what took `path` away. Then all folders above have come back, and a
   *   folder is `made`, since the node tells of it before it answers.
   */
  async beforePut(path: string, put: Put | undefined): Promise<boolean> {
    const { removed } = this.#o;
    while (this.#isReturningAround(path)) await this.settledAround(path);
    // Of two undos at once both make the folder above; the second is told that it is there.
    if (put?.kind === "folder" && removed.isMade(path)) return false;
    const isUndo = put !== undefined && removed.undoes(path, put);
    if (!isUndo) {
      removed.announceCreation(path);
      return false;
    }
    await this.#bringBack((made) => isWithin(path, made));
    return put.kind !== "folder" || removed.making(path);
  }

  /** To be called before `path` is moved or copied: takes with it what was in the folders. */
  async beforeTaking(path: string): Promise<void> {
    while (this.#isReturningAround(path)) await this.settledAround(path);
    await this.#bringBack((made) => isWithin(made, path));
  }

  /**
   * To be called before `path` is removed. What an undo has made below comes back first, to be in
   * the revision that is remembered.
   * @returns whether `path` itself was made by an undo: then it is remembered as it was (rule 3).
   */
  async beforeRemoval(path: string): Promise<boolean> {
    const { removed } = this.#o;
    while (this.#isReturningAround(path)) await this.settledAround(path);
    const wasMade = removed.unmaking(path);
    await this.#bringBack((made) => isWithin(made, path));
    return wasMade;
  }

  /** Brings back `path`, which an undo has made, unless it turns out that it was none. */
  bringBackSoon(path: string): void {
    const soon = async (): Promise<void> => {
      await this.#o.settled();
      await this.#bringBack((made) => made === path);
    };
    void soon();
  }

  /** Brings back at once what is waited with, and ends when all has come. */
  async finish(): Promise<void> {
    await this.#bringBack(() => true);
    await Promise.all(this.#returning.values());
  }

  #isReturningAround(path: string): boolean {
    return [...this.#returning.keys()].some((at) => isWithin(at, path) || isWithin(path, at));
  }

  async #bringBack(which: (made: string) => boolean): Promise<void> {
    await Promise.all(this.#o.removed.made().filter(which).map(this.#return));
  }

  /** Sends for what was in a `made` folder. */
  readonly #return = async (path: string): Promise<void> => {
    const revision = this.#o.removed.returning(path);
    if (revision === undefined) return;
    const returned = this.#restore(path, revision).finally(() => this.#returning.delete(path));
    this.#returning.set(path, returned);
    await returned;
  };

  async #restore(path: string, revision: string): Promise<void> {
    const { drive, removed, onError } = this.#o;
    try {
      await drive.restore(path, revision);
      removed.isBack(path);
    } catch (error) {
      removed.notReturned(path);
      // Retention may have let go of that revision: an empty folder is then all there is.
      if (!isCloudError(error, "not-found")) onError(error);
    }
  }
}
