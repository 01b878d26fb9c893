import type { CloudError } from "../core/cloud-error.ts";
import { requestNames } from "./contract.ts";
import type { Handlers } from "./handlers.ts";

/** Handlers that answer every request with one error: the ground on which some others are laid. */
export function refuseAll(error: CloudError): Handlers {
  const refuse = (): Promise<never> => Promise.reject(error);
  return Object.fromEntries(requestNames.map((name) => [name, refuse])) as unknown as Handlers;
}
