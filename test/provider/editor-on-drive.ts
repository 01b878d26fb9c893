import { isWithin } from "../../src/node/core/path.ts";
import { BaseVersions } from "../../src/provider/documents/base-versions.ts";
import { digestOf } from "../../src/provider/documents/digest.ts";
import type { Documents } from "../../src/provider/documents/documents.ts";
import { LargeFileGate } from "../../src/provider/documents/large-file-gate.ts";
import type { SaveConflict } from "../../src/provider/documents/save-file.ts";
import { DriveFiles } from "../../src/provider/drive-files.ts";
import { CachedDrive } from "../../src/provider/memory/cached-drive.ts";
import { RemovedFolders } from "../../src/provider/undo/removed-folders.ts";
import { UndoableFiles } from "../../src/provider/undo/undoable-files.ts";
import type { MemoryNode } from "../support/memory-node.ts";

/** How the editor saves. */
export const always = { create: true, overwrite: true };

/** A window on a drive in memory, with what the editor would tell of its documents. */
export class EditorOnDrive {
  readonly files: UndoableFiles;
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
    this.files = this.#open(drive);
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

  #open(drive: CachedDrive): UndoableFiles {
    const { bases, removed, gate, unsaved, shown, conflicts, errors } = this;
    const documents: Documents = {
      isOpen: (path) => shown.has(path),
      isEdited: (path) => unsaved.has(path),
      isSavingBelow: (folder) => [...unsaved.keys()].some((path) => isWithin(path, folder)),
      isSave: (path, digest) => digest === digestOf(unsaved.get(path) ?? "\0"),
    };
    const files = new DriveFiles({
      drive,
      bases,
      gate,
      documents,
      largeFileBytes: () => 50_000_000,
      onConflict: (conflict) => conflicts.push(conflict),
    });
    return new UndoableFiles(files, {
      drive,
      documents,
      removed,
      onError: (error) => errors.push(error),
      settled: () => this.#settled,
    });
  }
}
