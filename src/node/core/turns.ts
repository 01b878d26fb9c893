/**
 * Lets things be under way in the order in which they were asked for, one at a time unless more are
 * allowed. What fails holds up nobody.
 */
export class Turns {
  #free: number;
  readonly #waiting: (() => void)[] = [];
  /** Resolves when the next of those under way has ended; there only while somebody waits for it. */
  #nextEnd: PromiseWithResolvers<void> | undefined;
  readonly #width: number;

  /** @param width - how many may be under way at once, 1 or more. */
  constructor(width = 1) {
    this.#width = width;
    this.#free = width;
  }

  /** Whether nothing is under way or waiting. */
  get isIdle(): boolean {
    return this.#free === this.#width;
  }

  /** Does something in its turn, at once if there is room. @throws what `work` throws */
  async take<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((begin) => this.#waiting.push(begin));
    try {
      return await work();
    } finally {
      // The place goes to who has waited longest, and to nobody who comes meanwhile.
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
      this.#nextEnd?.resolve();
      this.#nextEnd = undefined;
    }
  }

  /** Resolves when nothing waits for its turn. */
  async room(): Promise<void> {
    while (this.#waiting.length > 0) await this.#anEnd();
  }

  /** Resolves when nothing is under way or waiting, whatever came of it. */
  async settled(): Promise<void> {
    while (!this.isIdle) await this.#anEnd();
  }

  #anEnd(): Promise<void> {
    this.#nextEnd ??= Promise.withResolvers();
    return this.#nextEnd.promise;
  }
}
