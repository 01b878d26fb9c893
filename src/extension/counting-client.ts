import type { ClientRequestName, RequestOptions } from "../node/rpc/client.ts";
import { marksOf, type Params, type Result } from "../node/rpc/contract.ts";
import type { NodeClient } from "../provider/node-client.ts";

/** A save shorter than this is not worth a flicker. */
const patienceMs = 300;

/** A client that tells how many saves take long enough for somebody to wonder. */
export class CountingClient implements NodeClient {
  readonly #node: NodeClient;
  readonly #onWrites: (underway: number) => void;
  #underway = 0;

  constructor(node: NodeClient, onWrites: (underway: number) => void) {
    this.#node = node;
    this.#onWrites = onWrites;
  }

  async request<Name extends ClientRequestName>(
    name: Name,
    params: Params<Name>,
    options?: RequestOptions,
  ): Promise<Result<Name>> {
    if (marksOf(name).saves !== true) return this.#node.request(name, params, options);
    const wait = { told: false };
    const timer = setTimeout(() => {
      wait.told = true;
      this.#onWrites(++this.#underway);
    }, patienceMs);
    try {
      return await this.#node.request(name, params, options);
    } finally {
      clearTimeout(timer);
      if (wait.told) this.#onWrites(--this.#underway);
    }
  }
}
