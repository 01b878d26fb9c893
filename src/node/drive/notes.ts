/** As many sentences of a report as a person may read. */
const maxNotes = 200;

/** Sentences about what an import or an export left out or did otherwise than asked. */
export class Notes {
  readonly #sentences: string[] = [];
  #more = 0;

  /** Adds a sentence; beyond the first two hundred they are counted. */
  add(sentence: string): void {
    if (this.#sentences.length < maxNotes) this.#sentences.push(sentence);
    else this.#more++;
  }

  /** All of them. */
  list(): string[] {
    if (this.#more === 0) return [...this.#sentences];
    return [...this.#sentences, `and ${this.#more.toString()} more like these`];
  }
}
