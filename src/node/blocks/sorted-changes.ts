import { compareBytes } from "../core/bytes.ts";

/** What becomes of one key of a map. */
export interface MapChange {
  readonly key: Uint8Array;
  /** `undefined`: the key goes. */
  readonly value: Uint8Array | undefined;
}

/** Inserting moves at most so many pointers. */
const maxRun = 512;

/**
 * The changes of a map that are not sealed yet, one for each key, in the order of their keys: a list
 * of short sorted runs, so that hundreds of thousands of inserts in any order stay cheap.
 */
export class SortedChanges {
  /** None is empty; every key of a run is below those of the next. */
  #runs: MapChange[][] = [];

  get isEmpty(): boolean {
    return this.#runs.length === 0;
  }

  get(key: Uint8Array): MapChange | undefined {
    const run = this.#runs[this.#runOf(key)];
    if (run === undefined) return undefined;
    const found = run[firstNotBelow(run, key)];
    return found !== undefined && compareBytes(found.key, key) === 0 ? found : undefined;
  }

  /** Adds a change, in place of an earlier one of the same key. */
  set(change: MapChange): void {
    const at = this.#runOf(change.key);
    const run = this.#runs[at];
    if (run === undefined) {
      this.#runs.push([change]);
      return;
    }
    const last = run.at(-1) as MapChange;
    if (compareBytes(last.key, change.key) < 0) run.push(change);
    else {
      const index = firstNotBelow(run, change.key);
      const replaces = compareBytes((run[index] as MapChange).key, change.key) === 0;
      run.splice(index, replaces ? 1 : 0, change);
    }
    if (run.length > maxRun) this.#runs.splice(at + 1, 0, run.splice(maxRun / 2));
  }

  /** The changes from the first whose key is not below `key`. Nothing may be set meanwhile. */
  *from(key: Uint8Array): Generator<MapChange, undefined> {
    let at = this.#runOf(key);
    let index = firstNotBelow(this.#runs[at] ?? [], key);
    for (let run = this.#runs[at]; run !== undefined; run = this.#runs[++at]) {
      for (; index < run.length; index++) yield run[index] as MapChange;
      index = 0;
    }
  }

  /** All changes, in order. */
  all(): MapChange[] {
    return this.#runs.flat();
  }

  /** Index of the last run that begins at or below `key`; 0 if none does. */
  #runOf(key: Uint8Array): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const [first] = this.#runs[middle] as MapChange[];
      if (compareBytes((first as MapChange).key, key) <= 0) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}

function firstNotBelow(sorted: readonly MapChange[], key: Uint8Array): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareBytes((sorted[middle] as MapChange).key, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
