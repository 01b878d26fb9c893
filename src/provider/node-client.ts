import type { Params, Progress, RequestName, Result } from "../node/rpc/contract.ts";

/** Options of one request. */
export interface RequestOptions {
  /** Withdraws the request; it then fails with the code `cancelled`. */
  readonly signal?: AbortSignal;
  /** Told how far a long request is. */
  readonly onProgress?: (progress: Progress) => void;
}

/** What the editor side needs of the local node: typed requests, and nothing of how they travel. */
export interface NodeClient {
  /** @throws CloudError, with the node's code and sentence. */
  request<Name extends RequestName>(
    name: Name,
    params: Params<Name>,
    options?: RequestOptions,
  ): Promise<Result<Name>>;
}
