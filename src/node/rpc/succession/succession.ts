import type { Log } from "../../platform/log.ts";
import { type Successor, startSuccessor } from "../../platform/successor.ts";
import { type Endpoint, processOf, writeEndpoint } from "../endpoint.ts";
import { encodeHandedOver } from "./hand-over.ts";

/**
 * How the process of a node gives way to another one.
 *
 * 1. Once it has begun this process ends, whether or not another comes.
 * 2. The endpoint names who comes before this process stops answering, so that clients wait for it and
 *    start none.
 */
export class Succession {
  readonly #home: string;
  readonly #endpoint: Endpoint;
  readonly #log: Log;
  #isBegun = false;
  #preparing = 0;
  #successor: Successor | undefined;

  /** @param endpoint - of this process. */
  constructor(home: string, endpoint: Endpoint, log: Log) {
    this.#home = home;
    this.#endpoint = endpoint;
    this.#log = log;
  }

  get isBegun(): boolean {
    return this.#isBegun;
  }

  /** Whether another process goes on. */
  get hasHeir(): boolean {
    return this.#successor !== undefined;
  }

  /** Starts the process that is to go on. */
  begin(): void {
    this.#isBegun = true;
    const successor = startSuccessor();
    if (successor === undefined) {
      this.#log.warn("no-successor");
      return;
    }
    try {
      const named = processOf(successor.pid);
      writeEndpoint(this.#home, { ...this.#endpoint, successor: named });
      this.#successor = successor;
    } catch (error) {
      this.#log.error("no-successor", error);
      successor.end();
    }
  }

  /** Runs what has to be done before. @returns whether nothing else of that kind is left */
  async prepare(work: () => Promise<void>): Promise<boolean> {
    this.#preparing += 1;
    await work().catch((error: unknown) => {
      this.#log.error("prepare-failed", error);
    });
    this.#preparing -= 1;
    return this.#preparing === 0;
  }

  /** Nobody is to go on. */
  withdraw(): void {
    this.#successor?.end();
    this.#successor = undefined;
  }

  /** Hands over what is gone on with; it is wiped here. @param parts - of `NodeParts.bequest` */
  async give(parts: Uint8Array): Promise<void> {
    const message = encodeHandedOver({ token: this.#endpoint.token, parts });
    await this.#successor?.give(message);
    for (const secret of [message, parts]) secret.fill(0);
  }
}
