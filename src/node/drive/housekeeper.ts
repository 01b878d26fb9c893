import { CloudError, isCloudError } from "../core/cloud-error.ts";
import type { WorkCall } from "../space/work-call.ts";
import { LongTimer } from "./long-timer.ts";

const minuteMs = 60_000;
/** From one end to the next beginning. */
const restMs = 10 * minuteMs;
/** After it failed, for what it failed of does not pass by itself, save a backup beside it. */
const longRestMs = 24 * 60 * minuteMs;

/** The house that is kept. */
export interface House {
  /** Whether there is enough to be done. */
  isDue(): boolean;
  /** Does it, in small steps, of which each is whole by itself. @throws cancelled, if it was ended */
  keep(call: WorkCall): Promise<unknown>;
}

/**
 * Keeps the house while nobody is there.
 *
 * Invariants:
 * 1. It begins after so many minutes without use, and never while something is served.
 * 2. Whoever comes ends it, and need not wait for the end: what was done so far stays.
 * 3. It begins at most every ten minutes; after it failed, the next day, save where something
 *    else was at work beside it.
 */
export class Housekeeper {
  readonly #house: House;
  #minutes = 0;
  #inUse = 0;
  readonly #timer = new LongTimer();
  #rest: NodeJS.Timeout | undefined;
  #ending = new AbortController();
  #running: Promise<void> | undefined;

  constructor(house: House) {
    this.#house = house;
  }

  /** Whether it is at work: the node stays so long. */
  get isBusy(): boolean {
    return this.#running !== undefined;
  }

  /** Counts from now. @param minutes - 0: never. */
  start(minutes: number): void {
    this.#minutes = minutes;
    this.#wait();
  }

  /** Begins nothing more. Resolves when what was under way has ended. */
  async stop(): Promise<void> {
    this.#minutes = 0;
    this.#timer.stop();
    clearTimeout(this.#rest);
    await this.end();
  }

  /** Ends what is under way. Resolves when it has ended: for who can't do their work beside it. */
  async end(): Promise<void> {
    this.#ending.abort(new CloudError("cancelled", "somebody came"));
    await this.#running;
  }

  /** Runs a use of the house: it ends what is under way, and the time counts from its own end. */
  async use<Result>(serve: () => Promise<Result>): Promise<Result> {
    this.#inUse += 1;
    void this.end();
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
      if (this.#inUse > 0 || this.#running !== undefined) return;
      if (this.#isWanted()) this.#running = this.#keep();
      else this.#wait();
    });
  }

  #isWanted(): boolean {
    return this.#minutes > 0 && this.#rest === undefined && this.#house.isDue();
  }

  async #keep(): Promise<void> {
    this.#ending = new AbortController();
    const { signal } = this.#ending;
    try {
      await this.#house.keep({ signal, progress: () => undefined });
      this.#pause(restMs);
    } catch (error) {
      // Nobody waits for it: who asks for the same gets to know why it fails.
      if (!signal.aborted) this.#pause(isCloudError(error, "storage-busy") ? restMs : longRestMs);
    } finally {
      this.#running = undefined;
      if (this.#inUse === 0) this.#wait();
    }
  }

  #pause(ms: number): void {
    this.#rest = setTimeout(() => {
      this.#rest = undefined;
    }, ms);
    this.#rest.unref();
  }
}
