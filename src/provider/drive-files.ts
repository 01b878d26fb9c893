import { childOf } from "../node/core/path.ts";
import { CloudError, isCloudError, type Stat, type VersionId } from "../node/rpc/contract.ts";
import type { BaseVersions, Reading, Shown } from "./documents/base-versions.ts";
import { digestOf } from "./documents/digest.ts";
import type { Documents } from "./documents/documents.ts";
import type { LargeFileGate } from "./documents/large-file-gate.ts";
import { isPlainText } from "./documents/plain-text.ts";
import { type SaveConflict, SaveConflictError, saveFile } from "./documents/save-file.ts";
import type { FileCalls, FileFacts, ListedName, WriteOptions } from "./file-calls.ts";
import type { CachedDrive } from "./memory/cached-drive.ts";

/** What {@link DriveFiles} works on. */
export interface DriveFilesOptions {
  readonly drive: CachedDrive;
  readonly documents: Pick<Documents, "isOpen" | "isEdited" | "isSave">;
  readonly bases: BaseVersions;
  readonly gate: LargeFileGate;
  /** Size in bytes above which the editor asks before it opens a file. */
  readonly largeFileBytes: () => number;
  readonly onConflict: (conflict: SaveConflict) => void;
}

/** The editor's calls on the drive: links are followed, and saves stand on their base versions. */
export class DriveFiles implements FileCalls {
  readonly #o: DriveFilesOptions;

  constructor(options: DriveFilesOptions) {
    this.#o = options;
  }

  /**
   * While a document is edited this tells the size and time of the version that it is based on:
   * then the editor does not look for conflicts itself (by size and time alone it misses some), and
   * the write that follows does, by the version.
   */
  async stat(path: string): Promise<FileFacts> {
    const { drive } = this.#o;
    const at = await drive.follow(path, false);
    const own = await drive.stat(at);
    if (own === undefined) throw notFound(path);
    if (own.kind === "link") return this.#linkFacts(at, own);
    return { ...facts(own), ...(await this.#told(path, at, own)) };
  }

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
        const shown = await this.#told(path, at, stat);
        bases.wasRead(path, { ...readingOf(stat, content), shown });
        if (documents.isOpen(path)) gate.shown(path);
        return content;
      } catch (error) {
        // The version that the stat named is gone: something else stands there by now.
        if (attempts > 0 || !isCloudError(error, "not-found")) throw error;
      }
    }
  }

  async write(path: string, content: Uint8Array, options: WriteOptions): Promise<void> {
    const { drive, documents, bases, onConflict } = this.#o;
    const target = await drive.follow(path, true);
    const head = await drive.stat(target);
    if (head === undefined && !options.create) throw notFound(path);
    if (head !== undefined && options.create && !options.overwrite) {
      throw new CloudError("exists", `"${path}" is there already`);
    }
    const isSave = documents.isSave(path, digestOf(content));
    let base: VersionId | null | undefined;
    if (isSave) base = expectedVersion(bases.base(path)?.version, head);
    else if (!options.overwrite) base = null;
    try {
      const save = { path, target, content, ...(base === undefined ? {} : { base }) };
      const stat = await saveFile(drive, save);
      if (isSave) bases.saved(path, readingOf(stat, content));
    } catch (error) {
      if (error instanceof SaveConflictError) onConflict(error.conflict);
      throw error;
    }
  }

  async createFolder(path: string): Promise<void> {
    const { drive } = this.#o;
    await drive.mkdir(await drive.follow(path, false));
  }

  async remove(path: string, recursive: boolean): Promise<void> {
    const { drive } = this.#o;
    const at = await drive.follow(path, false);
    if ((await drive.stat(at)) === undefined) throw notFound(path);
    await drive.remove(at, recursive);
  }

  async rename(from: string, to: string, overwrite: boolean): Promise<void> {
    const { drive, bases } = this.#o;
    const [source, target] = [await drive.follow(from, false), await drive.follow(to, false)];
    await drive.move(source, target, overwrite);
    bases.moved(from, to);
  }

  async copy(from: string, to: string, overwrite: boolean): Promise<void> {
    const { drive } = this.#o;
    const [source, target] = [await drive.follow(from, false), await drive.follow(to, false)];
    await drive.copy(source, target, overwrite);
  }

  /**
   * The time and size that the editor is told: those of the base while a document is edited. A revert
   * reads meanwhile too, and so takes them for those of what it has read.
   */
  async #told(path: string, at: string, { kind, mtime, size, version }: Stat): Promise<Shown> {
    const isEdited = kind === "file" && this.#o.documents.isEdited(path);
    const base = isEdited ? await this.#baseStat(path, at, version) : undefined;
    return base ?? { mtime, size };
  }

  /** `undefined` where what stands there is all that is known. */
  async #baseStat(path: string, at: string, current: VersionId): Promise<Shown | undefined> {
    const { bases, drive } = this.#o;
    const base = bases.base(path);
    if (base?.shown !== undefined) return base.shown;
    if (base === undefined || base.version === current) return undefined;
    try {
      const { mtime, size } = await drive.statVersion(at, base.version);
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
