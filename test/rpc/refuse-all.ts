import type { CloudError } from "../../src/node/core/cloud-error.ts";
import { requestNames } from "../../src/node/rpc/contract.ts";
import type { AnyHandler, Handlers } from "../../src/node/rpc/handlers.ts";

/** Handlers that answer every request with one error: the ground on which some others are laid. */
export function refuseAll(error: CloudError): Handlers {
  const refuse: AnyHandler = () => Promise.reject(error);
  return Object.fromEntries(requestNames.map((name) => [name, refuse])) as Handlers;
}
