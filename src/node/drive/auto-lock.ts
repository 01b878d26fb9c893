import { LongTimer } from "./long-timer.ts";

const minuteMs = 60_000;

/** Locks a vault that nobody has used for a while. */
export class AutoLock {
  readonly #lock: () => void;
  #minutes = 0;
  #inUse = 0;
  readonly #timer = new LongTimer();

  /** @param lock - called when the time is over and nobody uses the vault. */
  constructor(lock: () => void) {
    this.#lock = lock;
  }

  /** Counts from now. @param minutes - 0: never. */
  start(minutes: number): void {
    this.#minutes = minutes;
    this.#wait();
  }

  stop(): void {
    this.#minutes = 0;
    this.#timer.stop();
  }

  /** Runs a use of the vault: the lock waits for its end, and counts from there. */
  async use<Result>(serve: () => Promise<Result>): Promise<Result> {
    this.#inUse += 1;
    try {
      return await serve();
    } finally {
      this.#inUse -= 1;
      this.#wait();
    }
  }

  #wait(): void {
    this.#timer.stop();
    if (this.#minutes === 0) return;
    this.#timer.start(this.#minutes * minuteMs, () => {
      if (this.#inUse === 0) this.#lock();
    });
  }
}
