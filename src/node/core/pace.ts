/** Over which time the speed is measured: what was long ago tells little of what is to come. */
const windowMs = 10_000;
/** Sooner a speed is a guess. */
const leastMs = 1_000;

/** How far something is that takes long, of what may be known: 0 is not. */
export interface Reported {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
}

/** How fast something goes on. */
export interface Speed {
  /** Units a second. */
  readonly each: number;
  /** Seconds; absent where the total is not known or nothing moves. */
  readonly left?: number;
}

/** Tells from what was reported of a long request how fast it goes on. */
export class Pace {
  #phase = "";
  /** Reports within the window, and the last before it. */
  readonly #marks: { at: number; done: number }[] = [];

  /**
   * Takes one more report.
   * @param now - in ms, by a clock that never falls.
   * @returns `undefined` while it is too early to say.
   */
  next({ phase, done, total }: Reported, now: number): Speed | undefined {
    const last = this.#marks.at(-1);
    if (phase !== this.#phase || (last !== undefined && done < last.done)) this.#marks.length = 0;
    this.#phase = phase;
    this.#marks.push({ at: now, done });
    while ((this.#marks[1]?.at ?? now) < now - windowMs) this.#marks.shift();
    const [first] = this.#marks;
    if (first === undefined || now - first.at < leastMs) return undefined;
    const each = (1000 * (done - first.done)) / (now - first.at);
    if (each <= 0 || total <= done) return { each };
    return { each, left: (total - done) / each };
  }
}

/** Seconds for people: `8 s`, `3 min`, `2 h 5 min`. */
export function showSeconds(seconds: number): string {
  if (seconds < 59.5) return `${Math.max(1, Math.round(seconds)).toString()} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes.toString()} min`;
  const hours = Math.floor(minutes / 60);
  return `${hours.toString()} h ${(minutes % 60).toString()} min`;
}
