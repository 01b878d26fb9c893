import { timingSafeEqual } from "node:crypto";
import { ResponseError } from "vscode-jsonrpc/node";
import { CloudError } from "../core/cloud-error.ts";
import { type ProtocolRefusal, protocolVersion } from "./contract.ts";
import { errorNumber } from "./error-data.ts";
import { parseParams } from "./params.ts";

/** What a client is admitted to: everything, or only to stopping the node. */
export type Admission =
  | { readonly to: "all" }
  | { readonly to: "stop"; readonly refusal: ResponseError<ProtocolRefusal> };

/**
 * Judges the first request of a connection.
 * @param method - has to be `initialize`.
 * @param token - of the node, 32 bytes; compared in constant time.
 * @throws usage, for another request or other parameters; unavailable, for another token.
 */
export function greet(
  method: string,
  params: unknown,
  { token, build }: { readonly token: Uint8Array; readonly build: string },
): Admission {
  if (method !== "initialize") {
    throw new CloudError("usage", "the first request has to be initialize");
  }
  const { protocol, token: shown } = parseParams(method, params);
  if (shown.length !== token.length || !timingSafeEqual(shown, token)) {
    throw new CloudError("unavailable", "the token is not the one of this local node");
  }
  if (protocol === protocolVersion) return { to: "all" };
  const refusal: ProtocolRefusal = {
    code: "newer",
    message: `the local node speaks protocol ${protocolVersion.toString()} and was asked for ${protocol.toString()}: update the older of the two programs`,
    protocol: protocolVersion,
    build,
  };
  return { to: "stop", refusal: new ResponseError(errorNumber, refusal.message, refusal) };
}
