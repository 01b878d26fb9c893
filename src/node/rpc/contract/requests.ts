import type { InferOutput, StrictObjectSchema } from "valibot";
import { accountRequests } from "./account.ts";
import { fileRequests } from "./files.ts";
import { folderRequests } from "./folders.ts";
import { historyRequests } from "./history.ts";
import { nodeRequests } from "./node.ts";
import type { Entries, Marks, RequestSpec } from "./request-spec.ts";
import { searchRequests } from "./search.ts";
import { upkeepRequests } from "./upkeep.ts";

/**
 * Every request, by name: what it takes, what it answers and what else there is to know of it.
 * Bytes are `Uint8Array` on both sides. A request fails with a `CloudError`; long ones report
 * progress and can be cancelled.
 */
const requests = {
  ...nodeRequests,
  ...accountRequests,
  ...fileRequests,
  ...folderRequests,
  ...historyRequests,
  ...searchRequests,
  ...upkeepRequests,
} as const;

type Requests = typeof requests;

export type RequestName = keyof Requests;

type ParamsOf<Named extends Entries> = [keyof Named] extends [never]
  ? Record<string, never>
  : InferOutput<StrictObjectSchema<Named, undefined>>;

/** What a request takes, by name of the parameter. */
export type Params<Name extends RequestName> = ParamsOf<ReturnType<Requests[Name]["params"]>>;

/** What a request answers. */
export type Result<Name extends RequestName> = ReturnType<Requests[Name]["answers"]>;

/** How an account is opened: a passphrase, or the 32-byte key that the editor holds. */
export type UnlockSecret = Params<"unlock">["secret"];

/** Every request of the contract. */
export const requestNames = Object.keys(requests) as readonly RequestName[];

/** Whether the contract has a request of this name. */
export function isRequestName(name: string): name is RequestName {
  return Object.hasOwn(requests, name);
}

/** The line of the table that says what a request takes. */
export function specOf(name: RequestName): RequestSpec {
  return requests[name];
}

/** What a request is to those who send it, serve it and stop it. */
export function marksOf(name: RequestName): Marks {
  return specOf(name);
}
