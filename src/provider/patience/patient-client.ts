import type { ClientRequestName, RequestOptions } from "../../node/rpc/client.ts";
import { CloudError, isCloudError, type Params, type Result } from "../../node/rpc/contract.ts";
import type { NodeClient } from "../link/node-client.ts";
import type { Need } from "./announced.ts";

/** What a {@link PatientClient} is told. */
export interface Patience {
  /** Whether the drive was open here and is locked now, and nobody has asked for it since. */
  readonly isShut: () => boolean;
  /**
   * Called when a request fails because the drive is locked, and told who needs it: whether it is
   * unlocked now, once that is known; `undefined` if nobody is being asked.
   */
  readonly unlocking: (need: Need) => Promise<boolean> | undefined;
  /** Why there are calls for a path: also other extensions read and write by themselves. */
  readonly need: (name: ClientRequestName, path: string) => Need;
}

/**
 * A client that waits while the person is being asked to unlock the drive: so a window that opens
 * on a locked drive shows it once the passphrase is typed, and no errors before.
 *
 * While the drive is shut, what nobody needs is refused without the node, which may have been stopped
 * on purpose: the rest of a call that had begun before would start it again.
 */
export class PatientClient implements NodeClient {
  readonly #node: NodeClient;
  readonly #patience: Patience;

  constructor(node: NodeClient, patience: Patience) {
    this.#node = node;
    this.#patience = patience;
  }

  async request<Name extends ClientRequestName>(
    name: Name,
    params: Params<Name>,
    options?: RequestOptions,
  ): Promise<Result<Name>> {
    if (this.#patience.isShut() && this.#need(name, params) === "look") {
      throw new CloudError("locked", "the drive is locked");
    }
    try {
      return await this.#node.request(name, params, options);
    } catch (error) {
      if (!isCloudError(error, "locked")) throw error;
      if ((await this.#patience.unlocking(this.#need(name, params))) !== true) throw error;
      return await this.#node.request(name, params, options);
    }
  }

  #need(name: ClientRequestName, params: object): Need {
    const { path, from, to } = params as Readonly<Record<string, unknown>>;
    const needs = [path, from, to].map((each) =>
      typeof each === "string" ? this.#patience.need(name, each) : "look",
    );
    if (needs.includes("work")) return "work";
    return needs.includes("auto-save") ? "auto-save" : "look";
  }
}
