/** The longest that a timer of Node waits, in milliseconds; more would fire at once. */
const maxTimerMs = 2 ** 31 - 1;

/** Locks a vault that nobody has used for a while. */
export class AutoLock {
  readonly #lock: () => void;
  #minutes = 0;
  #inUse = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param lock - called when the time is over and nobody uses the vault. */
  constructor(lock: () => void) {
    this.#lock = lock;
  }

  /** Counts from now. @param minutes - 0: never. */
  start(minutes: number): void {
    this.#minutes = minutes;
    this.#wait(minutes * 60_000);
  }

  stop(): void {
    this.#minutes = 0;
    clearTimeout(this.#timer);
  }

  /** Runs a use of the vault: the lock waits for its end, and counts from there. */
  async use<Result>(serve: () => Promise<Result>): Promise<Result> {
    this.#inUse += 1;
    try {
      return await serve();
    } finally {
      this.#inUse -= 1;
      this.#wait(this.#minutes * 60_000);
    }
  }

  #wait(leftMs: number): void {
    clearTimeout(this.#timer);
    if (leftMs === 0) return;
    this.#timer = setTimeout(
      () => {
        if (leftMs > maxTimerMs) this.#wait(leftMs - maxTimerMs);
        else if (this.#inUse === 0) this.#lock();
      },
      Math.min(leftMs, maxTimerMs),
    );
    this.#timer.unref();
  }
}
