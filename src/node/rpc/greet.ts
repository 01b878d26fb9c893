import { randomBytes } from "node:crypto";
import { ResponseError } from "vscode-jsonrpc/node";
import { CloudError } from "../core/cloud-error.ts";
import { type ProtocolRefusal, protocolVersion, type Result } from "./contract.ts";
import { errorNumber } from "./error-data.ts";
import { parseParams } from "./params.ts";
import { clientProof, isProof, type Nonces, nodeProof, nonceBytes } from "./proof.ts";

/** What a client is admitted to: everything, or only to stopping the node. */
export type Admission =
  | { readonly to: "all" }
  | { readonly to: "stop"; readonly refusal: ResponseError<ProtocolRefusal> };

/** The node's side of the first two requests of one connection. */
export interface Greeting {
  /**
   * Proves to whoever came that this is the node.
   * @throws usage, for other parameters than a nonce of 32 bytes, and at the second time.
   */
  challenge(params: unknown): Result<"challenge">;
  /**
   * Judges who came.
   * @throws usage, before `challenge` or for other parameters; unavailable, for a proof that was
   * made with another token or for another connection.
   */
  admit(params: unknown): Admission;
}

/** @param token - of the node, 32 bytes. */
export function openGreeting({
  token,
  build,
}: {
  readonly token: Uint8Array;
  readonly build: string;
}): Greeting {
  let nonces: Nonces | undefined;
  return {
    challenge: (params) => {
      const { nonce } = parseParams("challenge", params);
      if (nonce.length !== nonceBytes || nonces !== undefined) {
        throw new CloudError("usage", "the first request expected a nonce of 32 bytes, once");
      }
      nonces = { client: nonce, node: new Uint8Array(randomBytes(nonceBytes)) };
      return { nonce: nonces.node, proof: nodeProof(token, nonces) };
    },
    admit: (params) => {
      const { protocol, proof } = parseParams("initialize", params);
      if (nonces === undefined) throw new CloudError("usage", "the first request is challenge");
      if (!isProof(proof, clientProof(token, nonces))) {
        throw new CloudError("unavailable", "the token is not the one of this local node");
      }
      return protocol === protocolVersion ? { to: "all" } : refusalOf(protocol, build);
    },
  };
}

function refusalOf(protocol: number, build: string): Admission {
  const refusal: ProtocolRefusal = {
    code: "newer",
    message: `the local node speaks protocol ${protocolVersion.toString()} and was asked for ${protocol.toString()}: update the older of the two programs`,
    protocol: protocolVersion,
    build,
  };
  return { to: "stop", refusal: new ResponseError(errorNumber, refusal.message, refusal) };
}
