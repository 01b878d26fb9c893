/** A save shorter than this is not worth a flicker. */
const defaultPatienceMs = 300;

/** Tells how many saves take long enough for somebody to wonder. */
export class SlowSaves {
  readonly #onChange: (underway: number) => void;
  readonly #patienceMs: number;
  #underway = 0;

  /** @param onChange - told the number each time that it changes. */
  constructor(onChange: (underway: number) => void, patienceMs = defaultPatienceMs) {
    this.#onChange = onChange;
    this.#patienceMs = patienceMs;
  }

  /** Runs a save, and counts it once it takes long. */
  async during<T>(save: () => Promise<T>): Promise<T> {
    const wait = { told: false };
    const timer = setTimeout(() => {
      wait.told = true;
      this.#onChange(++this.#underway);
    }, this.#patienceMs);
    try {
      return await save();
    } finally {
      clearTimeout(timer);
      if (wait.told) this.#onChange(--this.#underway);
    }
  }
}
