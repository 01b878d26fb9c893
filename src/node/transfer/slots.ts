/**
 * Lets a bounded number of things be under way, in the order in which they were asked for.
 *
 * Invariant: nothing begins after a failure.
 */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];
  readonly #pending = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  /** @param width - how many may be under way. */
  constructor(width: number) {
    this.#free = width;
  }

  /** Does something once there is a place for it. @throws the first failure, of this or before */
  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#inTurn(work);
    const ended = result
      .then(
        () => undefined,
        (error: unknown) => {
          this.#failure ??= { error };
          // All that wait are told.
          for (const wake of this.#waiting.splice(0)) wake();
        },
      )
      .finally(() => this.#pending.delete(ended));
    this.#pending.add(ended);
    return result;
  }

  /** The same, for what nobody waits for: {@link drain} tells the first failure. */
  begin(work: () => Promise<void>): void {
    this.run(work).catch(() => undefined);
  }

  /** Resolves when nothing waits for a place. @throws the first failure */
  async room(): Promise<void> {
    while (this.#waiting.length > 0) await Promise.race(this.#pending);
    this.check();
  }

  /** Resolves when nothing is under way or waiting. @throws the first failure */
  async drain(): Promise<void> {
    await this.settle();
    this.check();
  }

  /** Resolves when nothing is under way or waiting, whatever came of it. */
  async settle(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  /** @throws the first failure, if anything failed */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      this.check();
      return await work();
    } finally {
      // The place goes to who has waited longest.
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
