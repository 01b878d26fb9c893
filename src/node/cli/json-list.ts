import type { Output } from "./output.ts";

/** Writes one JSON list as its items come, so that nobody has to hold all of them. */
export class JsonList {
  readonly #output: Output;
  #isBegun = false;

  constructor(output: Output) {
    this.#output = output;
  }

  async add(items: readonly unknown[]): Promise<void> {
    const text = items.map((item) => JSON.stringify(item)).join(",");
    if (text !== "") await this.#output.write(`${this.#isBegun ? "," : "["}${text}`);
    this.#isBegun ||= text !== "";
  }

  async end(): Promise<void> {
    await this.#output.write(this.#isBegun ? "]\n" : "[]\n");
  }
}
