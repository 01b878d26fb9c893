/** What was selected to be compared with something else, for as long as the drive is open. */
export class Selection<Item> {
  readonly #tell: (isThere: boolean) => void;
  #item: Item | undefined;

  /** @param tell - learns whether anything is selected, when that may have changed. */
  constructor(tell: (isThere: boolean) => void) {
    this.#tell = tell;
  }

  get item(): Item | undefined {
    return this.#item;
  }

  select(item: Item): void {
    this.#item = item;
    this.#tell(true);
  }

  /** A lock leaves nothing of the drive in memory. */
  forget(): void {
    this.#item = undefined;
    this.#tell(false);
  }
}
