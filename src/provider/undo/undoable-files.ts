import type { Stat } from "../../node/rpc/contract.ts";
import { isCloudError } from "../../node/rpc/contract.ts";
import { digestOf } from "../documents/digest.ts";
import type { Documents } from "../documents/documents.ts";
import type { FileCalls, FileFacts, ListedName, WriteOptions } from "../file-calls.ts";
import { FolderUndos, type FolderUndosOptions } from "./folder-undos.ts";
import type { TakenAway } from "./removed-folders.ts";

/** What {@link UndoableFiles} works on. */
export interface UndoableFilesOptions extends FolderUndosOptions {
  readonly documents: Pick<Documents, "isSave" | "isSavingBelow">;
}

/**
 * The editor's calls with the undo of folders around them: each call that changes something waits
 * for what is on its way back where it works, tells `removed` what it takes away and puts there, and
 * is done by the calls within, which know of no undo.
 */
export class UndoableFiles implements FileCalls {
  readonly #files: FileCalls;
  readonly #o: UndoableFilesOptions;
  readonly #undos: FolderUndos;

  constructor(files: FileCalls, options: UndoableFilesOptions) {
    this.#files = files;
    this.#o = options;
    this.#undos = new FolderUndos(options);
  }

  stat(path: string): Promise<FileFacts> {
    return this.#files.stat(path);
  }

  list(path: string): Promise<ListedName[]> {
    return this.#files.list(path);
  }

  read(path: string): Promise<Uint8Array> {
    return this.#files.read(path);
  }

  async write(path: string, content: Uint8Array, options: WriteOptions): Promise<void> {
    const { drive, documents, removed } = this.#o;
    const at = await drive.follow(path, true);
    await this.#undos.settledAround(at);
    const head = await drive.stat(at);
    const isRefused = head === undefined ? !options.create : options.create && !options.overwrite;
    if (isRefused) return this.#files.write(path, content, options);
    const mayUndo = head === undefined && !documents.isSave(path, digestOf(content));
    const put = mayUndo ? ({ kind: "file", size: content.length } as const) : undefined;
    const isUndo = await this.#undos.beforePut(at, put);
    await this.#files.write(path, content, options);
    if (isUndo) removed.isBack(at);
  }

  /** Where the editor undoes, what was in the folder follows shortly after. */
  async createFolder(path: string): Promise<void> {
    const { drive, documents, removed } = this.#o;
    const at = await drive.follow(path, false);
    const put = documents.isSavingBelow(path) ? undefined : ({ kind: "folder" } as const);
    const isUndo = await this.#undos.beforePut(at, put);
    try {
      await this.#files.createFolder(path);
    } catch (error) {
      if (isUndo) removed.unmaking(at);
      throw error;
    }
    if (isUndo) this.#undos.bringBackSoon(at);
  }

  async remove(path: string, recursive: boolean): Promise<void> {
    const { drive, removed } = this.#o;
    const at = await drive.follow(path, false);
    const wasMade = await this.#undos.beforeRemoval(at);
    const what = wasMade ? undefined : await this.#takenAway(at, await drive.stat(at));
    try {
      await this.#files.remove(path, recursive);
    } catch (error) {
      if (wasMade && !isCloudError(error, "not-found")) this.#comeBackTo(at);
      throw error;
    }
    if (what !== undefined) removed.removed(at, what);
  }

  async rename(from: string, to: string, overwrite: boolean): Promise<void> {
    const { drive, removed } = this.#o;
    const [source, target] = [await drive.follow(from, false), await drive.follow(to, false)];
    await this.#undos.beforeTaking(source);
    await this.#undos.beforePut(target, { kind: "moved", from: source });
    await this.#files.rename(from, to, overwrite);
    removed.removed(source, { kind: "moved", to: target });
  }

  async copy(from: string, to: string, overwrite: boolean): Promise<void> {
    const { drive } = this.#o;
    const [source, target] = [await drive.follow(from, false), await drive.follow(to, false)];
    await this.#undos.beforeTaking(source);
    await this.#undos.beforePut(target, undefined);
    await this.#files.copy(from, to, overwrite);
  }

  /** Ends when every undo has all its contents; nothing is waited with any more. */
  async finishUndos(): Promise<void> {
    await this.#undos.finish();
  }

  /** The redo failed that would have removed the folder `at` again: it stays undone. */
  #comeBackTo(at: string): void {
    this.#o.removed.making(at);
    this.#undos.bringBackSoon(at);
  }

  /** What an undo of the removal of `at` will put there; `undefined` if none is expected. */
  async #takenAway(at: string, stat: Stat | undefined): Promise<TakenAway | undefined> {
    const { drive, removed } = this.#o;
    if (stat === undefined || stat.kind === "link" || !removed.isUndoable(at)) return undefined;
    const { kind, size } = stat;
    if (kind === "file") return { kind, size };
    const revision = await drive.revision();
    return revision === undefined ? undefined : { kind, revision };
  }
}
