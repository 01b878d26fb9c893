import * as vscode from "vscode";
import type { BaseVersions } from "../../provider/documents/base-versions.ts";
import { unsavedPaths } from "../../provider/documents/open-documents.ts";
import type { SaveConflict } from "../../provider/documents/save-file.ts";
import type { CachedDrive } from "../../provider/memory/cached-drive.ts";
import { unsavedAt } from "../documents/unsaved.ts";

/** What the editor tells of an end of an edit it tells in several steps. */
const settleMs = 100;

/** What {@link Conflicts} asks. */
export interface ConflictParts {
  readonly bases: Pick<BaseVersions, "base">;
  readonly drive: Pick<CachedDrive, "follow" | "stat">;
}

/**
 * The files of which this window holds unsaved text that the drive has moved on from, until the
 * person has decided.
 *
 * 1. A conflict ends with the unsaved text and by nothing else: not by a lock, nor by a tab or a
 *    notification that is closed.
 * 2. What a window that was loaded anew finds unsaved is looked at once the drive can be asked.
 */
export class Conflicts implements vscode.Disposable {
  readonly #parts: ConflictParts;
  readonly #byPath = new Map<string, SaveConflict>();
  readonly #changes = new vscode.EventEmitter<void>();
  readonly #ends = new vscode.EventEmitter<SaveConflict>();
  /** There are others, or there is more to say of one. */
  readonly onDidChange = this.#changes.event;
  /** The person's text of a conflict is saved or thrown away. */
  readonly onDidEnd = this.#ends.event;
  readonly #listeners: readonly vscode.Disposable[];
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: ConflictParts) {
    this.#parts = parts;
    const settle = (): void => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => {
        this.#dropEnded();
      }, settleMs);
    };
    this.#listeners = [
      vscode.workspace.onDidSaveTextDocument(settle),
      vscode.workspace.onDidSaveNotebookDocument(settle),
      vscode.workspace.onDidCloseTextDocument(settle),
      vscode.workspace.onDidCloseNotebookDocument(settle),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (!document.isDirty) settle();
      }),
      vscode.window.tabGroups.onDidChangeTabs(settle),
    ];
  }

  /** Those that there are, by path. */
  get all(): readonly SaveConflict[] {
    return [...this.#byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** A save was refused. */
  note(conflict: SaveConflict): void {
    this.#byPath.set(conflict.path, conflict);
    this.#changes.fire();
  }

  at(path: string): SaveConflict | undefined {
    return this.#byPath.get(path);
  }

  /**
   * The conflict of a file as the drive is now, which may have moved on once more.
   * @returns `undefined` where nothing stands in the way of the unsaved text any more.
   * @throws CloudError, locked, and whatever else the drive can't be asked for.
   */
  async newest(path: string): Promise<SaveConflict | undefined> {
    const known = this.#byPath.get(path);
    const { drive, bases } = this.#parts;
    const target = await drive.follow(path, true);
    const current = await drive.stat(target);
    const base = known?.base ?? bases.base(path)?.version;
    if (current?.kind !== "file" || current.version === base) {
      this.#drop(path);
      return undefined;
    }
    if (known?.current.version === current.version) return known;
    const conflict = { path, target, current, ...(base === undefined ? {} : { base }) };
    this.note(conflict);
    return conflict;
  }

  /** Finds those of texts that were unsaved before this window was loaded. */
  async look(): Promise<void> {
    for (const path of unsavedPaths()) {
      if (this.#byPath.has(path) || this.#parts.bases.base(path) === undefined) continue;
      try {
        await this.newest(path);
      } catch {
        // Locked again: the next unlock looks.
      }
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    vscode.Disposable.from(...this.#listeners, this.#changes, this.#ends).dispose();
  }

  #dropEnded(): void {
    for (const path of [...this.#byPath.keys()])
      if (unsavedAt(path) === undefined) this.#drop(path);
  }

  #drop(path: string): void {
    const conflict = this.#byPath.get(path);
    if (!this.#byPath.delete(path) || conflict === undefined) return;
    this.#changes.fire();
    this.#ends.fire(conflict);
  }
}
