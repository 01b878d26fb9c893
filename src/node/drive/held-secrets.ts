/** For how long a locked node may go on that was given a secret. */
const patienceMs = 60_000;

/**
 * Knows whether the memory of this process may hold secrets: a passphrase, right or wrong, words, keys.
 * No runtime wipes what it has copied of them, so they go with the process alone.
 */
export class HeldSecrets {
  readonly #forget: () => void;
  #hasAny = false;
  #inUse = 0;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param forget - called a minute after the last one was used: who was given one and is locked all the
   * same, by a wrong passphrase or to show the words, will not be locked once more.
   */
  constructor(forget: () => void) {
    this.#forget = forget;
  }

  /** Whether there may be any. */
  get hasAny(): boolean {
    return this.#hasAny;
  }

  /** One has come, for `work`. */
  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#hasAny = true;
    this.#inUse += 1;
    clearTimeout(this.#timer);
    try {
      return await work();
    } finally {
      this.#inUse -= 1;
      if (this.#inUse === 0) this.#timer = setTimeout(this.#forget, patienceMs).unref();
    }
  }

  /** Nobody waits any more. */
  stop(): void {
    clearTimeout(this.#timer);
  }
}
