import type { ClientRequestName, RequestOptions } from "../node/rpc/client.ts";
import { isCloudError, type Params, type Result } from "../node/rpc/contract.ts";
import type { NodeClient } from "./node-client.ts";

/**
 * A client that waits while the person is being asked to unlock the drive: so a window that opens
 * on a locked drive shows it once the passphrase is typed, and no errors before.
 */
export class PatientClient implements NodeClient {
  readonly #node: NodeClient;
  readonly #unlocking: () => Promise<boolean> | undefined;

  /**
   * @param unlocking - called when a request fails because the drive is locked: whether it is
   * unlocked now, once that is known; `undefined` if nobody is being asked.
   */
  constructor(node: NodeClient, unlocking: () => Promise<boolean> | undefined) {
    this.#node = node;
    this.#unlocking = unlocking;
  }

  async request<Name extends ClientRequestName>(
    name: Name,
    params: Params<Name>,
    options?: RequestOptions,
  ): Promise<Result<Name>> {
    try {
      return await this.#node.request(name, params, options);
    } catch (error) {
      if (!isCloudError(error, "locked") || (await this.#unlocking()) !== true) throw error;
      return await this.#node.request(name, params, options);
    }
  }
}
