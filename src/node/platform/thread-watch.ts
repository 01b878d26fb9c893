import { setTimeout as delay } from "node:timers/promises";
import { workerData } from "node:worker_threads";

/**
 * A call to a disk that doesn't answer (a network mount that hangs) never returns, and no thread can
 * be taken out of one. So a thread that makes such calls beats before each of them, who waits for it
 * looks whether it still beats, and one that stands still is left where it is: whatever it does
 * later, nobody listens. Processes that make such calls do the same by messages.
 */

/** For so long a thread may stand still before what it does counts as hanging. */
export const stillMs = 60_000;
/** The same for what nobody wants any more. */
const withdrawnMs = 3_000;
/** After so long others no longer wait behind a thread. */
const stuckMs = 2_000;
/** How often is looked. Ticks are counted rather than time, which passes while a machine sleeps. */
const tickMs = 250;
/** For how long the end of a thread is waited for. */
const endMs = 1_000;

/** What a watched thread is given as its `workerData`. */
export interface WatchedThreadData {
  readonly pulse: Int32Array;
}

const own = (workerData as Partial<WatchedThreadData> | null)?.pulse;

/** In a watched thread or process: says that it goes on. Elsewhere it does nothing. */
export function beat(): void {
  if (own instanceof Int32Array) Atomics.add(own, 0, 1);
  tellBeat?.();
}

/** In a watched process: how it says so. Who watches it calls {@link ThreadWatch.noteBeat}. */
export function beatBy(tell: () => void): void {
  tellBeat = tell;
}

const atWork = new Set<ThreadWatch>();
const lost = new Set<Watched>();
let ticker: NodeJS.Timeout | undefined;
let tellBeat: (() => void) | undefined;

function tick(): void {
  for (const watch of atWork) watch.look();
}

/** A thread or a process that can be ended. */
export interface Watched {
  readonly unref: () => void;
  /** Resolves when it has ended. */
  readonly terminate: () => Promise<unknown>;
}

/** Who is told when a watched thread stands still. */
export interface WatchEvents {
  /** Whether nobody wants any more what the thread is at. */
  readonly isWithdrawn: () => boolean;
  /** Nothing more should wait behind the thread. */
  readonly onStuck?: () => void;
  /** The thread is to be given up. */
  readonly onStill: () => void;
}

/** Looks whether one thread goes on while it has something to do. */
export class ThreadWatch {
  /** Goes to the thread, as in {@link WatchedThreadData}. */
  readonly pulse = new Int32Array(new SharedArrayBuffer(4));
  readonly #events: WatchEvents;
  #last = 0;
  #still = 0;

  constructor(events: WatchEvents) {
    this.#events = events;
  }

  /** The thread has something to do. */
  begin(): void {
    if (atWork.has(this)) return;
    this.#still = 0;
    atWork.add(this);
    ticker ??= setInterval(tick, tickMs).unref();
  }

  /** The thread has nothing to do, or is no longer listened to. */
  end(): void {
    atWork.delete(this);
    if (atWork.size > 0) return;
    clearInterval(ticker);
    ticker = undefined;
  }

  /** Whether the thread has stood still for so long that nothing more should wait behind it. */
  get isStuck(): boolean {
    return atWork.has(this) && this.#still >= stuckMs;
  }

  /** Beats for a process, which has no memory in common with this one. */
  noteBeat(): void {
    Atomics.add(this.pulse, 0, 1);
  }

  /** Looks once. */
  look(): void {
    const now = Atomics.load(this.pulse, 0);
    this.#still = now === this.#last ? this.#still + tickMs : 0;
    this.#last = now;
    if (this.#still === stuckMs) this.#events.onStuck?.();
    const patienceMs = this.#events.isWithdrawn() ? withdrawnMs : stillMs;
    if (this.#still >= patienceMs) this.#events.onStill();
  }
}

/** Threads that were ended and have not come to it: each waits for a disk that doesn't answer. */
export function lostThreads(): number {
  return lost.size;
}

/** Ends threads or processes, and leaves those alone that can't be ended now. @returns whether all ended. */
export async function endWatched(all: readonly Watched[]): Promise<boolean> {
  const ended = all.map(async (each) => {
    lost.add(each);
    each.unref();
    await each.terminate();
    lost.delete(each);
  });
  const allEnded = Promise.all(ended).then(() => true);
  // Nothing else may keep this process from ending before what is done after this.
  const waiting = new AbortController();
  const enough = delay(endMs, false, { signal: waiting.signal });
  enough.catch(() => undefined); // aborted
  try {
    return await Promise.race([allEnded, enough]);
  } finally {
    waiting.abort();
  }
}

/** Ends this process with a status; without one, if a thread of it waits for what never answers. */
export function endProcess(status: number): void {
  // The system would wait for such a thread for ever; nothing but this signal reaches it.
  if (lost.size > 0 || atWork.size > 0) process.kill(process.pid, "SIGKILL");
  process.exit(status);
}
