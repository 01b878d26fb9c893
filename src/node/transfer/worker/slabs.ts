/** Larger than any sealed block. */
const slabBytes = 1024 * 1024;
/** Those that nobody uses. */
const free: Uint8Array[] = [];

/**
 * Memory for sealed blocks that is used again. Arrays that come and go by the hundreds of MB are
 * collected late, and what the C library keeps of them it keeps for long.
 */
export class Slabs {
  readonly #taken: Uint8Array[] = [];
  #filled = slabBytes;

  /** A view of `length` bytes, of any content, that nobody else gets before {@link release}. */
  take(length: number): Uint8Array {
    if (length > slabBytes) return new Uint8Array(length);
    if (this.#filled + length > slabBytes) {
      this.#taken.push(free.pop() ?? new Uint8Array(slabBytes));
      this.#filled = 0;
    }
    const slab = this.#taken.at(-1) as Uint8Array;
    const view = slab.subarray(this.#filled, this.#filled + length);
    this.#filled += length;
    return view;
  }

  /** Gives all of it back: nobody may look at the views any more. */
  release(): void {
    free.push(...this.#taken.splice(0));
    this.#filled = slabBytes;
  }
}
