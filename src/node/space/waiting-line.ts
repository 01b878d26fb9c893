import { setImmediate as nextTurn } from "node:timers/promises";

/** A change that is waiting, as far as the line must know it. */
export interface WaitingChange {
  /** What it may touch, so that two changes of one file never share a revision; none: it is alone. */
  readonly touches: readonly string[];
}

/** What has a turn to itself and is no change that was made here. Never fails. */
export interface Alone {
  readonly runAlone: () => Promise<void>;
}

/** The most changes that one revision takes. */
const maxGroup = 64;
/** Turns of the event loop without a further change after which none is waited for. */
const quietTurns = 2;

/** What waits for its turn with a drive, in the order in which it came. */
export class WaitingLine<Job extends WaitingChange> {
  readonly #waiting: (Job | Alone)[] = [];

  add(next: Job | Alone): void {
    this.#waiting.push(next);
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /**
   * Takes what comes next: something alone, or the changes that share a revision, once no more of
   * them arrive; none if nothing waits.
   */
  async next(): Promise<Alone | readonly Job[]> {
    const [first] = this.#waiting;
    if (first !== undefined && "runAlone" in first) {
      this.#waiting.shift();
      return first;
    }
    await this.#gather();
    return this.#takeGroup();
  }

  /**
   * Lets what arrives together be taken together: a commit holds the event loop, so behind it stand
   * requests that have not been read yet, and they come one a turn.
   */
  async #gather(): Promise<void> {
    for (let quiet = 0; quiet < quietTurns && this.#waiting.length < maxGroup; quiet++) {
      const before = this.#waiting.length;
      await nextTurn();
      if (this.#waiting.length > before) quiet = -1;
    }
  }

  #takeGroup(): Job[] {
    const group: Job[] = [];
    const touched = new Set<string>();
    while (group.length < maxGroup) {
      const [next] = this.#waiting;
      if (next === undefined || "runAlone" in next) break;
      if (next.touches.some((name) => touched.has(name))) break;
      if (next.touches.length === 0 && group.length > 0) break;
      for (const name of next.touches) touched.add(name);
      this.#waiting.shift();
      group.push(next);
      if (next.touches.length === 0) break;
    }
    return group;
  }
}
