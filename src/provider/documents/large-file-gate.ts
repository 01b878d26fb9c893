const answeredWithinMs = 120_000;

/**
 * Refuses a very large file the first time it is read.
 *
 * The editor reads a file while it still asks for its size, so the whole of it would cross before
 * the editor shows that it is very large. Refused at once, it shows the same page at once, and its
 * "Open Anyway" reads again: within two minutes that is served. A file that is shown then is loaded
 * again without a question, until its editor is closed.
 */
export class LargeFileGate {
  readonly #refusedAt = new Map<string, number>();
  readonly #shown = new Set<string>();
  readonly #now: () => number;

  /** @param now - milliseconds from any start. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Whether a file of `size` bytes may be read now; beyond `limit` that takes two calls. */
  opens(path: string, size: number, limit: number): boolean {
    if (size <= limit || this.#shown.has(path)) return true;
    const now = this.#now();
    for (const [other, at] of this.#refusedAt)
      if (now - at > answeredWithinMs) this.#refusedAt.delete(other);
    if (this.#refusedAt.delete(path)) return true;
    this.#refusedAt.set(path, now);
    return false;
  }

  /** An editor that is open was given the file. */
  shown(path: string): void {
    this.#shown.add(path);
  }

  /** No editor shows the file any more. */
  closed(path: string): void {
    this.#shown.delete(path);
  }
}
