import { isWithin } from "../../node/core/path.ts";

/**
 * How much somebody needs a call: nobody, the editor's automatic save, or a person who has just done
 * something.
 */
export type Need = "look" | "auto-save" | "work";

/** What follows an announcement begins within this time. */
const actsWithinMs = 10_000;

interface Act {
  readonly need: Need;
  readonly at: number;
}

/** What the editor has announced to do with files, for as long as it is about to begin. */
export class Announced {
  readonly #acts = new Map<string, Act>();
  readonly #now: () => number;

  /** @param now - milliseconds from any start. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Something is about to be done with what stands at `path`. */
  add(path: string, need: Need): void {
    this.#dropOld();
    this.#acts.set(path, { need, at: this.#now() });
  }

  /** It is done. */
  delete(path: string): void {
    this.#acts.delete(path);
  }

  /** Why there are calls for `path`: what was announced for it, or for something below it. */
  need(path: string): Need {
    this.#dropOld();
    const needs = [...this.#acts].flatMap(([each, { need }]) =>
      isWithin(each, path) ? [need] : [],
    );
    if (needs.includes("work")) return "work";
    return needs.includes("auto-save") ? "auto-save" : "look";
  }

  #dropOld(): void {
    for (const [path, { at }] of [...this.#acts])
      if (this.#now() - at > actsWithinMs) this.#acts.delete(path);
  }
}
