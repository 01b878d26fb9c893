import type { ClientRequestName, RequestOptions } from "../../node/rpc/client.ts";
import type { Params, Result } from "../../node/rpc/contract.ts";

/** What the editor side needs of the local node: typed requests, and nothing of how they travel. */
export interface NodeClient {
  /** @throws CloudError, with the node's code and sentence. */
  request<Name extends ClientRequestName>(
    name: Name,
    params: Params<Name>,
    options?: RequestOptions,
  ): Promise<Result<Name>>;
}
