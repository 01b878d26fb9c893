import { Turns } from "../core/turns.ts";

/**
 * Lets a bounded number of things be under way, in the order in which they were asked for.
 *
 * Invariant: nothing begins after a failure.
 */
export class Slots {
  readonly #turns: Turns;
  #failure: { readonly error: unknown } | undefined;

  /** @param width - how many may be under way. */
  constructor(width: number) {
    this.#turns = new Turns(width);
  }

  /** Does something once there is a place for it. @throws the first failure, of this or before */
  run<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#turns.take(async () => {
      this.check();
      try {
        return await work();
      } catch (error) {
        this.#failure ??= { error };
        throw error;
      }
    });
  }

  /** The same, for what nobody waits for: {@link drain} tells the first failure. */
  begin(work: () => Promise<void>): void {
    this.run(work).catch(() => undefined);
  }

  /** Resolves when nothing waits for a place. @throws the first failure */
  async room(): Promise<void> {
    await this.#turns.room();
    this.check();
  }

  /** Resolves when nothing is under way or waiting. @throws the first failure */
  async drain(): Promise<void> {
    await this.settle();
    this.check();
  }

  /** Resolves when nothing is under way or waiting, whatever came of it. */
  async settle(): Promise<void> {
    await this.#turns.settled();
  }

  /** @throws the first failure, if anything failed */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
