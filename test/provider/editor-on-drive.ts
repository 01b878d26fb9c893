import { isWithin } from "../../src/node/core/path.ts";
import { BaseVersions } from "../../src/provider/base-versions.ts";
import { CachedDrive } from "../../src/provider/cached-drive.ts";
import { digestOf } from "../../src/provider/digest.ts";
import { DriveFiles } from "../../src/provider/drive-files.ts";
import { LargeFileGate } from "../../src/provider/large-file-gate.ts";
import { RemovedFolders } from "../../src/provider/removed-folders.ts";
import type { SaveConflict } from "../../src/provider/save-file.ts";
import type { MemoryNode } from "./memory-node.ts";

/** How the editor saves. */
export const always = { create: true, overwrite: true };

/** A window on a drive in memory, with what the editor would tell of its documents. */
export class EditorOnDrive {
  readonly files: DriveFiles;
  readonly bases: BaseVersions;
  readonly removed = new RemovedFolders(() => this.now);
  readonly gate = new LargeFileGate(() => this.now);
  /** Paths that the editor holds with unsaved text. */
  readonly unsaved = new Map<string, string>();
  /** Paths that the editor has open. */
  readonly shown = new Set<string>();
  readonly conflicts: SaveConflict[] = [];
  readonly errors: unknown[] = [];
  now = 0;
  #settle: () => void = () => undefined;
  #settled: Promise<void> = Promise.resolve();

  /** @param kept - the bases that outlive the window. */
  constructor(node: MemoryNode, kept: Map<string, string>) {
    const drive = new CachedDrive(node);
    node.onChanged = (event) => {
      drive.took(event);
      this.removed.took(event);
    };
    this.bases = new BaseVersions({
      get: (path) => kept.get(path),
      set: (path, version) => {
        if (version === undefined) kept.delete(path);
        else kept.set(path, version);
      },
    });
    this.#wait();
    this.files = this.#open(node, drive);
  }

  /** The editor opens a document and somebody types. */
  async edit(path: string, text: string): Promise<void> {
    if (!this.unsaved.has(path)) {
      this.bases.shows(path, digestOf(await this.files.read(path)));
      this.bases.edited(path);
    }
    this.unsaved.set(path, text);
  }

  /** The editor saves a document; it stays edited if that fails. */
  async save(path: string): Promise<void> {
    const text = this.unsaved.get(path) ?? "";
    await this.files.write(path, new TextEncoder().encode(text), always);
    this.unsaved.delete(path);
    this.bases.shows(path, digestOf(text));
  }

  /** Whoever made a folder has had the time to put something into it. */
  async afterAWhile(): Promise<void> {
    this.#settle();
    this.#wait();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }

  #wait(): void {
    this.#settled = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  #open(node: MemoryNode, drive: CachedDrive): DriveFiles {
    const { bases, removed, gate, unsaved, shown, conflicts, errors } = this;
    return new DriveFiles({
      node,
      drive,
      bases,
      removed,
      gate,
      documents: {
        isOpen: (path) => shown.has(path),
        isEdited: (path) => unsaved.has(path),
        isSavingBelow: (folder) => [...unsaved.keys()].some((path) => isWithin(path, folder)),
        isSave: (path, digest) => digest === digestOf(unsaved.get(path) ?? "\0"),
      },
      largeFileBytes: () => 50_000_000,
      onConflict: (conflict) => conflicts.push(conflict),
      onError: (error) => errors.push(error),
      settled: () => this.#settled,
    });
  }
}
