import type { CloudErrorCode } from "../../core/cloud-error.ts";

/** Rises with every change of the contract that an older side would not understand. */
export const protocolVersion = 1;

/**
 * The last notification of a node's process that another one takes the place of: every request that it
 * began is answered, and what has no answer is to be asked of that one.
 */
export const succeededMessage = "succeeded";

/** What travels as the `data` of an error response. */
export interface ErrorData {
  readonly code: CloudErrorCode;
  readonly message: string;
  /** The node is stopping and has not begun the request: ask again, of the next node. */
  readonly again?: true;
}

/**
 * The `data` of the error that answers `initialize` with another protocol. This much of the
 * contract never changes: frames, JSON-RPC, `initialize`, its refusal, and `stop`, which a refused
 * program with the right token may still send, so that a newer one can replace an older node.
 */
export interface ProtocolRefusal extends ErrorData {
  readonly code: "newer";
  /** Of the node. */
  readonly protocol: number;
  /** Of the node. */
  readonly build: string;
}
