import { toBinaryString } from "../core/bytes.ts";
import type { EntryId } from "../core/ids.ts";
import { type Entry, namePrefix } from "../tree/entry.ts";

/** Names that files were moved away from a moment ago, so that a save by rename keeps its timeline. */
export class VacatedNames {
  readonly #windowMs: () => number;
  readonly #names = new Map<string, { id: EntryId; time: number }>();

  constructor(windowMs: () => number) {
    this.#windowMs = windowMs;
  }

  /** Remembers that a file left its name. */
  note(entry: Entry, time: number): void {
    this.#forgetBefore(time - this.#windowMs());
    const name = toBinaryString(namePrefix(entry.parent, entry.name));
    this.#names.delete(name);
    this.#names.set(name, { id: entry.id, time });
  }

  /** The file that left this name within the window before `time`. */
  at(parent: EntryId, name: string, time: number): EntryId | undefined {
    this.#forgetBefore(time - this.#windowMs());
    return this.#names.get(toBinaryString(namePrefix(parent, name)))?.id;
  }

  #forgetBefore(time: number): void {
    for (const [name, vacated] of this.#names) {
      if (vacated.time >= time) break;
      this.#names.delete(name);
    }
  }
}
