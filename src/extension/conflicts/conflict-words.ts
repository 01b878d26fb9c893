import { nameOf } from "../../node/core/path.ts";
import type { SaveConflict } from "../../provider/documents/save-file.ts";
import { hereAndNow, showMoment } from "../words.ts";

/** `changed on laptop, today 14:02`: by whom the drive has moved on, as far as it is known. */
export function whatCame({ by, current }: SaveConflict): string {
  const here = hereAndNow();
  if (by === undefined) return `changed elsewhere, ${showMoment(current.mtime, here)}`;
  return `changed on ${by.device}, ${showMoment(by.time, here)}`;
}

/** A sentence for the person whose text was not saved. */
export function notSaved(conflict: SaveConflict): string {
  return `"${nameOf(conflict.path)}" is not saved: it was ${whatCame(conflict)}, after you opened it.`;
}
