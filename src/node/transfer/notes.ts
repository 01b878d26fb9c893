import type { CloudErrorCode } from "../core/cloud-error.ts";

/** As many sentences of a report as a person may read. */
const maxNotes = 200;

/** How much could not be done, and why. */
export interface Failures {
  readonly failed: number;
  /** Why, of the first; absent if nothing failed. */
  readonly fault?: CloudErrorCode;
}

/** Sentences about what an import or an export left out or did otherwise than asked. */
export class Notes {
  readonly #sentences: string[] = [];
  #more = 0;
  #failed = 0;
  #fault: CloudErrorCode | undefined;

  /** Adds a sentence; beyond the first two hundred they are counted. */
  add(sentence: string): void {
    if (this.#sentences.length < maxNotes) this.#sentences.push(sentence);
    else this.#more++;
  }

  /** Adds a sentence about something that was asked for and could not be done. */
  fail(code: CloudErrorCode, sentence: string): void {
    this.#failed++;
    this.#fault ??= code;
    this.add(sentence);
  }

  /** How often {@link fail} was called. */
  get failures(): Failures {
    return { failed: this.#failed, ...(this.#fault === undefined ? {} : { fault: this.#fault }) };
  }

  /** All of them. */
  list(): string[] {
    if (this.#more === 0) return [...this.#sentences];
    return [...this.#sentences, `and ${this.#more.toString()} more like these`];
  }
}
