import { childOf } from "../node/core/path.ts";
import {
  CloudError,
  type EntryKind,
  isCloudError,
  type Stat,
  type VersionId,
} from "../node/rpc/contract.ts";
import type { BaseVersions, Reading, Shown } from "./base-versions.ts";
import { digestOf } from "./digest.ts";
import { FolderUndos, type FolderUndosOptions } from "./folder-undos.ts";
import type { LargeFileGate } from "./large-file-gate.ts";
import { isPlainText } from "./plain-text.ts";
import type { TakenAway } from "./removed-folders.ts";
import { type SaveConflict, SaveConflictError, saveFile } from "./save-file.ts";

/** What stands at a path, links followed. */
export interface FileFacts {
  /** `link`: a symbolic link that leads nowhere. */
  readonly kind: EntryKind;
  /** Whether the path itself is a symbolic link. */
  readonly link: boolean;
  readonly size: number;
  readonly mtime: number;
  readonly ctime: number;
}

/** One name in a folder. */
export type ListedName = Pick<FileFacts, "kind" | "link"> & { readonly name: string };

/** What the editor knows about the files that it shows. */
export interface Documents {
  /** Whether an editor of `path` is open. */
  isOpen(path: string): boolean;
  /** Whether it holds text of `path` that is not saved. */
  isEdited(path: string): boolean;
  /** Whether a write of a content with this digest is how the editor saves that document. */
  isSave(path: string, digest: string): boolean;
  /** Whether it holds unsaved text of a file below `folder`, or has begun to save one. */
  isSavingBelow(folder: string): boolean;
}

export interface DriveFilesOptions extends FolderUndosOptions {
  readonly documents: Documents;
  readonly bases: BaseVersions;
  readonly gate: LargeFileGate;
  /** Size in bytes above which the editor asks before it opens a file. */
  readonly largeFileBytes: () => number;
  readonly onConflict: (conflict: SaveConflict) => void;
}

/**
 * The calls of a `FileSystemProvider`, on paths of the drive and without the editor's types. Every
 * failure is a `CloudError`.
 */
export class DriveFiles {
  readonly #o: DriveFilesOptions;
  readonly #undos: FolderUndos;

  constructor(options: DriveFilesOptions) {
    this.#o = options;
    this.#undos = new FolderUndos(options);
  }

  /** Ends when every undo has all its contents; nothing is waited with any more. */
  async finishUndos(): Promise<void> {
    await this.#undos.finish();
  }

  /**
   * While a document is edited this tells the size and time of the version that it is based on:
   * then the editor does not look for conflicts itself (by size and time alone it misses some), and
   * the write that follows does, by the version.
   */
  async stat(path: string): Promise<FileFacts> {
    const { drive, documents } = this.#o;
    const at = await drive.follow(path, false);
    const own = await drive.stat(at);
    if (own === undefined) throw notFound(path);
    if (own.kind === "link") return this.#linkFacts(at, own);
    if (own.kind === "file" && documents.isEdited(path)) {
      const base = await this.#baseStat(path, at, own.version);
      return { ...facts(own), ...base };
    }
    return facts(own);
  }

  /** The names in a folder, and what each leads to. */
  async list(path: string): Promise<ListedName[]> {
    const { drive } = this.#o;
    const at = await drive.follow(path, true);
    const items = await drive.list(at);
    return Promise.all(
      Array.from(items, async ([name, { kind }]): Promise<ListedName> => {
        if (kind !== "link") return { name, kind, link: false };
        const target = await this.#linkStat(childOf(at, name));
        return { name, kind: target?.kind ?? "link", link: true };
      }),
    );
  }

  /** @throws CloudError, unavailable, for a very large file that is read the first time. */
  async read(path: string): Promise<Uint8Array> {
    const { drive, documents, gate, largeFileBytes, bases } = this.#o;
    for (let attempts = 0; ; attempts++) {
      const at = await drive.follow(path, true);
      const stat = await drive.stat(at);
      if (stat === undefined || stat.kind === "link") throw notFound(path);
      if (stat.kind === "folder") throw new CloudError("is-a-folder", `"${path}" is a folder`);
      if (attempts === 0 && !gate.opens(path, stat.size, largeFileBytes())) throw tooLarge(path);
      try {
        const content = await drive.read(at, stat);
        bases.wasRead(path, readingOf(stat, content));
        if (documents.isOpen(path)) gate.shown(path);
        return content;
      } catch (error) {
        // The version that the stat named is gone: something else stands there by now.
        if (attempts > 0 || !isCloudError(error, "not-found")) throw error;
        drive.invalidate({ type: "added", kind: "file", path: at });
      }
    }
  }

  /** @throws CloudError: exists, not-found, conflict as the options and the base version demand. */
  async write(
    path: string,
    content: Uint8Array,
    options: { readonly create: boolean; readonly overwrite: boolean },
  ): Promise<void> {
    const { node, drive, documents, bases, removed, onConflict } = this.#o;
    const target = await drive.follow(path, true);
    await this.#undos.settledAround(target);
    const head = await drive.stat(target);
    if (head === undefined && !options.create) throw notFound(path);
    if (head !== undefined && options.create && !options.overwrite) {
      throw new CloudError("exists", `"${path}" is there already`);
    }
    const digest = digestOf(content);
    const isSave = documents.isSave(path, digest);
    const mayUndo = !isSave && head === undefined;
    const put = mayUndo ? ({ kind: "file", size: content.length } as const) : undefined;
    const isUndo = await this.#undos.beforePut(target, put);
    let base: VersionId | null | undefined;
    if (isSave) base = expectedVersion(bases.base(path)?.version, head);
    else if (!options.overwrite) base = null;
    try {
      const stat = await saveFile(node, drive, {
        path,
        target,
        content,
        ...(base === undefined ? {} : { base }),
      });
      if (isSave) bases.saved(path, readingOf(stat, content));
      if (isUndo) removed.isBack(target);
    } catch (error) {
      if (error instanceof SaveConflictError) onConflict(error.conflict);
      throw error;
    }
  }

  /** Makes a folder. Where the editor undoes, what was in it follows shortly after. */
  async createFolder(path: string): Promise<void> {
    const { node, drive, documents, removed } = this.#o;
    const at = await drive.follow(path, false);
    const put = documents.isSavingBelow(path) ? undefined : ({ kind: "folder" } as const);
    const isUndo = await this.#undos.beforePut(at, put);
    try {
      await node.request("mkdir", { path: at });
    } catch (error) {
      if (isUndo) removed.unmaking(at);
      throw error;
    }
    drive.invalidate({ type: "added", kind: "folder", path: at });
    if (isUndo) this.#undos.bringBackSoon(at);
  }

  async remove(path: string, recursive: boolean): Promise<void> {
    const { node, drive, removed } = this.#o;
    const at = await drive.follow(path, false);
    const wasMade = await this.#undos.beforeRemoval(at);
    const stat = await drive.stat(at);
    if (stat === undefined) throw notFound(path);
    const what = wasMade ? undefined : await this.#takenAway(at, stat);
    try {
      await node.request("remove", { path: at, recursive });
    } catch (error) {
      if (wasMade) this.#comeBackTo(at);
      throw error;
    }
    if (what !== undefined) removed.removed(at, what);
    drive.invalidate({ type: "removed", kind: stat.kind, path: at });
  }

  async rename(from: string, to: string, overwrite: boolean): Promise<void> {
    const { node, drive, bases, removed } = this.#o;
    const [source, target] = [await drive.follow(from, false), await drive.follow(to, false)];
    await this.#undos.beforeTaking(source);
    await this.#undos.beforePut(target, { kind: "moved", from: source });
    const stat = await node.request("move", { from: source, to: target, overwrite });
    removed.removed(source, { kind: "moved", to: target });
    drive.invalidate({ type: "moved", kind: stat.kind, path: target, from: source });
    bases.moved(from, to);
  }

  async copy(from: string, to: string, overwrite: boolean): Promise<void> {
    const { node, drive } = this.#o;
    const [source, target] = [await drive.follow(from, false), await drive.follow(to, false)];
    await this.#undos.beforeTaking(source);
    await this.#undos.beforePut(target, undefined);
    const stat = await node.request("copy", { from: source, to: target, overwrite });
    drive.invalidate({ type: "added", kind: stat.kind, path: target });
  }

  /** The redo failed that would have removed the folder `at` again: it stays undone. */
  #comeBackTo(at: string): void {
    this.#o.removed.making(at);
    this.#undos.bringBackSoon(at);
  }

  /** What an undo of the removal of `at` will put there; `undefined` if none is expected. */
  async #takenAway(at: string, { kind, size }: Stat): Promise<TakenAway | undefined> {
    const { node, removed } = this.#o;
    if (kind === "link" || !removed.isUndoable(at)) return undefined;
    if (kind === "file") return { kind, size };
    const { revision } = await node.request("status", {});
    return revision === undefined ? undefined : { kind, revision };
  }

  /** `undefined` where what stands there is all that is known. */
  async #baseStat(path: string, at: string, current: VersionId): Promise<Shown | undefined> {
    const { bases, node } = this.#o;
    const base = bases.base(path);
    if (base?.shown !== undefined) return base.shown;
    if (base === undefined || base.version === current) return undefined;
    try {
      const { version } = base;
      const { mtime, size } = await node.request("stat", { path: at, version });
      bases.remember(path, { mtime, size });
      return { mtime, size };
    } catch (error) {
      if (isCloudError(error, "not-found")) return undefined;
      throw error;
    }
  }

  async #linkFacts(at: string, own: Stat): Promise<FileFacts> {
    const target = await this.#linkStat(at);
    return { ...facts(target ?? own), link: true };
  }

  /** What a link leads to in the end; `undefined` for one that leads nowhere or in a circle. */
  async #linkStat(at: string): Promise<Stat | undefined> {
    const { drive } = this.#o;
    try {
      return await drive.stat(await drive.follow(at, true));
    } catch (error) {
      if (isCloudError(error, "not-found")) return undefined;
      throw error;
    }
  }
}

/**
 * What a save must find there. A file that was deleted meanwhile comes back by the save, since an
 * edit beats a deletion; one whose base nobody knows is checked against what the editor saw last.
 */
function expectedVersion(base: VersionId | undefined, head: Stat | undefined): VersionId | null {
  return head === undefined ? null : (base ?? head.version);
}

function readingOf({ version, mtime, size }: Stat, content: Uint8Array): Reading {
  const [digest, plain] = [digestOf(content), isPlainText(content)];
  return { version, shown: { mtime, size }, digest, plain };
}

function facts({ kind, size, mtime, ctime }: Stat): FileFacts {
  return { kind, link: false, size, mtime, ctime };
}

function notFound(path: string): CloudError {
  return new CloudError("not-found", `there is no "${path}"`);
}

function tooLarge(path: string): CloudError {
  return new CloudError(
    "unavailable",
    `"${path}" is very large, so it is held back once for the editor to ask before opening it. Try again, or use "IPCloud: Export…"`,
  );
}
