import * as vscode from "vscode";
import { childOf, nameOf, parentOf } from "../../node/core/path.ts";
import type { BaseVersions } from "../../provider/documents/base-versions.ts";
import type { SaveConflict } from "../../provider/documents/save-file.ts";
import { driveUri } from "../../provider/drive-uri.ts";
import { showError } from "../show-error.ts";
import { versionUri } from "../versions/version-commands.ts";
import { fileMoment, hereAndNow, showMoment } from "../words.ts";
import { unsavedAt } from "./unsaved.ts";

const compare = "Compare";
const overwrite = "Overwrite";
const saveCopy = "Save as Copy";

/**
 * Lets the person decide after a save was refused: the editor's own notification offers to try
 * again, this one to look at what is there, to replace it, or to save beside it.
 */
export class ConflictNotices {
  readonly #bases: BaseVersions;
  /** By path: one question at a time for each file. */
  readonly #asked = new Map<string, SaveConflict>();

  constructor(bases: BaseVersions) {
    this.#bases = bases;
  }

  /** Asks what to do. A later conflict of the same file takes the place of an earlier one. */
  show(conflict: SaveConflict): void {
    const { path } = conflict;
    const isOpen = this.#asked.has(path);
    this.#asked.set(path, conflict);
    if (isOpen) return;
    this.#ask(path)
      .catch(showError)
      .finally(() => this.#asked.delete(path));
  }

  async #ask(path: string): Promise<void> {
    for (;;) {
      const choice = await this.#choose(path);
      const conflict = this.#asked.get(path);
      if (choice === undefined || conflict === undefined) return;
      if (choice === compare) await this.#compare(conflict);
      else if (choice === saveCopy) {
        await saveAsCopy(path);
        return;
      } else {
        await this.#overwrite(conflict);
        // Somebody may have been faster once more.
        if (this.#asked.get(path) === conflict) return;
      }
    }
  }

  async #choose(path: string): Promise<string | undefined> {
    const by = this.#asked.get(path)?.by;
    const who =
      by === undefined ? "elsewhere" : `on ${by.device}, ${showMoment(by.time, hereAndNow())}`;
    const isText = unsavedAt(path)?.document !== undefined;
    return vscode.window.showWarningMessage(
      `"${nameOf(path)}" was changed ${who}, after you opened it. Your changes are not saved.`,
      compare,
      overwrite,
      ...(isText ? [saveCopy] : []),
    );
  }

  async #compare({ path, target, current }: SaveConflict): Promise<void> {
    await vscode.commands.executeCommand(
      "vscode.diff",
      versionUri(target, current.version, current.mtime),
      driveUri(path),
      `${nameOf(path)} (in the drive ↔ yours)`,
    );
  }

  async #overwrite({ path, current }: SaveConflict): Promise<void> {
    const unsaved = unsavedAt(path);
    if (unsaved === undefined) return;
    this.#bases.rebase(path, current.version);
    await unsaved.save();
  }
}

/** Saves the person's text beside the file, and lets the editor show the file as it is. */
async function saveAsCopy(path: string): Promise<void> {
  const document = unsavedAt(path)?.document;
  if (document === undefined) return;
  const copy = driveUri(copyPath(path, Date.now()));
  const content = await vscode.workspace.encode(document.getText(), { uri: document.uri });
  await vscode.workspace.fs.writeFile(copy, content);
  await vscode.window.showTextDocument(document);
  await vscode.commands.executeCommand("workbench.action.files.revert");
  await vscode.window.showTextDocument(copy, { preview: false });
}

/** `/docs/notes (my copy of 2026-11-21 14.02.07).md`. */
function copyPath(path: string, time: number): string {
  const name = nameOf(path);
  const dot = name.lastIndexOf(".");
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  return childOf(parentOf(path), `${stem} (my copy of ${fileMoment(time, hereAndNow())})${ending}`);
}
