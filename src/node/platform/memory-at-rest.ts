/** What a process at rest may well hold. */
const restBytes = 100 * 1024 * 1024;
/** Less processor time than so many parts of the time is rest. */
const restShare = 0.1;
/** Milliseconds of processor time that leave something behind; a collection takes less. */
const workMs = 500;
const lookMs = 3000;

/** What is looked at of a process, and what is done about it. */
export interface RestOptions {
  /** Milliseconds between two looks. */
  readonly everyMs?: number;
  /** Milliseconds of processor time that the process has taken so far. */
  readonly usedMs?: () => number;
  /** Bytes of memory that it holds. */
  readonly heldBytes?: () => number;
  readonly giveBack?: () => void;
}

/**
 * Gives memory back once work is over: V8 collects only when there is more to do, so that what long work
 * leaves behind would stay until the next.
 *
 * Invariant: a process that nobody uses collects once, and not again.
 */
export class MemoryAtRest {
  readonly #options: Required<RestOptions>;
  /** Processor time at the last look, and when it last gave back. */
  #last: number;
  #since: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RestOptions = {}) {
    this.#options = {
      everyMs: lookMs,
      usedMs: ownProcessorMs,
      heldBytes: () => process.memoryUsage.rss(),
      giveBack: collectAll,
      ...options,
    };
    this.#last = this.#options.usedMs();
    this.#since = this.#last;
  }

  /** Looks every few seconds; keeps no process alive. */
  start(): this {
    this.#timer = setInterval(() => {
      this.look();
    }, this.#options.everyMs).unref();
    return this;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Gives back if there was work, and now there is none. */
  look(): void {
    const { usedMs, everyMs, heldBytes, giveBack } = this.#options;
    const used = usedMs();
    const isAtRest = used - this.#last < everyMs * restShare;
    this.#last = used;
    if (!isAtRest || used - this.#since < workMs || heldBytes() < restBytes) return;
    this.#since = used;
    giveBack();
  }
}

function ownProcessorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Does nothing in a process that was started without `--expose-gc`. */
function collectAll(): void {
  void globalThis.gc?.({ execution: "async", flavor: "last-resort" });
}
