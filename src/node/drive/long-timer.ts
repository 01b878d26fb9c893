/** The longest that a timer of Node waits, in milliseconds; more would fire at once. */
const maxTimerMs = 2 ** 31 - 1;

/** Waits once for any time, and keeps no process awake for it. */
export class LongTimer {
  #timer: NodeJS.Timeout | undefined;

  /** Waits anew: what it waited for before is not called. */
  start(ms: number, onOver: () => void): void {
    this.stop();
    this.#timer = setTimeout(
      () => {
        if (ms > maxTimerMs) this.start(ms - maxTimerMs, onOver);
        else onOver();
      },
      Math.min(ms, maxTimerMs),
    );
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
