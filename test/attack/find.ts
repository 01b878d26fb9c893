import type { Seen } from "./observe.ts";

/** Chunks of a large file that one process seals, so that they lie together. */
const stretchChunks = 8;
/** Longer blocks lie in segments. */
const inlineBytes = 16 * 1024;
/** A change brings records and nodes too. */
const fewOthers = 16;
/** The longest run of a folder that is looked for in one piece: records lie between the rest. */
const runLength = 6;
const leastRunLength = 2;

/**
 * How much speaks for a candidate, as powers of ten: 3 if such a coincidence were to be seen once in a
 * thousand folders of as many blocks, their lengths drawn one by one. 0 if nothing does.
 */
export interface Evidence {
  /** Runs of its lengths stand somewhere in their order. */
  readonly byOrder: number;
  /** Its lengths, whatever their order, stand together with few others. */
  readonly together: number;
  /** The same with however many others. */
  readonly amongOthers: number;
}

/** Tells what a data folder holds by the lengths of its blocks and where they lie alone. */
export class Attack {
  readonly #seen: Seen;
  /** Of a chunk that doesn't compress: where one is, others are. */
  readonly #longest: number;
  readonly #shares = new Map<number, number>();

  constructor(seen: Seen) {
    this.#seen = seen;
    this.#longest = seen.lengths.reduce((longest, length) => Math.max(longest, length), 0);
    for (const length of seen.lengths) {
      this.#shares.set(length, (this.#shares.get(length) ?? 0) + 1 / seen.lengths.length);
    }
  }

  /** Looks for one candidate. */
  weigh(lengths: readonly number[]): Evidence {
    return { byOrder: this.#order(lengths), ...this.#places(lengths) };
  }

  #order(lengths: readonly number[]): number {
    // Long blocks and short ones may lie in different places.
    const long = lengths.filter((length) => length > inlineBytes);
    const short = lengths.filter((length) => length <= inlineBytes);
    const runs = [lengths, long, short].flatMap(runsOf);
    let most = 0;
    for (const run of runs) {
      const rarity = run.reduce(
        // What doesn't compress comes in long runs of one length, each of which is one coincidence.
        (sum, length, i) => (length === run[i - 1] ? sum : sum - Math.log10(this.#shareOf(length))),
        0,
      );
      for (const order of this.#seen.orders) {
        const evidence = rarity - Math.log10(order.length * runs.length);
        if (evidence > most && includesRun(order, run)) most = evidence;
      }
    }
    return most;
  }

  #places(lengths: readonly number[]): Pick<Evidence, "together" | "amongOthers"> {
    const wanted = countEach(lengths);
    const few = 2 * lengths.length + fewOthers;
    let [together, amongOthers] = [0, 0];
    const look = (order: readonly number[], size: number, places: number): void => {
      let rarity = -Math.log10(places);
      for (const [length, count] of wanted) rarity -= this.#atLeast(length, count, size);
      const isNew = rarity > amongOthers || (size <= few && rarity > together);
      if (!isNew || !isInWindow(order, wanted, size)) return;
      amongOthers = Math.max(amongOthers, rarity);
      if (size <= few) together = Math.max(together, rarity);
    };
    for (const order of this.#seen.orders) {
      for (let size = lengths.length; size <= order.length; size *= 2) {
        look(order, size, order.length);
      }
      look(order, order.length, this.#seen.orders.length);
      // Blocks that were sorted before they were written: where the order falls the next ones begin.
      for (const run of sortedRuns(order)) look(run, run.length, order.length / run.length);
    }
    return { together, amongOthers };
  }

  /** How likely so many of some neighbours are of a length, as a power of ten. */
  #atLeast(length: number, count: number, size: number): number {
    return Math.log10(atLeast(length === this.#longest ? 1 : count, size, this.#shareOf(length)));
  }

  #shareOf(length: number): number {
    return this.#shares.get(length) ?? 0;
  }
}

/** The pieces of a candidate that would lie in one piece. */
function runsOf(lengths: readonly number[]): number[][] {
  if (lengths.length < leastRunLength) return [];
  const size = lengths.length <= stretchChunks ? lengths.length : runLength;
  const runs: number[][] = [];
  for (let at = 0; at + size <= lengths.length; at++) runs.push(lengths.slice(at, at + size));
  return runs;
}

function includesRun(order: readonly number[], run: readonly number[]): boolean {
  for (let at = 0; at + run.length <= order.length; at++) {
    let i = 0;
    while (i < run.length && order[at + i] === run[i]) i++;
    if (i === run.length) return true;
  }
  return false;
}

function* sortedRuns(order: readonly number[]): Generator<number[]> {
  let run: number[] = [];
  for (const length of order) {
    if (length < (run.at(-1) ?? 0)) {
      yield run;
      run = [];
    }
    run.push(length);
  }
  if (run.length > 0) yield run;
}

function countEach(lengths: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const length of lengths) counts.set(length, (counts.get(length) ?? 0) + 1);
  return counts;
}

/** Whether some `size` neighbours hold as many of each length as is wanted. */
function isInWindow(
  order: readonly number[],
  wanted: ReadonlyMap<number, number>,
  size: number,
): boolean {
  const missing = new Map(wanted);
  let lacking = missing.size;
  const note = (length: number | undefined, change: number): void => {
    if (length === undefined) return;
    const before = missing.get(length);
    if (before === undefined) return;
    missing.set(length, before + change);
    if (before > 0 && before + change <= 0) lacking--;
    if (before <= 0 && before + change > 0) lacking++;
  };
  for (let at = 0; at < order.length; at++) {
    note(order[at], -1);
    if (at >= size) note(order[at - size], 1);
    if (lacking === 0) return true;
  }
  return false;
}

/** How likely at least `count` of `size` blocks are of a length that has `share` of all blocks. */
function atLeast(count: number, size: number, share: number): number {
  if (share <= 0) return 0;
  if (share >= 1) return 1;
  // By the terms from `count` on, the first in logarithms: it may be far too small otherwise.
  let term = 0;
  for (let i = 0; i < count; i++) term += Math.log((size - i) / (i + 1));
  term = Math.exp(term + count * Math.log(share) + (size - count) * Math.log(1 - share));
  let sum = 0;
  for (let i = count; i <= size; i++) {
    sum += term;
    term *= ((size - i) / (i + 1)) * (share / (1 - share));
    if (term < sum * 1e-9 && i > size * share) break;
  }
  return Math.min(1, sum);
}
