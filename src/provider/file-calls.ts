import type { EntryKind } from "../node/rpc/contract.ts";

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

/** What a write may do, as the editor says it. */
export interface WriteOptions {
  /** Whether it may make a file where nothing stands. */
  readonly create: boolean;
  /** Whether a file may stand there already. */
  readonly overwrite: boolean;
}

/**
 * The calls of a `FileSystemProvider`, on paths of the drive and without the editor's types. Every
 * failure is a `CloudError`.
 */
export interface FileCalls {
  stat(path: string): Promise<FileFacts>;
  /** The names in a folder, and what each leads to. */
  list(path: string): Promise<ListedName[]>;
  /** @throws CloudError, unavailable, for a very large file that is read the first time. */
  read(path: string): Promise<Uint8Array>;
  /** @throws CloudError: exists, not-found, conflict as the options and the base version demand. */
  write(path: string, content: Uint8Array, options: WriteOptions): Promise<void>;
  createFolder(path: string): Promise<void>;
  remove(path: string, recursive: boolean): Promise<void>;
  rename(from: string, to: string, overwrite: boolean): Promise<void>;
  copy(from: string, to: string, overwrite: boolean): Promise<void>;
}
