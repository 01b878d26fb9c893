/** Sentences that a list of problems holds; what comes after them is counted. */
const maxSentences = 100;

/** Sentences on what is wrong with something: the first hundred of them, and how many more. */
export class ProblemList {
  readonly #sentences: string[] = [];
  #more = 0;

  add(...sentences: readonly string[]): void {
    for (const sentence of sentences) {
      if (this.#sentences.length < maxSentences) this.#sentences.push(sentence);
      else this.#more += 1;
    }
  }

  get isEmpty(): boolean {
    return this.#sentences.length === 0;
  }

  /** At most 101; the last one tells how many are left out. */
  get sentences(): string[] {
    if (this.#more === 0) return [...this.#sentences];
    return [...this.#sentences, `and ${this.#more.toString()} more`];
  }
}
