import * as vscode from "vscode";
import { CloudError, type EntryKind, type PathChange } from "../node/rpc/contract.ts";
import type { Tracking } from "./documents/track-documents.ts";
import { driveUri } from "./drive-uri.ts";
import type { FileCalls } from "./file-calls.ts";
import { type FileChangeKind, fileChanges } from "./file-changes.ts";
import { forEditor, forSave } from "./file-system-error.ts";

const changeTypes: Readonly<Record<FileChangeKind, vscode.FileChangeType>> = {
  created: vscode.FileChangeType.Created,
  changed: vscode.FileChangeType.Changed,
  deleted: vscode.FileChangeType.Deleted,
};

const kinds: Readonly<Record<EntryKind, vscode.FileType>> = {
  file: vscode.FileType.File,
  folder: vscode.FileType.Directory,
  link: vscode.FileType.Unknown,
};

/** A type of the editor for what stands at a path. A link that leads nowhere is only a link. */
export function fileType(kind: EntryKind, link: boolean): vscode.FileType {
  let type = kinds[kind];
  if (link) type |= vscode.FileType.SymbolicLink;
  return type;
}

/** What the drive of an editor is in. */
export interface Surroundings extends Pick<Tracking, "whileWriting" | "isReload"> {
  /** Whether the drive was open here and is locked now, and nobody has asked for it since. */
  readonly isShut: () => boolean;
  /** Somebody asks for it. */
  readonly ask: () => void;
}

/**
 * The drive as a file system of the editor: translates types and errors, and nothing else.
 *
 * The root is answered from memory, whatever the node does: without it the editor tells that the
 * workspace does not exist. Once the drive was locked nothing is listed, and what the editor shows is
 * not loaded again: the editor asks for both without anybody's doing, and would start again a node
 * that stops.
 */
export class DriveProvider implements vscode.FileSystemProvider {
  readonly #files: FileCalls;
  readonly #surroundings: Surroundings;
  readonly #changes = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changes.event;
  /** Events that were not told yet, oldest first. */
  #waiting: (readonly PathChange[])[] = [];

  constructor(files: FileCalls, surroundings: Surroundings) {
    this.#files = files;
    this.#surroundings = surroundings;
  }

  /** Tells the editor of the changes of one event: all events that come in one turn together. */
  tell(changes: readonly PathChange[]): void {
    if (this.#waiting.length === 0) {
      setTimeout(() => {
        this.#flush();
      }, 0);
    }
    this.#waiting.push(changes);
  }

  /** Everything is watched: the node tells all changes. */
  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  stat(uri: vscode.Uri): vscode.FileStat | Promise<vscode.FileStat> {
    if (uri.path === "/" && uri.authority === "") {
      return { type: vscode.FileType.Directory, ctime: 0, mtime: 0, size: 0 };
    }
    return forEditor(async () => {
      const path = this.#toRead(uri);
      const { kind, link, size, mtime, ctime } = await this.#files.stat(path);
      return { type: fileType(kind, link), size, mtime, ctime };
    });
  }

  readDirectory(uri: vscode.Uri): Promise<[string, vscode.FileType][]> {
    return forEditor(async () => {
      if (this.#surroundings.isShut()) throw isLocked();
      const items = await this.#files.list(pathOf(uri));
      return items.map(({ name, kind, link }) => [name, fileType(kind, link)]);
    });
  }

  readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return forEditor(() => this.#files.read(this.#toRead(uri)));
  }

  writeFile(
    uri: vscode.Uri,
    content: Uint8Array,
    options: { readonly create: boolean; readonly overwrite: boolean },
  ): Promise<void> {
    return forSave(() => {
      const path = this.#asked(uri);
      return this.#surroundings.whileWriting(path, () => this.#files.write(path, content, options));
    });
  }

  createDirectory(uri: vscode.Uri): Promise<void> {
    return forEditor(() => this.#files.createFolder(this.#asked(uri)));
  }

  delete(uri: vscode.Uri, options: { readonly recursive: boolean }): Promise<void> {
    return forEditor(() => this.#files.remove(this.#asked(uri), options.recursive));
  }

  rename(
    from: vscode.Uri,
    to: vscode.Uri,
    options: { readonly overwrite: boolean },
  ): Promise<void> {
    return forEditor(() =>
      this.#files.rename(this.#asked(from), this.#asked(to), options.overwrite),
    );
  }

  copy(from: vscode.Uri, to: vscode.Uri, options: { readonly overwrite: boolean }): Promise<void> {
    return forEditor(() => this.#files.copy(this.#asked(from), this.#asked(to), options.overwrite));
  }

  /** The path of what somebody asks for. */
  #asked(uri: vscode.Uri): string {
    const path = pathOf(uri);
    this.#surroundings.ask();
    return path;
  }

  /** @throws CloudError, locked, where the drive is shut and nobody waits for the reading. */
  #toRead(uri: vscode.Uri): string {
    const { isShut, isReload } = this.#surroundings;
    if (!isShut() || !isReload(pathOf(uri))) return this.#asked(uri);
    throw isLocked();
  }

  #flush(): void {
    const changes = fileChanges(this.#waiting);
    this.#waiting = [];
    this.#changes.fire(
      changes.map(({ kind, path }) => ({ type: changeTypes[kind], uri: driveUri(path) })),
    );
  }
}

function isLocked(): CloudError {
  return new CloudError("locked", "the drive is locked");
}

/** @throws CloudError, not-found, for the drive of an account that this version does not open. */
function pathOf(uri: vscode.Uri): string {
  if (uri.authority !== "") {
    throw new CloudError("not-found", `there is no drive named "${uri.authority}"`);
  }
  return uri.path;
}
