const chunkBits = 4096;

/**
 * A set of row ids (integers from 0 to 2^53 - 1) as bits in chunks of 512 bytes: ids given out one
 * after the other cost a bit each.
 */
export class RowSet {
  readonly #chunks = new Map<number, Uint32Array>();

  /** @returns whether `row` was not in the set before. */
  add(row: number): boolean {
    const chunk = this.#chunk(Math.floor(row / chunkBits));
    const bit = row % chunkBits;
    const word = chunk[bit >>> 5] as number;
    const mask = 1 << (bit & 31);
    if ((word & mask) !== 0) return false;
    chunk[bit >>> 5] = word | mask;
    return true;
  }

  has(row: number): boolean {
    const chunk = this.#chunks.get(Math.floor(row / chunkBits));
    if (chunk === undefined) return false;
    const bit = row % chunkBits;
    return ((chunk[bit >>> 5] as number) & (1 << (bit & 31))) !== 0;
  }

  /** Adds every row of `other`. */
  addAll(other: RowSet): void {
    for (const [number, from] of other.#chunks) {
      const to = this.#chunk(number);
      for (let i = 0; i < to.length; i++) to[i] = (to[i] as number) | (from[i] as number);
    }
  }

  #chunk(number: number): Uint32Array {
    let chunk = this.#chunks.get(number);
    if (chunk === undefined) {
      chunk = new Uint32Array(chunkBits / 32);
      this.#chunks.set(number, chunk);
    }
    return chunk;
  }
}
